import type { VersionConflictError } from '#event-sourcing/errors';
import { hasCode } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { retryingConflicts } from '#event-sourcing/retrying-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import type { CommitHeader } from '#lifecycle/commit-for';

/**
 * Appends to a stream whose events do not depend on each other, and that several processes write to. It does not wait
 * for one append before it asks for the next: each expects the version that those under way will leave. Where it
 * expects wrongly, the conflict says where the stream's end is, so that the stream is never read.
 */
export class SharedStream {
  readonly #store: Pick<EventStore, 'append'>;
  readonly #streamId: string;
  /** The version after all that is under way. */
  #next = 0;
  /** How often it was found that something under way will not arrive. */
  #round = 0;

  constructor(store: Pick<EventStore, 'append'>, streamId: string) {
    this.#store = store;
    this.#streamId = streamId;
  }

  /**
   * Appends one command's events at the stream's end.
   * @throws VersionConflictError when others were quicker for 5 s, and what the store throws.
   */
  async append(header: CommitHeader, events: readonly EventDraft[]): Promise<void> {
    await retryingConflicts(async () => {
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
      // Others wrote: what of ours is under way may still fit in behind them.
      this.#next = Math.max(this.#next, actual);
    } else if (round === this.#round) {
      // Something of ours before it failed, and so will all behind it: the first to find out begins anew.
      this.#round += 1;
      this.#next = actual;
    }
  }
}
