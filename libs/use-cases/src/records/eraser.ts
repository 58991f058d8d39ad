import { systemClock } from '#event-sourcing/clock';
import type { EventStore, Redaction } from '#event-sourcing/event-store';
import { followerBookmark, saveFollowerBookmark } from '#projections/following/follower-bookmark';
import type { BatchPlace, Follower, FollowerBookmark, Waitable } from '#projections/following/follower';
import { Following } from '#projections/following/following';
import { PolledPart } from '#projections/following/log-part';
import { comparePositions } from '#projections/position';
import { waitForPosition } from '#projections/projection-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { carryOut } from './carry-out-redactions.ts';

interface EraserOptions {
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
interface PendingErasure {
  readonly position: string;
  readonly waitsFor: 'store' | 'read-models' | null;
}

const BATCH = 100;
/** How long read models may take to reach a redaction, or a reader to let go of their log, before it is said and tried again. */
const PATIENCE_MS = 5_000;
/** Meanwhile others read. */
const RETRY_CUT_MS = 100;
/** Somebody waits for a redaction: the pauses stay short. */
const RETRY_MS = { first: 1_000, max: 5_000 };

/**
 * Carries redactions out where the append could not: it rids the store's files of what they name, and waits until the read
 * models and their log are rid of it. It follows the log with a bookmark of its own, and erasing twice changes nothing, so
 * it finishes after a crash whatever it was at.
 */
export class Eraser implements Follower<Redaction>, Waitable {
  readonly name = 'eraser';
  readonly bookmark: FollowerBookmark;
  readonly #options: EraserOptions;
  readonly #following: Following<Redaction>;
  #waitsFor: PendingErasure['waitsFor'] = null;

  constructor(options: EraserOptions) {
    this.#options = options;
    const { store, database, onError, pollMs } = options;
    this.bookmark = {
      read: () => this.#bookmark(),
      save: (position) => saveFollowerBookmark(database, this.name, position),
    };
    this.#following = new Following({
      follower: this,
      log: new PolledPart({
        lastPosition: () => store.lastPosition(),
        next: (after) => store.redactions({ after, limit: BATCH }),
      }),
      onError,
      retryMs: RETRY_MS,
      ...(pollMs !== undefined && { pollMs }),
    });
  }

  start(): void {
    this.#following.start();
  }

  stop(): Promise<void> {
    return this.#following.stop();
  }

  /** Waits until all redactions up to a position are carried out: true, or false when the time is over. */
  whenHandled(position: string, timeoutMs: number): Promise<boolean> {
    return this.#following.whenHandled(position, timeoutMs);
  }

  /** The redactions that are not carried out everywhere yet, the first ones, as the log has them now. */
  async pending(): Promise<PendingErasure[]> {
    const after = await this.#bookmark();
    const found = await this.#options.store.redactions({ after, limit: BATCH });
    return found.map(({ position }) => ({ position, waitsFor: this.#waitsFor }));
  }

  async handle(redactions: readonly Redaction[], { stopping }: BatchPlace): Promise<void> {
    this.#waitsFor = 'store';
    for (const redaction of redactions) await this.#eraseFromStore(redaction);
    this.#waitsFor = 'read-models';
    const last = redactions.at(-1);
    if (last !== undefined) await this.#eraseFromReadModels(last.position, stopping);
    this.#waitsFor = null;
  }

  /** A bookmark beyond the log's end is of another log: all of this one's redactions are carried out again. */
  async #bookmark(): Promise<string> {
    const { database, store } = this.#options;
    const bookmark = await followerBookmark(database, this.name);
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

  /** The rows lose the text when the redaction is folded; then the database's log must not keep it either, nor a read that began before. */
  async #eraseFromReadModels(position: string, stopping: AbortSignal): Promise<void> {
    const { database, projections } = this.#options;
    if (!(await waitForPosition(database, projections, position, PATIENCE_MS))) {
      throw new Error(`The read models have not reached the redaction at position ${position} yet`);
    }
    const until = systemClock.elapsed() + PATIENCE_MS;
    while (!(await database.truncateLog())) {
      if (systemClock.elapsed() >= until || stopping.aborted) {
        throw new Error("Another reader keeps the read models' log from being cut off after a redaction");
      }
      await systemClock.sleep(RETRY_CUT_MS);
    }
  }
}
