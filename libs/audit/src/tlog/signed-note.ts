import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { ed25519Bytes, ed25519Key, isEd25519Signature } from './ed25519.ts';

/** The signature types of notes (C2SP signed-note 1.0.0): a log's own, and a witness's dated cosignature. */
const SIGNATURE_TYPES = { note: 0x01, cosignature: 0x04 } as const;
export type SignatureType = keyof typeof SIGNATURE_TYPES;

/** A public key with its signer's name, known as a vkey. */
export interface VerifierKey {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly type: SignatureType;
  readonly key: KeyObject;
}

export interface NoteSignature {
  readonly name: string;
  /** Eight hex digits. */
  readonly keyId: string;
  readonly bytes: Buffer;
}

/** A parsed note. Its text ends with a line feed. Verify a signature before you trust the text. */
export interface SignedNote {
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note or a part of one cannot be parsed. The message names the fault. */
export class MalformedNoteError extends Error {
  override readonly name = 'MalformedNoteError';
}

// eslint-disable-next-line no-control-regex -- these characters are not allowed in a name
const NAME = /^[^\p{White_Space}+\u0000-\u001f]+$/u;
const SIGNATURE_LINE = /^— ([^\p{White_Space}+]+) ([A-Za-z0-9+/]+={0,2})$/u;
/** A note may contain no ASCII control character below U+0020 except the line feed. */
const CONTROL = /[^\P{Cc}\n\u007f-\u009f]/u;
const KEY_ID_BYTES = 4;
/** Four times the number that verifiers must support. */
export const SIGNATURES_MAX = 64;
/** The maximum size of a note. A checkpoint with 64 signatures needs about a tenth of it. */
export const NOTE_BYTES_MAX = 64 * 1024;

/** Decodes canonical standard base64 (RFC 4648, section 4); returns null for other text. */
export function fromBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : null;
}

/** Returns a key's id: the first four bytes, in hex, of the SHA-256 over name, line feed, type and key. */
export function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): string {
  const typed = Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(SIGNATURE_TYPES[type]), publicKey]);
  return hash('sha256', typed, 'hex').slice(0, 2 * KEY_ID_BYTES);
}

/** Returns a verifier key. @throws RangeError for a name that a note cannot contain. */
export function verifierKey(name: string, type: SignatureType, key: KeyObject): VerifierKey {
  if (!NAME.test(name)) throw new RangeError("is not a key's name, which has no white space and no plus");
  return { name, keyId: keyIdOf(name, type, ed25519Bytes(key)), type, key };
}

export const printVerifierKey = ({ name, keyId, type, key }: VerifierKey): string => {
  const typed = Buffer.concat([Buffer.of(SIGNATURE_TYPES[type]), ed25519Bytes(key)]);
  return `${name}+${keyId}+${typed.toString('base64')}`;
};

/** Parses a vkey. @throws RangeError that describes the fault. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name = '', keyId = '', encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(\S+)$/.exec(text) ?? [];
  if (name === '')
    throw new RangeError('is not a verifier key: supply NAME+ID+KEY itself, not the name of its file');
  const typed = fromBase64(encoded);
  const type = (Object.keys(SIGNATURE_TYPES) as SignatureType[]).find(
    (known) => SIGNATURE_TYPES[known] === typed?.[0],
  );
  if (typed === null) throw new RangeError('is a truncated or mistyped verifier key');
  if (type === undefined)
    throw new RangeError('is a verifier key of an unknown type: use an Ed25519 key of type 01 or 04');
  const key = verifierKey(name, type, ed25519Key(typed.subarray(1)));
  if (key.keyId !== keyId) throw new RangeError('is a verifier key whose id is not that of its name and key');
  return key;
}

/** Parses a note. @throws MalformedNoteError */
export function parseNote(note: Uint8Array): SignedNote {
  if (note.length > NOTE_BYTES_MAX) throw new MalformedNoteError('is longer than a note');
  const whole = Buffer.from(note).toString();
  if (Buffer.compare(Buffer.from(whole), note) !== 0) throw new MalformedNoteError('is not UTF-8');
  if (CONTROL.test(whole)) throw new MalformedNoteError('has a control character');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n'))
    throw new MalformedNoteError('is not a note: text, empty line, signatures');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > SIGNATURES_MAX)
    throw new MalformedNoteError(`has more than ${SIGNATURES_MAX} signatures`);
  return { text: whole.slice(0, split + 1), signatures: lines.map(parseSignatureLine) };
}

/** Parses a signature line. @throws MalformedNoteError */
export function parseSignatureLine(line: string): NoteSignature {
  const [, name = '', encoded = ''] = SIGNATURE_LINE.exec(line) ?? [];
  const bytes = fromBase64(encoded);
  if (bytes === null || bytes.length <= KEY_ID_BYTES)
    throw new MalformedNoteError(`has a line that is not a signature: ${JSON.stringify(line.slice(0, 80))}`);
  return {
    name,
    keyId: bytes.subarray(0, KEY_ID_BYTES).toString('hex'),
    bytes: bytes.subarray(KEY_ID_BYTES),
  };
}

/** Returns a signature line without its line feed. */
export const printSignatureLine = ({ name, keyId, bytes }: NoteSignature): string =>
  `— ${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), bytes]).toString('base64')}`;

export const printNote = ({ text, signatures }: SignedNote): string =>
  `${text}\n${signatures.map((signature) => `${printSignatureLine(signature)}\n`).join('')}`;

/** Returns the key that a signature names, if it is among `keys`. */
export const keyOf = (
  keys: readonly VerifierKey[],
  { name, keyId }: NoteSignature,
): VerifierKey | undefined => keys.find((key) => key.name === name && key.keyId === keyId);

/**
 * Returns the log's keys that signed a note. Ignores signatures of unknown keys.
 * @throws MalformedNoteError for an invalid signature of a known key.
 */
export function signersOf({ text, signatures }: SignedNote, keys: readonly VerifierKey[]): VerifierKey[] {
  const signed = new Set<VerifierKey>();
  for (const signature of signatures) {
    const key = keyOf(keys, signature);
    if (key?.type !== 'note') continue;
    if (!isEd25519Signature(key.key, Buffer.from(text), signature.bytes))
      throw new MalformedNoteError(`has an invalid signature of ${key.name}`);
    signed.add(key);
  }
  return [...signed];
}
