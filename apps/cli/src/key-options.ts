import { parseVerifierKey } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import { UsageError } from './verb-context.ts';

/** Parses a log's verifier key from an option. @throws UsageError */
export const readLogKey =
  (option: string) =>
  (vkey: string): VerifierKey => {
    const key = asUsage(`${option} ${vkey}`, () => parseVerifierKey(vkey));
    if (key.type === 'note') return key;
    throw new UsageError(`${option} ${vkey} is the key of a witness, not of a log`);
  };

/** Returns the key that `read` returns. @throws UsageError that names the option, instead of a RangeError. */
export function asUsage(optionText: string, read: () => VerifierKey): VerifierKey {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw new UsageError(`${optionText} ${error.message}`);
    throw error;
  }
}
