import type { RecordKind } from '#lifecycle/kind';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { kinds } from '#state-machines/record-streams';
import { ProblemError } from '../problems.ts';

const OF_ANY_KIND = ['json', 'csv', 'cloudevents'] as const;

/** The formats of record files. */
export type ExportFormat = (typeof OF_ANY_KIND)[number] | 'register';

/** Reports whether records of a kind have the register's format. */
const isOfRegister = ({ name }: RecordKind): boolean => name === recommendation.name;

/** Whether this build has a kind of record that can be imported and exported in the register's format. */
export const HAS_REGISTER = kinds.all.some(isOfRegister);

/** The roles that may import register records. */
export const IMPORTS: readonly string[] = ['inspector', 'administrator'];

/** The formats in which this build can export records. */
export const EXPORT_FORMATS: readonly ExportFormat[] = HAS_REGISTER
  ? ['register', ...OF_ANY_KIND]
  : OF_ANY_KIND;

/**
 * Returns the format of a record's file: the requested one. By default, it is the register's if the record's kind has it, otherwise JSON.
 * @throws ProblemError `invalid-parameter` for the register's format of a different kind.
 */
export function formatFor(kind: RecordKind, requested: ExportFormat | undefined): ExportFormat {
  if (requested === 'register' && !isOfRegister(kind))
    throw new ProblemError(
      'invalid-parameter',
      `The register's format does not support ${kind.noun.plural}; use ${OF_ANY_KIND.join(', ').replace(/,(?=[^,]*$)/, ' or')}`,
    );
  return requested ?? (isOfRegister(kind) ? 'register' : 'json');
}
