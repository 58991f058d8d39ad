import { IMPORT_OUTCOMES } from '#use-cases/register/plan-import';
import { PROBLEM_CODES } from './problems.ts';
import {
  always,
  choice,
  count,
  hash,
  list,
  moreAnomalies,
  object,
  orNull,
  position,
  text,
  told,
  version,
} from './schema-forms.ts';
import { anomaly, difference } from './shape-schemas.ts';

const differences = told(
  list(difference),
  'Only of a record that people here have worked on: what the file says otherwise, which changed nothing.',
);

const digest = told(hash, 'The SHA-256 of the file: `digest` imports only this one.');

/** What an import answers. */
export const IMPORT_ANSWERS = {
  Imported: object(
    {
      dryRun: told(always, 'Nothing was done: the rest says what would be.'),
      id: text,
      outcome: choice(IMPORT_OUTCOMES),
      version,
      position: orNull(position),
      events: count,
      anomalies: list(anomaly),
      moreAnomalies,
      differences,
      digest,
    },
    ['dryRun', 'moreAnomalies', 'differences'],
  ),
  ImportedFile: object(
    {
      dryRun: told(always, 'Nothing was done: the rest says what would be.'),
      records: told(
        list(
          object(
            {
              line: told(version, 'Where the record begins in the file.'),
              title: text,
              id: text,
              outcome: choice([...IMPORT_OUTCOMES, 'refused']),
              code: told(choice<string>([...PROBLEM_CODES]), 'Which problem the record was refused with.'),
              detail: told(text, 'Why it was refused.'),
              version,
              position: orNull(position),
              events: count,
              anomalies: told(list(anomaly), 'By the lines of the file.'),
              moreAnomalies,
              differences,
            },
            ['differences', 'code', 'detail', 'version', 'position', 'events', 'moreAnomalies'],
          ),
        ),
        'In the order of the file. Each was taken whole or not at all.',
      ),
      digest,
    },
    ['dryRun'],
  ),
};
