import type { RecordKind } from '#lifecycle/kind';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { kinds } from '#state-machines/record-streams';
import { ProblemError } from '../problems.ts';

const OF_ANY_KIND = ['json', 'csv', 'cloudevents'] as const;

/** The formats of files of records. */
export type ExportFormat = (typeof OF_ANY_KIND)[number] | 'register';

/** Whether records of a kind have the register's format. */
const isOfRegister = ({ name }: RecordKind): boolean => name === recommendation.name;

/** Whether this build has records that a register can have: these are imported and exported in its format. */
export const HAS_REGISTER = kinds.all.some(isOfRegister);

/** Who imports records of a register. */
export const IMPORTS: readonly string[] = ['inspector', 'administrator'];
/** Who corrects by an import what another one brought. */
export const CORRECTS: readonly string[] = ['inspector'];

/** Those that records of this build can have. */
export const EXPORT_FORMATS: readonly ExportFormat[] = HAS_REGISTER
  ? ['register', ...OF_ANY_KIND]
  : OF_ANY_KIND;

/**
 * The format of a file of a record: the one asked for, else the register's where its kind has that, else JSON.
 * @throws ProblemError `invalid-parameter` for the register's format of records that no register has.
 */
export function formatFor(kind: RecordKind, asked: ExportFormat | undefined): ExportFormat {
  if (asked === 'register' && !isOfRegister(kind))
    throw new ProblemError(
      'invalid-parameter',
      `The register's format has no ${kind.noun.plural}; ask for ${OF_ANY_KIND.join(', ').replace(/,(?=[^,]*$)/, ' or')}`,
    );
  return asked ?? (isOfRegister(kind) ? 'register' : 'json');
}
