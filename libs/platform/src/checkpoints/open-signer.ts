import { createPublicKey } from 'node:crypto';
import { instant } from '#event-sourcing/clock';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import type { LogSigner, Remembered, SignerMemory } from '#use-cases/audit/make-checkpoint';
import { keysBefore, loadOrCreateCheckpointKey } from './checkpoint-key.ts';
import { CheckpointMemory } from './checkpoint-memory.ts';
import type { CheckpointSettings } from './checkpoint-settings.ts';

/** Who signs for the log of these settings, and what it remembers. */
export interface OpenSigner {
  readonly signer: LogSigner;
  readonly memory: SignerMemory;
  /** What an outsider checks signatures with: a vkey for each key that signs now, the newest first. */
  readonly verifierKeys: readonly string[];
  /** What was signed of a log, under whatever key. @throws CheckpointRefusedError for a memory that cannot be used. */
  readonly remembered: (origin: string) => Remembered | null;
  /** The same key for another log, which is the one from now on where no setting names it. */
  asLog(origin: string): OpenSigner;
  keepOrigin(): Promise<void>;
  close(): void;
}

/**
 * Opens the keys that sign now, and the memory, and makes what is missing.
 * @param opened the memory, where it is open already.
 * @throws CheckpointKeyError; CheckpointRefusedError for a memory that cannot be used.
 */
export async function openSigner(
  { key: keyPath, memory: path, origin }: CheckpointSettings,
  now: number,
  opened?: CheckpointMemory,
): Promise<OpenSigner> {
  const key = await loadOrCreateCheckpointKey(keyPath);
  const today = instant(now).slice(0, 'YYYY-MM-DD'.length);
  const others = (await keysBefore(keyPath, today)).filter((other) => !other.equals(key));
  const kept = opened ?? new CheckpointMemory(path);
  const asLog = (name: string): OpenSigner => {
    const keys = [key, ...others].map((each) => verifierKey(name, 'note', createPublicKey(each)));
    return {
      signer: { origin: name, key, others },
      memory: kept.of(name),
      verifierKeys: keys.map(printVerifierKey),
      remembered: (of) => kept.read(of),
      asLog,
      keepOrigin: () => kept.setOrigin(name),
      close() {
        kept.close();
      },
    };
  };
  return asLog(origin ?? kept.origin());
}
