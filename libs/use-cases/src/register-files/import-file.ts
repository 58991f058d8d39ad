import { createHash } from 'node:crypto';
import { nextTurn } from '#event-sourcing/event-store';
import { CommandRefusedError } from '#lifecycle/refused';
import type { Position } from '#register-format/anomalies';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { placeInFile, sliceRegisterFile } from '#register-format/slice-register-file';
import type { RecordSlice } from '#register-format/slice-register-file';
import { trimmed } from '#register-format/white-space';
import { ProblemError } from '../problems.ts';
import { recordIdFor } from './import-record.ts';
import type { ImportOutcome } from './import-record.ts';

/** The largest file that is imported, in bytes, and the most records that it can have. */
export const FILE_BYTES_MAX = 64 * 1024 * 1024;
export const FILE_RECORDS_MAX = 10_000;

/** So many anomalies of all records are listed; more are counted, so that an answer about many records has an end. */
const ANOMALIES_LISTED = 10_000;

/** A register's file as it is read, before anything is known of its records. */
export interface RegisterFile {
  /** The records, in the order of the file; joined, they are the file. */
  readonly parts: readonly RecordPart[];
  /** SHA-256 of the whole file, by which it is known from its preview to its import. */
  readonly digest: string;
}

/** One record of a file. */
export interface RecordPart extends Pick<RecordSlice, 'at'> {
  readonly source: Uint8Array;
}

/** What became of one record of a file, or would. Lines and columns are those of the file. */
export type RecordOutcome = { readonly line: number; readonly title: string } & (
  | ImportOutcome
  | (Pick<ImportOutcome, 'id' | 'anomalies'> & {
      readonly outcome: 'refused';
      /** Which refusal it is, as one for a file with one record says. */
      readonly code: string;
      readonly detail: string;
    })
);

/** How much of a file is hashed before others get their turn. */
const BYTES_AT_ONCE = 1024 * 1024;

async function digestOf(file: Uint8Array): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < file.length; at += BYTES_AT_ONCE) {
    if (at > 0) await nextTurn();
    digest.update(file.subarray(at, at + BYTES_AT_ONCE));
  }
  return digest.digest('hex');
}

/**
 * Divides a file into its records. Others get their turn meanwhile.
 * @throws ProblemError `file-too-large` or `too-many-records`.
 */
export async function divideFile(file: Uint8Array): Promise<RegisterFile> {
  if (file.length > FILE_BYTES_MAX) throw fileTooLarge();
  return { parts: await partsOf(file), digest: await digestOf(file) };
}

async function partsOf(file: Uint8Array): Promise<readonly RecordPart[]> {
  const slicing = sliceRegisterFile(file, FILE_RECORDS_MAX);
  let step = slicing.next();
  for (; step.done !== true; step = slicing.next()) await nextTurn();
  if (step.value.length > FILE_RECORDS_MAX) {
    const detail = `The file has more than ${FILE_RECORDS_MAX} records, the most that one file can have; divide it`;
    throw new ProblemError('too-many-records', detail);
  }
  return step.value.map(({ start, end, at }) => ({ source: file.subarray(start, end), at }));
}

const fileTooLarge = (): ProblemError =>
  new ProblemError(
    'file-too-large',
    `The file has more than ${FILE_BYTES_MAX} bytes, the most that one file can have; divide it`,
  );

/**
 * Imports the records of a file one after the other, each whole or not at all, and tells of each what became of it. Others
 * get their turn between two of them.
 * @param id of the only record; null where the records say it.
 * @throws CommandRefusedError `idempotency-key-reused`, which is of the whole file.
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
    const record = parseRegisterRecord(part.source);
    const named = { line: part.at.line, title: record.title, id: recordIdFor(record, id) };
    const before = earlier.get(named.id);
    const told =
      before === undefined
        ? await outcomeOf(named, part, () => bring(part, index))
        : repetition(named, part, before);
    if (before === undefined) earlier.set(named.id, { part, told });
    const anomalies = told.anomalies.slice(0, ANOMALIES_LISTED - listed);
    listed += anomalies.length;
    yield withAnomalies(told, anomalies);
  }
}

interface Earlier {
  readonly part: RecordPart;
  readonly told: RecordOutcome;
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
    if (!(error instanceof CommandRefusedError) || error.kind === 'key-reused') throw error;
    return { ...named, outcome: 'refused', code: error.code, detail: error.message, anomalies: [] };
  }
}

/** A record that the file has already: again as it was, it changes nothing; otherwise nobody knows which is right. */
function repetition(named: NamedRecord, { source }: RecordPart, { part, told }: Earlier): RecordOutcome {
  if (textOf(source) === textOf(part.source)) {
    return told.outcome === 'refused'
      ? { ...told, ...named }
      : { ...told, ...named, outcome: 'unchanged', events: 0 };
  }
  const detail = `Record ${named.id} is in this file already, at line ${part.at.line}, and is another one there; import it from a file of its own`;
  return { ...named, outcome: 'refused', code: 'repeated-in-file', detail, anomalies: [] };
}

const textOf = (source: Uint8Array): string => trimmed(Buffer.from(source).toString());

function withAnomalies(told: RecordOutcome, anomalies: RecordOutcome['anomalies']): RecordOutcome {
  if (told.outcome === 'refused' || anomalies.length === told.anomalies.length) return { ...told, anomalies };
  const moreAnomalies = told.anomalies.length - anomalies.length + (told.moreAnomalies ?? 0);
  return { ...told, anomalies, moreAnomalies };
}
