import { EMPTY_ROOT, hashOf, readCheckpoint, sizeOf } from './checkpoint.ts';
import type { Checkpoint, ReadCheckpoint } from './checkpoint.ts';
import { MalformedNoteError } from './signed-note.ts';
import type { VerifierKey } from './signed-note.ts';
import { isConsistent } from './tree-proofs.ts';
import type { TreeHead } from './tree-proofs.ts';

/**
 * A log's request to a witness (C2SP tlog-witness 1.0.0) to cosign a checkpoint, which must be consistent
 * with the last one that it cosigned.
 */
export interface AddCheckpoint {
  /** The size of the last cosigned checkpoint; 0 if there is none. */
  readonly old: bigint;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint's note, unchanged. */
  readonly note: string;
}

/** The maximum number of hashes in a proof: one for each level of the largest tree. */
const PROOF_MAX = 63;
/** The maximum size of a request. A note with all its signatures needs about a tenth of it. */
export const ADD_CHECKPOINT_BYTES_MAX = 64 * 1024;

export const printAddCheckpoint = ({ old, proof, note }: AddCheckpoint): string =>
  [`old ${old}`, ...proof.map((hash) => Buffer.from(hash).toString('base64')), '', note].join('\n');

/** Parses a request. @throws MalformedNoteError */
export function parseAddCheckpoint(text: string): AddCheckpoint {
  const end = text.indexOf('\n\n');
  const [first = '', ...lines] = text.slice(0, Math.max(end, 0)).split('\n');
  const [, number = ''] = /^old (.*)$/.exec(first) ?? [];
  const old = sizeOf(number);
  if (end < 0 || old === null)
    throw new MalformedNoteError('is not a request: "old" and a size, hashes, an empty line, a checkpoint');
  if (lines.length > PROOF_MAX) throw new MalformedNoteError(`has more than ${PROOF_MAX} hashes`);
  const proof = lines.map((line) => {
    const hash = hashOf(line);
    if (hash === null) throw new MalformedNoteError('has a line that is not a hash');
    return hash;
  });
  return { old, proof, note: text.slice(end + 2) };
}

/** The reason of a witness's refusal, and the HTTP status of its response. */
export type Unwitnessed =
  | { readonly status: 400 | 403 | 404 | 422; readonly detail: string }
  /** The response contains the size of the last checkpoint that the witness cosigned. */
  | { readonly status: 409; readonly size: bigint; readonly detail: string };

/**
 * Parses a checkpoint as a witness: its log must be known and must have signed it.
 * @param logs the keys of each log, by its origin.
 */
export function readForWitness(
  note: string,
  logs: ReadonlyMap<string, readonly VerifierKey[]>,
): ReadCheckpoint | Unwitnessed {
  try {
    const read = readCheckpoint(Buffer.from(note), []);
    const keys = logs.get(read.checkpoint.origin);
    if (keys === undefined) return { status: 404, detail: 'The log is unknown to this witness' };
    return readSigned(note, keys);
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    return { status: 400, detail: `The checkpoint ${error.message}` };
  }
}

function readSigned(note: string, keys: readonly VerifierKey[]): ReadCheckpoint | Unwitnessed {
  try {
    const read = readCheckpoint(Buffer.from(note), keys);
    if (read.signers.length > 0) return read;
    return { status: 403, detail: 'No known key of the log signed the checkpoint' };
  } catch (error) {
    if (!(error instanceof MalformedNoteError)) throw error;
    return { status: 403, detail: `The checkpoint ${error.message}` };
  }
}

/** Returns why a checkpoint is not consistent with the last cosigned one; null if it is. */
export function whyNotOn(
  latest: TreeHead | null,
  { old, proof }: AddCheckpoint,
  now: Checkpoint,
): Unwitnessed | null {
  const { size, root } = latest ?? { size: 0n, root: EMPTY_ROOT };
  if (old > now.size)
    return { status: 400, detail: `The checkpoint has ${now.size} events, fewer than the ${old} before` };
  if (old !== size)
    return { status: 409, size, detail: `The last checkpoint signed here is of ${size} events` };
  if (old === now.size && Buffer.compare(root, now.root) !== 0)
    return latest === null
      ? { status: 422, detail: 'The root is not that of a log without events' }
      : { status: 409, size, detail: `${now.origin} signed two roots at size ${size}` };
  const isExtension = old === 0n ? proof.length === 0 : isConsistent({ size, root }, now, proof);
  return isExtension
    ? null
    : { status: 422, detail: `The proof does not show that ${now.size} events extend ${size}` };
}
