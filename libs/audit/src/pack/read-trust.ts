import { messageOf } from '#event-sourcing/errors';
import { parseVerifierKey } from '../tlog/signed-note.ts';
import type { VerifierKey } from '../tlog/signed-note.ts';
import { parseWitnessPolicy } from '../tlog/witness-policy.ts';
import { readPackCheckpoint } from './check-log.ts';
import type { PackTrust, RequiredVerdict } from './judge-pack.ts';

/** The caller's trust settings as text. */
interface TrustInput {
  /** The log's verifier keys; one item may contain several, separated by white space, as Docket prints them. */
  readonly keys: readonly string[];
  /** The policy file. */
  readonly policy: Uint8Array | null;
  /** A checkpoint's note. */
  readonly kept: Uint8Array | null;
  readonly required: RequiredVerdict | null;
  /** The digests of the permitted lifecycles; one item may contain several, separated by white space. */
  readonly lifecycles?: readonly string[];
  readonly challenge?: string | null;
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

function logKey(text: string): VerifierKey {
  const key = parseVerifierKey(text);
  if (key.type !== 'note')
    throw new RangeError('is a witness’s instead of a log’s; name witnesses in a policy');
  return key;
}

/** Splits at white space. An empty text stays one item, so that it is refused. */
const keysIn = (text: string): string[] => (text.trim() === '' ? [text] : text.trim().split(/\s+/));

function lifecycleDigest(text: string): string {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new RangeError('is not a digest: 64 lower-case hexadecimal digits');
  return text;
}

/** Parses the caller's trust settings. @throws TrustError */
export const readTrust = (input: TrustInput): PackTrust => ({
  ...readParties(input),
  required: input.required,
  lifecycles: (input.lifecycles ?? [])
    .flatMap(keysIn)
    .map((digest) => read(`the lifecycle ${JSON.stringify(digest)}`, () => lifecycleDigest(digest))),
  challenge: input.challenge ?? null,
});

const readParties = ({ keys, policy, kept }: TrustInput): Pick<PackTrust, 'keys' | 'policy' | 'kept'> => ({
  keys: keys.flatMap(keysIn).map((key) => read(`the key ${JSON.stringify(key)}`, () => logKey(key))),
  policy: policy && read('the policy’s', () => parseWitnessPolicy(policy)),
  kept: kept && read('the kept checkpoint', () => readPackCheckpoint(kept)),
});
