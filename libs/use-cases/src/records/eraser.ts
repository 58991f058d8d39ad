import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, Redaction } from '#event-sourcing/event-store';
import { followerBookmark, saveFollowerBookmark } from '#read-models/follower-bookmark';
import { comparePositions } from '#read-models/position';
import { waitForPosition } from '#read-models/projection-status';
import type { ReadModelDatabase } from '#read-models/read-model-database';
import { ReadModelMissingError } from '#read-models/read-live';
import { carryOut } from './carry-out-redactions.ts';

export interface EraserOptions {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** The read models that may hold what is erased. */
  readonly projections: readonly string[];
  /** Told of what went wrong; the eraser tries again by itself. */
  readonly onError: (error: unknown) => void;
  /** How often it looks for redactions, also those of other nodes. */
  readonly pollMs?: number;
}

/** A redaction that is not carried out everywhere yet, and what keeps it; `null` where nothing is known to. */
export interface PendingErasure {
  readonly position: string;
  readonly waitsFor: 'store' | 'read-models' | null;
}

const NAME = 'eraser';
const BATCH = 100;
/** How long read models may take to reach a redaction, or a reader to let go of their log, before it is said and tried again. */
const PATIENCE_MS = 5_000;
const RETRY_MS = 1_000;

/**
 * Carries redactions out where the append could not: it rids the store's files of what they name, and waits until the read
 * models and their log are rid of it. It follows the log with a bookmark of its own, and erasing twice changes nothing, so
 * it finishes after a crash whatever it was at.
 */
export class Eraser {
  readonly #options: EraserOptions;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  /** Up to where everything is erased. */
  #position = '0';
  #waitsFor: PendingErasure['waitsFor'] = null;
  /** Ends the pause between two looks. */
  #wake: () => void = () => undefined;
  /** Resolves when a look is over. */
  #look = Promise.withResolvers<undefined>();

  constructor(options: EraserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#running;
  }

  /** Waits until all redactions up to a position are carried out: true, or false when the time is over. */
  async erasedUpTo(position: string, timeoutMs: number): Promise<boolean> {
    const { promise: isOver, resolve } = Promise.withResolvers<'over'>();
    const timer = setTimeout(resolve, timeoutMs, 'over');
    try {
      this.#wake();
      while (comparePositions(this.#position, position) < 0) {
        if (this.#stopping.signal.aborted) return false;
        if ((await Promise.race([this.#look.promise, isOver])) === 'over') return false;
      }
      return true;
    } finally {
      clearTimeout(timer);
    }
  }

  /** The redactions that are not carried out everywhere yet, the first ones, as the log has them now. */
  async pending(): Promise<PendingErasure[]> {
    const after = await this.#bookmark();
    const found = await this.#options.store.redactions({ after, limit: BATCH });
    return found.map(({ position }) => ({ position, waitsFor: this.#waitsFor }));
  }

  async #run(): Promise<void> {
    const { onError, pollMs = 500 } = this.#options;
    while (!this.#stopping.signal.aborted) {
      let pauseMs = pollMs;
      try {
        const isDone = await this.#eraseNext();
        this.#waitsFor = null;
        if (!isDone) pauseMs = 0;
      } catch (error) {
        // On a new database the projections are still to be made, and nothing is redacted.
        if (!(error instanceof ReadModelMissingError)) {
          onError(error);
          pauseMs = RETRY_MS;
        }
      }
      this.#look.resolve(undefined);
      this.#look = Promise.withResolvers();
      await this.#pause(pauseMs);
    }
    this.#look.resolve(undefined);
  }

  #pause(pauseMs: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (this.#stopping.signal.aborted) this.#wake();
    });
  }

  /** True where no redaction waits. */
  async #eraseNext(): Promise<boolean> {
    const { database, store } = this.#options;
    const after = await this.#bookmark();
    this.#position = after;
    const redactions = await store.redactions({ after, limit: BATCH });
    const last = redactions.at(-1);
    if (last === undefined) return true;
    this.#waitsFor = 'store';
    for (const redaction of redactions) await this.#eraseFromStore(redaction);
    this.#waitsFor = 'read-models';
    await this.#eraseFromReadModels(last.position);
    await saveFollowerBookmark(database, NAME, last.position);
    this.#position = last.position;
    return false;
  }

  /** A bookmark beyond the log's end is of another log: all of this one's redactions are carried out again. */
  async #bookmark(): Promise<string> {
    const { database, store } = this.#options;
    const bookmark = await followerBookmark(database, NAME);
    return comparePositions(bookmark, await store.lastPosition()) > 0 ? '0' : bookmark;
  }

  async #eraseFromStore(redaction: Redaction): Promise<void> {
    const { store, onError } = this.#options;
    if ((await carryOut(store, redaction)) !== 'no-such-event') return;
    // Nothing is left to be erased; trying again would keep all later redactions waiting.
    onError(
      new Error(`A redaction names event ${redaction.eventId}, which ${redaction.streamId} does not have`),
    );
  }

  /** The rows lose the text when the redaction is folded; then the database's log must not keep it either. */
  async #eraseFromReadModels(position: string): Promise<void> {
    const { database, projections } = this.#options;
    if (!(await waitForPosition(database, projections, position, PATIENCE_MS))) {
      throw new Error(`The read models have not reached the redaction at position ${position} yet`);
    }
    const until = performance.now() + PATIENCE_MS;
    while (!database.truncateLog()) {
      if (performance.now() >= until || this.#stopping.signal.aborted) {
        throw new Error("Another reader keeps the read models' log from being cut off after a redaction");
      }
      await sleep(10);
    }
  }
}
