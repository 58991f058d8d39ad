import { messageOf } from '#event-sourcing/errors';
import { parseVerifierKey } from '../tlog/signed-note.ts';
import type { SignatureType, VerifierKey } from '../tlog/signed-note.ts';
import { readPackCheckpoint } from './check-log.ts';
import type { PackCheckpoint } from './check-log.ts';
import { readCertificates } from './verify-time-stamp.ts';
import type { Certificate } from './verify-time-stamp.ts';

/** What the caller trusts. A pack never adds to it. */
export interface PackTrust {
  /** The log's keys. */
  readonly keys: readonly VerifierKey[];
  readonly witnesses: readonly VerifierKey[];
  /** The certificates of a time-stamping authority. */
  readonly authority: readonly Certificate[] | null;
  /** A checkpoint that the caller stored earlier. */
  readonly kept: PackCheckpoint | null;
}

/** The caller's trust settings as text. A key's item may contain several keys, separated by white space. */
interface TrustInput {
  readonly keys: readonly string[];
  readonly witnesses: readonly string[];
  /** A file in PEM or DER. */
  readonly authority: Uint8Array | null;
  /** A checkpoint's note. */
  readonly kept: Uint8Array | null;
}

/** An input that cannot be read; the message names it and the fault. */
export class TrustError extends RangeError {
  override readonly name = 'TrustError';
}

function read<T>(what: string, how: () => T): T {
  try {
    return how();
  } catch (error) {
    throw new TrustError(`${what} ${messageOf(error)}`, { cause: error });
  }
}

const OTHERS = { note: 'is a witness’s key, not a log’s', cosignature: 'is a log’s key, not a witness’s' };

function readKey(text: string, type: SignatureType): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.type !== type) throw new RangeError(OTHERS[type]);
  return key;
}

/** Splits at white space. An empty text stays one item, so that it is refused. */
const keysIn = (text: string): string[] => (text.trim() === '' ? [text] : text.trim().split(/\s+/));

const readKeys = (texts: readonly string[], type: SignatureType): VerifierKey[] =>
  texts.flatMap(keysIn).map((key) => read(`the key ${JSON.stringify(key)}`, () => readKey(key, type)));

/** Parses the caller's trust settings. @throws TrustError */
export const readTrust = ({ keys, witnesses, authority, kept }: TrustInput): PackTrust => ({
  keys: readKeys(keys, 'note'),
  witnesses: readKeys(witnesses, 'cosignature'),
  authority: authority && read('the certificate', () => readCertificates(authority)),
  kept: kept && read('the kept checkpoint', () => readPackCheckpoint(kept)),
});
