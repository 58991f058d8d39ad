import { list, meaning, object, oneOf, optional, orNull } from '#lifecycle/fields';
import { IMPORT_OUTCOMES } from '#use-cases/register-files/plan-import';
import { always, count, hash, position, text, version } from './answer-fields.ts';
import { PROBLEM_CODES } from './problems.ts';
import { anomalyCodes } from '#register-format/anomalies';
import * as recorded from '#state-machines/capabilities/register-imports';

const anomaly = object({ ...recorded.anomaly, code: oneOf<string>(anomalyCodes.map(({ code }) => code)) });
const moreAnomalies = optional(meaning(version, 'How many more there were; absent where those are all.'));
const differences = meaning(
  list(object(recorded.difference)),
  'Only of a record that people here have worked on: what the file says otherwise, which changed nothing.',
);

const digest = meaning(hash, 'The SHA-256 of the file: `digest` imports only this one.');

/** The schemas of imports' responses. */
export const IMPORT_ANSWERS = {
  Imported: object({
    dryRun: optional(meaning(always, 'Nothing was done: the rest says what would be.')),
    id: text,
    outcome: oneOf(IMPORT_OUTCOMES),
    version,
    position: orNull(position),
    events: count,
    anomalies: list(anomaly),
    moreAnomalies,
    differences: optional(differences),
    digest,
  }),
  ImportedFile: object({
    dryRun: optional(meaning(always, 'Nothing was done: the rest says what would be.')),
    records: meaning(
      list(
        object({
          line: meaning(version, 'Where the record begins in the file.'),
          title: text,
          id: text,
          outcome: oneOf([...IMPORT_OUTCOMES, 'refused']),
          code: optional(meaning(oneOf<string>(PROBLEM_CODES), 'Which problem the record was refused with.')),
          detail: optional(meaning(text, 'Why it was refused.')),
          version: optional(version),
          position: optional(orNull(position)),
          events: optional(count),
          anomalies: meaning(list(anomaly), 'By the lines of the file.'),
          moreAnomalies,
          differences: optional(differences),
        }),
      ),
      'In the order of the file. Each was taken whole or not at all.',
    ),
    digest,
  }),
};
