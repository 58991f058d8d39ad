import { systemClock } from '#event-sourcing/clock';
import type { ErasedRemains, EventStore, Redaction } from '#event-sourcing/event-store';
import { followerBookmark, saveFollowerBookmark } from '#projections/following/follower-bookmark';
import type { BatchPlace, Follower, FollowerBookmark, Waitable } from '#projections/following/follower';
import { Following } from '#projections/following/following';
import { polledPart } from '#projections/following/log-part';
import { comparePositions } from '#projections/position';
import { truncateLogs, waitForAllSets } from '#projections/read-models-status';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';

interface EraserOptions {
  readonly store: EventStore;
  readonly database: ReadModelDatabase;
  /** Called on errors; the eraser retries by itself. */
  readonly onError: (error: unknown) => void;
  /** How often it polls for redactions, including those of other nodes. */
  readonly pollMs?: number;
}

/** A redaction that is not carried out everywhere yet, and the reason; null if no reason is known. */
interface PendingErasure {
  readonly position: string;
  readonly waitsFor: 'store' | 'read-models' | null;
}

const BATCH = 100;
/** The timeout for readers to release the write-ahead log. After it, the eraser reports an error and retries. */
const PATIENCE_MS = 5_000;
/** The timeout for read models to reach a redaction: at a first start, they fold the whole log. */
const FOLD_MS_MAX = 60_000;
/** The delay before retrying to truncate the write-ahead log, during which its readers can finish. */
const RETRY_CUT_MS = 100;
/** Short delays, because callers wait for redactions. */
const RETRY_MS = { first: 1_000, max: 5_000 };

/**
 * Carries out redactions that the append could not complete: it erases the values from the store's files and
 * waits until the read models and their write-ahead log no longer contain them. It follows the log with its
 * own checkpoint. Erasing is idempotent, so the eraser can continue after a crash at any point.
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
      log: polledPart({
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

  /** Waits until all redactions up to a position are carried out. Resolves to false after the timeout. */
  whenHandled(position: string, timeoutMs: number): Promise<boolean> {
    return this.#following.whenHandled(position, timeoutMs);
  }

  /** Returns the oldest redactions that are not carried out everywhere yet. */
  async pending(): Promise<PendingErasure[]> {
    const after = await this.#bookmark();
    const redactions = await this.#options.store.redactions({ after, limit: BATCH });
    return redactions.map(({ position }) => ({ position, waitsFor: this.#waitsFor }));
  }

  async handle(redactions: readonly Redaction[], { stopping }: BatchPlace): Promise<void> {
    // A retry repeats the store first, but still waits for what it waited for.
    this.#waitsFor ??= 'store';
    try {
      for (const redaction of redactions) await this.#eraseFromStore(redaction);
    } catch (error) {
      this.#waitsFor = 'store';
      throw error;
    }
    this.#waitsFor = 'read-models';
    const last = redactions.at(-1);
    if (last !== undefined) await this.#eraseFromReadModels(last.position, stopping);
    this.#waitsFor = null;
  }

  /** Returns the eraser's checkpoint. A checkpoint beyond the log's end is from another log; then all redactions are carried out again. */
  async #bookmark(): Promise<string> {
    const { database, store } = this.#options;
    const bookmark = await followerBookmark(database, this.name);
    return comparePositions(bookmark, await store.lastPosition()) > 0 ? '0' : bookmark;
  }

  async #eraseFromStore(redaction: Redaction): Promise<void> {
    const { store, onError } = this.#options;
    if ((await carryOut(store, redaction)) !== 'no-such-event') return;
    // There is nothing to erase; a retry would block all later redactions.
    onError(
      new Error(`A redaction names event ${redaction.eventId}, which ${redaction.streamId} does not contain`),
    );
  }

  /**
   * Waits until the projections have erased the text from their rows by folding the redaction, and until the
   * write-ahead log and older read transactions no longer contain it.
   */
  async #eraseFromReadModels(position: string, stopping: AbortSignal): Promise<void> {
    const { database } = this.#options;
    if (!(await waitForAllSets(database, position, FOLD_MS_MAX, stopping)))
      throw new Error(`The read models have not reached the redaction at position ${position} yet`);
    const until = systemClock.elapsed() + PATIENCE_MS;
    while (!(await truncateLogs(database))) {
      if (systemClock.elapsed() >= until || stopping.aborted) {
        throw new Error(
          "Another reader prevents the truncation of the read models' write-ahead log after a redaction",
        );
      }
      await systemClock.sleep(RETRY_CUT_MS);
    }
  }
}

/** Where erased values still remain; no one can read them any more. */
export interface Erased {
  readonly remains: ErasedRemains | 'pending';
  /** What this means, while it is pending. */
  readonly detail?: string;
}

const PENDING: Erased = {
  remains: 'pending',
  detail:
    'The redaction is stored. It takes effect by itself, as soon as all lists have followed and no file contains the text. Until then, lists that still contain it are not shown',
};

/** Returns where values remain once their erasure was awaited. */
export const erasedFrom = ({ erasedRemains }: Pick<EventStore, 'erasedRemains'>, isErased: boolean): Erased =>
  isErased ? { remains: erasedRemains } : PENDING;

/**
 * Erases from a store all redacted values that are still present: a copy must not keep values that its source was about to erase.
 * @returns the number of redactions that erased something.
 */
export async function carryOutRedactions(store: EventStore): Promise<number> {
  let count = 0;
  for (let after = '0'; ;) {
    const redactions = await store.redactions({ after });
    const last = redactions.at(-1);
    if (last === undefined) return count;
    for (const redaction of redactions) {
      if ((await carryOut(store, redaction)) === 'erased') count += 1;
    }
    after = last.position;
  }
}

/**
 * Erases the values of one redaction, and the salts that would allow guessing them. Also calls a store
 * without these values, because its files may still contain them.
 * @returns whether the store had any of them.
 */
async function carryOut(
  store: EventStore,
  { streamId, eventId, erased }: Redaction,
): Promise<'erased' | 'was-gone' | 'no-such-event'> {
  const [event] = await store.findEvents(streamId, [eventId]);
  if (event === undefined) return 'no-such-event';
  const pointers = erased.filter((pointer) => Object.hasOwn(event.commitments, pointer));
  await store.erase(streamId, event.version, pointers);
  // Every event of the command has a digest of the whole request, from which a short text could be guessed.
  const siblings = event.command.digest === null ? [] : await store.findCommand(event.command.id);
  const guessable = siblings.filter(({ salts }) => Object.hasOwn(salts, COMMAND_DIGEST));
  for (const sibling of guessable) await store.erase(sibling.streamId, sibling.version, [COMMAND_DIGEST]);
  const hadAny = [...pointers, COMMAND_DIGEST].some((pointer) => Object.hasOwn(event.salts, pointer));
  return hadAny || guessable.length > 0 ? 'erased' : 'was-gone';
}
