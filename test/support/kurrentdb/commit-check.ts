import { DELETED } from './stream-metadata.ts';

/** What an append expects of a stream besides a revision, as the protocol numbers it. */
export const NO_STREAM = -1n;
export const ANY = -2n;

/** What the check asks of the log. */
export interface CheckedStream {
  /** -1 for none, `DELETED` for a tombstone. */
  readonly last: bigint;
  /** The revision of the last event stored under this id, where that was in this stream. */
  revisionOf(id: string): bigint | undefined;
  /** The id of the event that is in the log at a revision, be it truncated or not. */
  idAt(revision: bigint): string | undefined;
}

export type CommitCheck =
  | { readonly decision: 'ok' }
  /** All of it is there already: a request that is sent again. */
  | { readonly decision: 'idempotent'; readonly last: bigint }
  | { readonly decision: 'failed' };

const OK: CommitCheck = { decision: 'ok' };
const FAILED: CommitCheck = { decision: 'failed' };

/**
 * Whether events may be appended to a stream, or whether it is as expected where there are none: what KurrentDB's
 * IndexWriter.CheckCommit decides, with its two kinds of idempotency.
 */
export function checkCommit(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  if (stream.last === DELETED) {
    return ids.length === 0 && (expected === ANY || expected === NO_STREAM) ? OK : FAILED;
  }
  if (expected === ANY) return checkAnywhere(stream, ids);
  if (expected < stream.last) return checkAt(stream, expected, ids);
  return expected === stream.last ? OK : FAILED;
}

/** Where no revision is expected, events count as stored wherever in the stream they are. */
function checkAnywhere(stream: CheckedStream, ids: readonly string[]): CommitCheck {
  const found = ids.map((id) => stream.revisionOf(id));
  const last = found.at(-1);
  if (last !== undefined && !found.includes(undefined)) return { decision: 'idempotent', last };
  // Some of it is stored, and some is not: neither a new request nor one sent again.
  return found[0] === undefined ? OK : FAILED;
}

/** Where a revision is expected, the same events must follow it. */
function checkAt(stream: CheckedStream, expected: bigint, ids: readonly string[]): CommitCheck {
  const isStored = (id: string, index: number) => {
    const revision = expected + 1n + BigInt(index);
    return stream.revisionOf(id) === revision || stream.idAt(revision) === id;
  };
  const missing = ids.findIndex((id, index) => !isStored(id, index));
  if (missing < 0 && ids.length > 0) return { decision: 'idempotent', last: expected + BigInt(ids.length) };
  return FAILED;
}
