import { list, withDescription, object, oneOf, optional, orNull } from '#lifecycle/fields';
import { IMPORT_OUTCOMES } from '#use-cases/register-files/plan-import';
import { always, count, hash, position, text, version } from './answer-fields.ts';
import { PROBLEM_CODES } from '#use-cases/problems';
import { anomalyCodes } from '#register-format/anomalies';
import * as recorded from '#state-machines/capabilities/register-imports';

const anomaly = object({ ...recorded.anomaly, code: oneOf<string>(anomalyCodes.map(({ code }) => code)) });
const moreAnomalies = optional(
  withDescription(version, 'The number of further anomalies; absent if all are listed.'),
);
const differences = withDescription(
  list(object(recorded.difference)),
  'For a record in use: what the import states and the record does not. Nothing was imported.',
);

const digest = withDescription(
  hash,
  'The SHA-256 of the file. Send it as `digest` to import exactly this file.',
);

/** The schemas of imports' responses. */
export const IMPORT_ANSWERS = {
  Imported: object({
    dryRun: optional(withDescription(always, 'Present for a dry run: nothing was imported.')),
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
    dryRun: optional(withDescription(always, 'Present for a dry run: nothing was imported.')),
    records: withDescription(
      list(
        object({
          line: withDescription(version, 'The line where the record begins in the file.'),
          title: text,
          id: text,
          outcome: oneOf([...IMPORT_OUTCOMES, 'refused']),
          code: optional(
            withDescription(oneOf<string>(PROBLEM_CODES), 'The code of the problem that refused the record.'),
          ),
          detail: optional(withDescription(text, 'Why the record was refused.')),
          version: optional(version),
          position: optional(orNull(position)),
          events: optional(count),
          anomalies: withDescription(
            list(anomaly),
            'The anomalies in the record, with line numbers of the whole file.',
          ),
          moreAnomalies,
          differences: optional(differences),
        }),
      ),
      'The results of the records, in the order of the file. Each record was imported completely or not at all.',
    ),
    digest,
  }),
};
