import { createPublicKey } from 'node:crypto';
import { instant } from '#event-sourcing/clock';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import type { LogSigner, Remembered, SignerMemory } from '#use-cases/audit/make-checkpoint';
import { keysBefore, loadOrCreateCheckpointKey } from './checkpoint-key.ts';
import { CheckpointMemory } from './checkpoint-memory.ts';
import type { CheckpointSettings } from './checkpoint-settings.ts';

/** The signer of a log, and its memory. */
export interface OpenSigner {
  readonly signer: LogSigner;
  readonly memory: SignerMemory;
  /** The public keys (vkeys) of all keys that sign now, newest first. */
  readonly verifierKeys: readonly string[];
  /** Returns what any key signed of a log. @throws CheckpointRefusedError if the memory cannot be used */
  readonly remembered: (origin: string) => Remembered | null;
  close(): void;
}

/**
 * Opens the current keys and the memory, and creates missing ones.
 * @param opened the memory, if already open
 * @throws KeyFileError; CheckpointRefusedError if the memory cannot be used
 */
export async function openSigner(
  { key: keyPath, memory, origin }: Omit<CheckpointSettings, 'witnesses'>,
  now: number,
  opened?: CheckpointMemory,
): Promise<OpenSigner> {
  const key = await loadOrCreateCheckpointKey(keyPath);
  const today = instant(now).slice(0, 'YYYY-MM-DD'.length);
  const olderKeys = (await keysBefore(keyPath, today)).filter((other) => !other.equals(key));
  const signerMemory = opened ?? new CheckpointMemory(memory);
  const name = origin ?? signerMemory.origin();
  const keys = [key, ...olderKeys].map((each) => verifierKey(name, 'note', createPublicKey(each)));
  return {
    signer: { origin: name, key, others: olderKeys },
    memory: signerMemory.of(name),
    verifierKeys: keys.map(printVerifierKey),
    remembered: (of) => signerMemory.read(of),
    close() {
      signerMemory.close();
    },
  };
}
