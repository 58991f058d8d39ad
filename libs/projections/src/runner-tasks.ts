import type { EventStore } from '#event-sourcing/event-store';
import { pause } from './following/back-off.ts';
import type { RetryPauses } from './following/back-off.ts';
import type { Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';

export interface RunnerOptions {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'subscribe' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly projections: readonly Projection[];
  /**
   * Called with the error that stopped a projection, or with null for the feed of all projections. The runner retries.
   */
  readonly onError?: (error: unknown, projection: string | null) => void;
  /**
   * The bounds of the pause after a batch. The pause is four times the duration of the batch, so that batches grow
   * under load. There is no pause after a full batch.
   */
  readonly batchPauseMs?: { readonly min: number; readonly max: number };
  /** The first and the longest pause before a retry. */
  readonly retryMs?: RetryPauses;
  /** The interval of checks for generations whose builder is gone. */
  readonly abandonedPollMs?: number;
  /** The time for which `catchUp` waits for another node's build without progress; one minute by default. */
  readonly claimPatienceMs?: number;
}

/** The background tasks of a runner, until it is stopped. */
export class RunnerTasks {
  readonly #onError: RunnerOptions['onError'];
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();

  constructor({ onError }: RunnerOptions) {
    this.#onError = onError;
  }

  get signal(): AbortSignal {
    return this.#stopping.signal;
  }

  isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  run(task: Promise<void>): void {
    const running = task
      .catch((error: unknown) => this.#onError?.(error, null))
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  pause(milliseconds: number): Promise<void> {
    return pause(milliseconds, this.#stopping.signal);
  }

  /** Signals all tasks to end. */
  abort(): void {
    this.#stopping.abort();
  }

  async whenEnded(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
