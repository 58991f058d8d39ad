import { parseVerifierKey } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import { UsageError } from './verb-context.ts';

/** Reads a log's verifier key that an option names. @throws UsageError */
export const readLogKey =
  (option: string) =>
  (vkey: string): VerifierKey => {
    const key = asUsage(`${option} ${vkey}`, () => parseVerifierKey(vkey));
    if (key.type === 'note') return key;
    throw new UsageError(`${option} ${vkey} is the key of a witness, not of a log`);
  };

/** Reads a key, or a name for one, that an option gives. @throws UsageError */
export function asUsage(given: string, read: () => VerifierKey): VerifierKey {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${given} ${error.message}`);
    throw error;
  }
}
