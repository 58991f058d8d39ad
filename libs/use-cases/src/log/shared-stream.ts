import type { VersionConflictError } from '#event-sourcing/errors';
import { hasCode } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import type { CommitHeader } from '#lifecycle/commit-for';

/**
 * Appends to a stream whose events are independent of each other and that several processes write to. Appends run in parallel: each append
 * expects the version after all pending ones. A conflict reports the stream's actual end, so the stream is never read.
 */
export class SharedStream {
  readonly #store: Pick<EventStore, 'append'>;
  readonly #streamId: string;
  /** The version after all pending appends. */
  #next = 0;
  /** The number of times that a pending append failed. */
  #round = 0;

  constructor(store: Pick<EventStore, 'append'>, streamId: string) {
    this.#store = store;
    this.#streamId = streamId;
  }

  /**
   * Appends the events of one command at the stream's end.
   * @throws VersionConflictError if other writers were faster for 5 s, and the store's errors.
   */
  async append(header: CommitHeader, events: readonly EventDraft[]): Promise<void> {
    await retryConflicts(async () => {
      const expectedVersion = this.#next;
      const round = this.#round;
      this.#next += events.length;
      try {
        const { commit } = commitFor(header, [{ streamId: this.#streamId, expectedVersion, events }]);
        await this.#store.append(commit);
      } catch (error) {
        if (hasCode(error, 'version-conflict'))
          this.#learn(expectedVersion, (error as VersionConflictError).actualVersion, round);
        throw error;
      }
    });
  }

  #learn(expected: number, actual: number, round: number): void {
    if (actual > expected) {
      // Others appended: our pending events may still fit after theirs.
      this.#next = Math.max(this.#next, actual);
    } else if (round === this.#round) {
      // An earlier append of ours failed, so all later ones will fail too. The first to detect it restarts from the stream's end.
      this.#round += 1;
      this.#next = actual;
    }
  }
}
