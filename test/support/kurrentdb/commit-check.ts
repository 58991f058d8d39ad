import { DELETED } from './stream-metadata.ts';

/** The protocol's numbers for expectations other than a revision. */
export const NO_STREAM = -1n;
export const ANY = -2n;

/** The view of the log that the check needs. */
export interface CheckedStream {
  /** -1 for none, `DELETED` for a tombstone. */
  readonly last: bigint;
  /** Returns the revision of the last event with this id, if that was in this stream. */
  revisionOf(id: string): bigint | undefined;
  /** Returns the id of the event at a revision, truncated or not. */
  idAt(revision: bigint): string | undefined;
}

export type CommitCheck =
  | { readonly decision: 'ok' }
  /** All of it is stored already: a repeated request. */
  | { readonly decision: 'idempotent'; readonly last: bigint }
  | { readonly decision: 'failed' };

const OK: CommitCheck = { decision: 'ok' };
const FAILED: CommitCheck = { decision: 'failed' };

/**
 * Checks whether events may be appended to a stream, or, without events, only its revision. It implements KurrentDB's
 * IndexWriter.CheckCommit, with its two kinds of idempotency.
 */
export function checkCommit(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  if (stream.last === DELETED) {
    return ids.length === 0 && (expected === ANY || expected === NO_STREAM) ? OK : FAILED;
  }
  if (expected === ANY) return checkAnywhere(stream, ids);
  if (expected < stream.last) return checkAt(stream, expected, ids);
  return expected === stream.last ? OK : FAILED;
}

/** Without an expected revision, events count as stored anywhere in the stream. */
function checkAnywhere(stream: CheckedStream, ids: readonly string[]): CommitCheck {
  const found = ids.map((id) => stream.revisionOf(id));
  const last = found.at(-1);
  if (last !== undefined && !found.includes(undefined)) return { decision: 'idempotent', last };
  // Partly stored: neither a new nor a repeated request.
  return found[0] === undefined ? OK : FAILED;
}

/** With an expected revision, the same events must follow it. */
function checkAt(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  const isStored = (id: string, index: number) => {
    const revision = expected + 1n + BigInt(index);
    return stream.revisionOf(id) === revision || stream.idAt(revision) === id;
  };
  const missing = ids.findIndex((id, index) => !isStored(id, index));
  if (missing < 0 && ids.length > 0) return { decision: 'idempotent', last: expected + BigInt(ids.length) };
  return FAILED;
}
