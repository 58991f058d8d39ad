import { DELETED } from './stream-metadata.ts';

/** The numbers of the protocol for expectations other than a revision. */
export const NO_STREAM = -1n;
export const ANY = -2n;

/** The part of the log that the check needs. */
export interface CheckedStream {
  /** The revision of the last event; -1 for none, `DELETED` for a tombstone. */
  readonly last: bigint;
  /** Returns the revision of the last event with this id, if that was in this stream. */
  revisionOf(id: string): bigint | undefined;
  /** Returns the id of the event at a revision, truncated or not. */
  idAt(revision: bigint): string | undefined;
}

export type CommitCheck =
  | { readonly decision: 'ok' }
  /** All events are stored already: the request is repeated. */
  | { readonly decision: 'idempotent'; readonly last: bigint }
  | { readonly decision: 'failed' };

const OK: CommitCheck = { decision: 'ok' };
const FAILED: CommitCheck = { decision: 'failed' };

/**
 * Returns whether events may be appended to a stream or, without events, whether it is at the revision. Implements
 * KurrentDB's IndexWriter.CheckCommit, with its two kinds of idempotency.
 */
export function checkCommit(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  if (stream.last === DELETED) {
    return ids.length === 0 && (expected === ANY || expected === NO_STREAM) ? OK : FAILED;
  }
  if (expected === ANY) return checkAnywhere(stream, ids);
  if (expected < stream.last) return checkAt(stream, expected, ids);
  return expected === stream.last ? OK : FAILED;
}

/** Checks without an expected revision: events count as stored anywhere in the stream. */
function checkAnywhere(stream: CheckedStream, ids: readonly string[]): CommitCheck {
  const found = ids.map((id) => stream.revisionOf(id));
  const last = found.at(-1);
  if (last !== undefined && !found.includes(undefined)) return { decision: 'idempotent', last };
  // If they are partly stored, the request is neither new nor repeated.
  return found[0] === undefined ? OK : FAILED;
}

/** Checks with an expected revision: the same events must follow it. */
function checkAt(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  const isStored = (id: string, index: number) => {
    const revision = expected + 1n + BigInt(index);
    return stream.revisionOf(id) === revision || stream.idAt(revision) === id;
  };
  const missing = ids.findIndex((id, index) => !isStored(id, index));
  if (missing < 0 && ids.length > 0) return { decision: 'idempotent', last: expected + BigInt(ids.length) };
  return FAILED;
}
