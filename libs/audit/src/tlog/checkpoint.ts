import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { fromBase64, MalformedNoteError, parseNote, signersOf, verifierKey } from './signed-note.ts';
import type { NoteSignature, SignedNote, VerifierKey } from './signed-note.ts';
import type { TreeHead } from './tree-proofs.ts';

/** A log's checkpoint (C2SP tlog-checkpoint 1.0.0): its origin, its size, and the root hash over all events. */
export interface Checkpoint extends TreeHead {
  /** The log's name. */
  readonly origin: string;
}

const ROOT_BYTES = 32;
const SIZE = /^(0|[1-9]\d{0,18})$/;
/** The largest size of a tree with 63 levels. */
const SIZE_MAX = 2n ** 63n - 1n;

/** Parses a size; returns null for any other text. */
export function sizeOf(text: string): bigint | null {
  const size = SIZE.test(text) ? BigInt(text) : null;
  return size !== null && size <= SIZE_MAX ? size : null;
}

/** Parses a root hash; returns null for any other text. */
export function hashOf(text: string): Buffer | null {
  const bytes = fromBase64(text);
  return bytes?.length === ROOT_BYTES ? bytes : null;
}

export const printCheckpoint = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** Parses a checkpoint. @throws MalformedNoteError, also for extension lines, which no verifier could check. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', sizeText = '', rootText = '', ...more] = text.split('\n');
  const [size, root] = [sizeOf(sizeText), hashOf(rootText)];
  if (origin === '' || size === null || root === null)
    throw new MalformedNoteError('is not a checkpoint: origin, size and root hash, a line each');
  if (more.length !== 1 || more[0] !== '')
    throw new MalformedNoteError('is a checkpoint with extension lines, which cannot be verified');
  return { origin, size, root };
}

/**
 * Returns a note's checkpoint without verifying signatures.
 * @throws MalformedNoteError
 */
export const checkpointOfNote = (note: string): Checkpoint =>
  parseCheckpoint(parseNote(Buffer.from(note)).text);

/** A checkpoint with its note. */
export interface ReadCheckpoint {
  readonly checkpoint: Checkpoint;
  readonly note: SignedNote;
  /** The known keys that signed it; empty if no key is known. */
  readonly signers: readonly VerifierKey[];
}

/**
 * Returns a checkpoint with the known keys that signed it under the log's own name.
 * @throws MalformedNoteError, also if the signature of a known key is invalid.
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

/** Signs a note's text with the log's key. */
export function signNote(text: string, name: string, key: KeyObject): NoteSignature {
  const { keyId } = verifierKey(name, 'note', key);
  return { name, keyId, bytes: sign(null, Buffer.from(text), key) };
}
