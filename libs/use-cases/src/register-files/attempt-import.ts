import { IMPORTS } from './export-formats.ts';
import type { Viewer } from '#state-machines/access';
import { callOf, requireRole } from '../call-context.ts';
import type { CommandContext } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import { importRecords } from './import-file.ts';
import type { RecordOutcome, RecordPart, RegisterFile } from './import-file.ts';
import { importRecord, refuseCall } from './import-record.ts';
import type { ImportOutcome } from './import-record.ts';
import type { ImportCall } from './plan-import.ts';
import { recommendationOf } from '#state-machines/inspection-recommendation/kind';

export type BroughtRecord = Pick<ImportCall, 'source' | 'at' | 'id' | 'recipient' | 'dryRun'>;

/** A submitted file. Its options apply to each of its records. */
interface BroughtFile extends Omit<BroughtRecord, 'at' | 'source'>, RegisterFile {
  /** The digest of the previewed file; null if there was no preview. */
  readonly previewed: string | null;
}

/** The outcome for each record of a file, imported or previewed. The digest identifies the file. */
export type FileOutcome = Pick<RegisterFile, 'digest'> & { readonly records: readonly RecordOutcome[] };

/** The outcome for a file with one record. */
export type OnlyOutcome = Pick<RegisterFile, 'digest'> & ImportOutcome;

/**
 * Imports a register record. A dry run only reports what would happen: it records no attempt and changes nothing.
 * @throws CommandRefusedError as `importRecord` does, after recording it unless it is a dry run.
 */
export function attemptImport(
  access: RecordsAccess,
  context: CommandContext,
  record: BroughtRecord,
): Promise<ImportOutcome> {
  const call = { ...callOf(context), ...record };
  return attempting(access, context, record, () => importRecord(access.store, access.lifecycles, call));
}

/**
 * Imports a register's file: one record as `attemptImport` does, or several, each with its own outcome.
 * @param contextOf returns the context of each record's own command.
 * @throws ProblemError `file-differs`, or `invalid-parameter` for an id with several records.
 * @throws CommandRefusedError for a refusal that applies to all of several records.
 */
export async function attemptFile(
  access: RecordsAccess,
  contextOf: (index: number) => CommandContext,
  { parts, digest, previewed, ...file }: BroughtFile,
): Promise<OnlyOutcome | FileOutcome> {
  refuseOtherFile(digest, previewed);
  const bring = (part: RecordPart, index: number) =>
    attemptImport(access, contextOf(index), { ...file, ...part });
  const [first] = parts;
  if (first !== undefined && parts.length === 1) return { ...(await bring(first, 0)), digest };
  refuseOneId(file.id, parts.length);
  const context = contextOf(0);
  await attempting(access, context, file, () => {
    refuseCall({ ...callOf(context), ...file });
    return Promise.resolve();
  });
  return { records: await Array.fromAsync(importRecords({ parts }, bring)), digest };
}

const attempting = <Result>(
  access: Pick<RecordsAccess, 'attempt'>,
  context: CommandContext,
  { dryRun, id }: Pick<BroughtRecord, 'dryRun' | 'id'>,
  carryOut: () => Promise<Result>,
): Promise<Result> =>
  dryRun
    ? carryOut()
    : access.attempt(
        { ...callOf(context), command: 'import', record: id === null ? null : recommendationOf(id) },
        carryOut,
      );

function refuseOtherFile(digest: string, previewed: string | null): void {
  if (previewed === null || previewed === digest) return;
  const detail = `The file differs from the previewed one, whose SHA-256 is ${previewed}. Nothing was imported. Preview this file first`;
  throw new ProblemError('file-differs', detail);
}

function refuseOneId(id: string | null, records: number): void {
  if (id === null) return;
  throw new ProblemError('invalid-parameter', `id is for a single record, but the file has ${records}`);
}

/** Throws, before the file is read, if the viewer cannot import. @throws ProblemError `role-not-permitted` */
export const requireImporter = (viewer: Viewer): void => {
  requireRole(viewer, IMPORTS);
};
