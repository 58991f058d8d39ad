import { hash, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fromBase64, MalformedNoteError, parseNote, signersOf, verifierKey } from './signed-note.ts';
import type { NoteSignature, SignedNote, VerifierKey } from './signed-note.ts';
import type { TreeHead } from './tree-proofs.ts';

/** What a log says of itself (C2SP tlog-checkpoint 1.0.0): so many events, and one hash over all of them. */
export interface Checkpoint extends TreeHead {
  /** Which log it is. */
  readonly origin: string;
}

const ROOT_BYTES = 32;
/** The root of a log without events (RFC 6962, 2.1). */
export const EMPTY_ROOT: Uint8Array = hash('sha256', '', 'buffer');
const SIZE = /^(0|[1-9]\d{0,18})$/;
/** The largest size that 63 levels hold. */
const SIZE_MAX = 2n ** 63n - 1n;

/** A size as it stands in a text; null where it is none. */
export function sizeOf(text: string): bigint | null {
  const size = SIZE.test(text) ? BigInt(text) : null;
  return size !== null && size <= SIZE_MAX ? size : null;
}

/** A hash as it stands in a line; null where it is none. */
export function hashOf(text: string): Buffer | null {
  const bytes = fromBase64(text);
  return bytes?.length === ROOT_BYTES ? bytes : null;
}

export const printCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** @throws MalformedNoteError, also for lines that nobody could check. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', ...more] = text.split('\n');
  const [size, root] = [sizeOf(sizeText), hashOf(rootText)];
  if (origin === '' || size === null || root === null)
    throw new MalformedNoteError('is no checkpoint: origin, size and root hash, a line each');
  if (more.length !== 1 || more[0] !== '')
    throw new MalformedNoteError(
      'is a checkpoint with further lines, of which nobody can say whether they are right',
    );
  return { origin, size, root };
}

/**
 * What a whole note says, whoever signed it.
 * @throws MalformedNoteError
 */
export const checkpointOfNote = (note: string): Checkpoint =>
  parseCheckpoint(parseNote(Buffer.from(note)).text);

/** Whether two checkpoints of one log say that so many of its events are others: who signed both is convicted. */
export const isFork = (one: Checkpoint, other: Checkpoint): boolean =>
  one.origin === other.origin && one.size === other.size && Buffer.compare(one.root, other.root) !== 0;

/** Whether two checkpoints say the same of one log. */
export const isSame = (one: Checkpoint, other: Checkpoint): boolean =>
  one.origin === other.origin && one.size === other.size && Buffer.compare(one.root, other.root) === 0;

/** A checkpoint and the note that it stands in. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: SignedNote;
  /** Which of the known keys signed it; none where nothing is known of who did. */
  readonly signers: readonly VerifierKey[];
}

/**
 * A checkpoint with whoever of the known keys signed it under the log's own name.
 * @throws MalformedNoteError, also where a signature of a known key does not hold.
 */
export function readCheckpoint(bytes: Uint8Array, keys: readonly VerifierKey[]): ReadCheckpoint {
  const note = parseNote(bytes);
  const checkpoint = parseCheckpoint(note.text);
  return {
    checkpoint,
    note,
    signers: signersOf(note, keys).filter(({ name }) => name === checkpoint.origin),
  };
}

/** The log's signature over a note's text. */
export function signNote(text: string, name: string, key: KeyObject): NoteSignature {
  const { keyId } = verifierKey(name, 'note', key);
  return { name, keyId, bytes: sign(null, Buffer.from(text), key) };
}
