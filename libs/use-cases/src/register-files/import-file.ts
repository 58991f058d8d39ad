import { createHash, hash } from 'node:crypto';
import { StoreIncapableError } from '#event-sourcing/errors';
import { nextTurn } from '#event-sourcing/event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Position } from '#register-format/anomalies';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { placeInFile, sliceRegisterFile } from '#register-format/slice-register-file';
import type { RecordSlice } from '#register-format/slice-register-file';
import { trimWhiteSpace } from '#register-format/white-space';
import { ProblemError } from '../problems.ts';
import { RECORD_BYTES_MAX, recordIdFor } from './import-record.ts';
import type { ImportOutcome } from './import-record.ts';

/** The maximum size of an imported file, in bytes, and its maximum number of records. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
export const FILE_RECORDS_MAX = 10_000;

/** The number of anomalies listed for all records; further ones are only counted, to limit the response's size. */
const ANOMALIES_LISTED = 10_000;

/** A register's file, split into records but not yet compared. */
export interface RegisterFile {
  /** The records in file order. Concatenated, they are the file. */
  readonly parts: readonly RecordPart[];
  /** The SHA-256 of the whole file, which links the preview and the import. */
  readonly digest: string;
}

/** One record of a file. */
export interface RecordPart extends Pick<RecordSlice, 'at'> {
  readonly source: Uint8Array;
}

/** The outcome for one record of a file, imported or previewed. Lines and columns are those of the file. */
export type RecordOutcome = { readonly line: number; readonly title: string } & (
  | ImportOutcome
  | (Pick<ImportOutcome, 'id' | 'anomalies'> & {
      readonly outcome: 'refused';
      /** The refusal's code, as for a file with one record. */
      readonly code: string;
      readonly detail: string;
    })
);

/** The number of bytes hashed in one turn. */
const BYTES_AT_ONCE = 1024 * 1024;

async function digestOf(file: Uint8Array): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < file.length; at += BYTES_AT_ONCE) {
    if (at > 0) await nextTurn();
    digest.update(file.subarray(at, at + BYTES_AT_ONCE));
  }
  return digest.digest('hex');
}

/** Splits a file into its records. Yields to other work in between. @throws ProblemError `file-too-large` or `too-many-records`. */
export async function divideFile(file: Uint8Array): Promise<RegisterFile> {
  if (file.length > FILE_BYTES_MAX) throw fileTooLarge();
  return { parts: await partsOf(file), digest: await digestOf(file) };
}

async function partsOf(file: Uint8Array): Promise<readonly RecordPart[]> {
  const slicing = sliceRegisterFile(file, FILE_RECORDS_MAX);
  let step = slicing.next();
  for (; step.done !== true; step = slicing.next()) await nextTurn();
  if (step.value.length > FILE_RECORDS_MAX) {
    const detail = `The file has more than ${FILE_RECORDS_MAX} records, the limit for one file; split it`;
    throw new ProblemError('too-many-records', detail);
  }
  return step.value.map(({ start, end, at }) => ({ source: file.subarray(start, end), at }));
}

const fileTooLarge = (): ProblemError =>
  new ProblemError(
    'file-too-large',
    `The file has more than ${FILE_BYTES_MAX} bytes, the limit for one file; split it`,
  );

/**
 * Imports the records of a file one by one, each completely or not at all, and yields their outcomes. Lets other work run in between.
 * @param id the id of a single record; null if each record has its own id or gets a derived one.
 * @throws CommandRefusedError `idempotency-key-reused`, for the whole file.
 */
export async function* importRecords(
  { parts }: Pick<RegisterFile, 'parts'>,
  bring: (part: RecordPart, index: number) => Promise<ImportOutcome>,
  id: string | null = null,
): AsyncGenerator<RecordOutcome> {
  const earlier = new Map<string, Earlier>();
  let listed = 0;
  for (const [index, part] of parts.entries()) {
    await nextTurn();
    // The beginning names a record that is too large to import.
    const record = parseRegisterRecord(part.source.subarray(0, RECORD_BYTES_MAX));
    const named = { line: part.at.line, title: record.title, id: recordIdFor(record, id) };
    const before = earlier.get(named.id);
    const digest = textDigest(part.source);
    const result =
      before === undefined
        ? await outcomeOf(named, part, () => bring(part, index))
        : repetition(named, digest, before);
    if (before === undefined) earlier.set(named.id, { digest, result });
    const anomalies = result.anomalies.slice(0, ANOMALIES_LISTED - listed);
    listed += anomalies.length;
    yield withAnomalies(result, anomalies);
  }
}

interface Earlier {
  /** The digest of its text without outer white space. */
  readonly digest: string;
  readonly result: RecordOutcome;
}

type NamedRecord = Pick<RecordOutcome, 'line' | 'title' | 'id'>;

async function outcomeOf(
  named: NamedRecord,
  part: RecordPart,
  bring: () => Promise<ImportOutcome>,
): Promise<RecordOutcome> {
  try {
    const outcome = await bring();
    const inFile = <Placed extends Position>(all: readonly Placed[]): Placed[] =>
      all.map((each) => ({ ...each, ...placeInFile(part, each) }));
    const { anomalies, differences } = outcome;
    return {
      ...named,
      ...outcome,
      anomalies: inFile(anomalies),
      ...(differences && { differences: inFile(differences) }),
    };
  } catch (error) {
    const isRefusal = error instanceof CommandRefusedError && error.kind !== 'key-reused';
    if (!isRefusal && !(error instanceof StoreIncapableError)) throw error;
    return { ...named, outcome: 'refused', code: error.code, detail: error.message, anomalies: [] };
  }
}

/** Returns the outcome for a record that occurs again in the file. An unchanged one is skipped; any other is ambiguous. */
function repetition(named: NamedRecord, digest: string, earlier: Earlier): RecordOutcome {
  const { result } = earlier;
  if (digest === earlier.digest) {
    return result.outcome === 'refused'
      ? { ...result, ...named }
      : { ...result, ...named, outcome: 'unchanged', events: 0 };
  }
  const detail = `The file has a different record ${named.id} at line ${result.line}; import this one from a separate file`;
  return { ...named, outcome: 'refused', code: 'repeated-in-file', detail, anomalies: [] };
}

const textDigest = (source: Uint8Array): string =>
  hash('sha256', trimWhiteSpace(Buffer.from(source).toString()));

function withAnomalies(result: RecordOutcome, anomalies: RecordOutcome['anomalies']): RecordOutcome {
  if (result.outcome === 'refused' || anomalies.length === result.anomalies.length)
    return { ...result, anomalies };
  const moreAnomalies = result.anomalies.length - anomalies.length + (result.moreAnomalies ?? 0);
  return { ...result, anomalies, moreAnomalies };
}
