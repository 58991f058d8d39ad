import { sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isEd25519Signature, SIGNATURE_BYTES } from './ed25519.ts';
import { keyOf, verifierKey } from './signed-note.ts';
import type { NoteSignature, SignedNote, VerifierKey } from './signed-note.ts';

const TIME_BYTES = 8;

/** Returns the bytes that a witness signs (C2SP tlog-cosignature 1.0.1). */
const cosignedBytes = (text: string, seconds: bigint): Buffer =>
  Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`);

/** A log's request to cosign a checkpoint (C2SP tlog-witness 1.0.0), which must be consistent with the last one that the witness cosigned. */
export interface AddCheckpoint {
  /** The size of the last cosigned checkpoint; 0 if there is none. */
  readonly old: bigint;
  readonly proof: readonly Uint8Array[];
  /** The checkpoint's note, unchanged. */
  readonly note: string;
}

export const printAddCheckpoint = ({ old, proof, note }: AddCheckpoint): string =>
  [`old ${old}`, ...proof.map((hash) => Buffer.from(hash).toString('base64')), '', note].join('\n');

/** Returns a witness's signature over a checkpoint's text, with the time in seconds since 1970. */
export function cosign(text: string, name: string, key: KeyObject, seconds: bigint): NoteSignature {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(seconds);
  const { keyId } = verifierKey(name, 'cosignature', key);
  return { name, keyId, bytes: Buffer.concat([time, sign(null, cosignedBytes(text, seconds), key)]) };
}

/** Reports whether a signature has the form of a cosignature, rather than a log's own. */
const isCosignature = ({ bytes }: NoteSignature): boolean => bytes.length === TIME_BYTES + SIGNATURE_BYTES;

/** A witness, and when it cosigned, in seconds since 1970. */
export interface Cosigned {
  readonly witness: VerifierKey;
  readonly seconds: bigint;
}

/** Returns the time of a witness's signature; null if it is invalid. */
function cosignedAt(text: string, { key }: VerifierKey, bytes: Buffer): bigint | null {
  const seconds = bytes.readBigUInt64BE();
  if (seconds >= 2n ** 63n) return null;
  return isEd25519Signature(key, cosignedBytes(text, seconds), bytes.subarray(TIME_BYTES)) ? seconds : null;
}

/**
 * Returns the witnesses that cosigned a checkpoint, in the order of `witnesses`. Ignores invalid signatures;
 * of several valid ones, the last applies.
 */
export function cosignersOf({ text, signatures }: SignedNote, witnesses: readonly VerifierKey[]): Cosigned[] {
  return witnesses.flatMap((witness) => {
    if (witness.type !== 'cosignature') return [];
    const seconds = signatures
      .filter((signature) => keyOf([witness], signature) && isCosignature(signature))
      .map(({ bytes }) => cosignedAt(text, witness, bytes))
      .findLast((at) => at !== null);
    return seconds === undefined ? [] : [{ witness, seconds }];
  });
}
