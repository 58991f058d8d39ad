import type { EventStore } from '#event-sourcing/event-store';
import { pause } from './following/back-off.ts';
import type { RetryPauses } from './following/back-off.ts';
import type { FoldedBatch, Projection } from './projection.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import type { RebuildOutcome } from './rebuild.ts';

export interface RunnerOptions {
  readonly store: Pick<EventStore, 'readAll' | 'readStream' | 'subscribe' | 'lastPosition'>;
  readonly database: ReadModelDatabase;
  readonly projections: readonly Projection[];
  /** Told what stopped a projection, or the feed of all; the runner tries again by itself. */
  readonly onError?: (error: unknown, projection: string | null) => void;
  /** Told of each rebuild that was asked for in the database, once it has switched. */
  readonly onRebuilt?: (outcome: RebuildOutcome) => void;
  /** Told of each batch of the log that a projection has applied, or could not. */
  readonly onFolded?: (folded: FoldedBatch) => void;
  /**
   * How long it waits after a batch, so that under load the next one is large: four times as long as the batch took,
   * within these bounds. After a full batch there is no pause.
   */
  readonly batchPauseMs?: { readonly min: number; readonly max: number };
  /** The first and the longest pause before what failed is tried again. */
  readonly retryMs?: RetryPauses;
  /** How often it looks for requested rebuilds. */
  readonly requestsPollMs?: number;
  /** How long `catchUp` waits for what another node builds and does not get on with; default: a minute. */
  readonly claimPatienceMs?: number;
}

/** What a runner has under way, until it is stopped. */
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

  /** Asks all to end. */
  abort(): void {
    this.#stopping.abort();
  }

  async whenEnded(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
