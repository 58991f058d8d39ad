import { CORRECTS, IMPORTS } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { callOf, requireRole } from '../asked.ts';
import type { Asked } from '../asked.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { importRecord } from './import-record.ts';
import type { ImportOutcome } from './import-record.ts';
import type { ImportCall } from './plan-import.ts';

/** A file as it is brought. */
export type BroughtFile = Pick<ImportCall, 'source' | 'id' | 'recipient' | 'anyway' | 'corrects' | 'dryRun'>;

/**
 * Brings a register record in. A dry run says what would happen: it is no attempt, and changes nothing.
 * @throws CommandRefusedError as `importRecord` does, on record by then unless it was a dry run.
 */
export function attemptImport(
  access: Pick<RecordsAccess, 'store' | 'lifecycles' | 'attempt'>,
  asked: Asked,
  file: BroughtFile,
): Promise<ImportOutcome> {
  const call = { ...callOf(asked), ...file };
  const bring = () => importRecord(access.store, access.lifecycles, call);
  return file.dryRun ? bring() : access.attempt({ ...call, command: 'import', record: file.id }, bring);
}

/** @throws ProblemError `role-not-permitted` for whoever cannot import: they are not asked what. */
export const requireImporter = (viewer: Viewer): void => {
  requireRole(viewer, [...IMPORTS, ...CORRECTS]);
};
