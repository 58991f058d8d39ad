import { existsSync } from 'node:fs';
import { systemClock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import { hasEvent } from '#use-cases/audit/make-checkpoint';
import type { Settings } from '../settings.ts';
import { CheckpointMemory } from './checkpoint-memory.ts';
import { outlivesProcess, storeName } from '../stores.ts';

/** How long a check that found nothing lost is valid, in milliseconds. */
const TRUSTED_MS = 10_000;

/**
 * Checks that a log still has the last event that was signed. Reads only the signer's memory and the store,
 * so that it detects a rolled-back store even if its read models were deleted with it.
 */
export class SignedEnd {
  readonly #store: Pick<EventStore, 'readStream'>;
  readonly #settings: Pick<Settings, 'store' | 'checkpoints'>;
  #lost: string | null = null;
  #lookedAt = -Infinity;

  constructor(store: Pick<EventStore, 'readStream'>, settings: Pick<Settings, 'store' | 'checkpoints'>) {
    this.#store = store;
    this.#settings = settings;
  }

  /** Returns what the log lost and what to do; null if no loss is known. */
  async lost(): Promise<string | null> {
    if (this.#lost !== null || systemClock.elapsed() - this.#lookedAt > TRUSTED_MS) {
      this.#lookedAt = systemClock.elapsed();
      this.#lost = await this.#look();
    }
    return this.#lost;
  }

  async #look(): Promise<string | null> {
    const signed = this.#remembered();
    if (signed === null) return null;
    if (await hasEvent(this.#store, signed.last)) return null;
    return (
      `The log was signed with ${signed.size} events, and no longer contains the last of them: an older copy or another store ` +
      'replaced it. Nothing is recorded. Restore the newer log. If it is lost for good, run ' +
      'docket checkpoint --adopt REASON, which continues with this store and records what it lost'
    );
  }

  /** Returns what was signed of this store; null if the memory cannot be used, which prevents signing but proves nothing. */
  #remembered() {
    const { store, checkpoints } = this.#settings;
    const path = checkpoints.memory;
    if (!outlivesProcess(store) || !existsSync(path)) return null;
    try {
      const memory = new CheckpointMemory(path);
      try {
        const signed = memory.read(checkpoints.origin ?? memory.origin());
        return signed?.store === storeName(store) ? signed : null;
      } finally {
        memory.close();
      }
    } catch {
      return null;
    }
  }
}
