import type { Clock } from '#event-sourcing/clock';
import type { EventStore } from '#event-sourcing/event-store';
import type { BatchPlace, Follower, FollowerBookmark, Positioned } from '#projections/following/follower';
import { Following } from '#projections/following/following';
import type { LogPart } from '#projections/following/log-part';
import { paddedPosition, unpadded } from '#projections/position';
import type { FollowerName } from './outbox/outbox-database.ts';
import type { Outbox } from './outbox/outbox.ts';
import { quietMoment } from './turns.ts';
import type { AddressedNotice } from './outbox/record-messages.ts';

/** The dependencies of every follower. */
export interface FollowerSources {
  readonly store: Pick<EventStore, 'readAll' | 'lastPosition'>;
  readonly outbox: Outbox;
  readonly clock: Clock;
  /** Called with errors that interrupt the follower, which retries by itself. */
  readonly onError: (error: unknown) => void;
  /** How often the follower looks for new events. */
  readonly pollMs?: number;
}

interface OutboxFollowerOptions<Item extends Positioned> {
  readonly name: FollowerName;
  readonly part: LogPart<Item>;
  /** Returns the notices and their receivers for a part of the log. */
  readonly addressed: (
    items: readonly Item[],
  ) => Promise<readonly AddressedNotice[]> | readonly AddressedNotice[];
}

const POLL_MS = 1_000;
const RETRY_MS = { first: 1_000, max: 10_000 };

/** The outbox belongs to another log. */
export class ForeignOutboxError extends Error {
  override readonly name = 'ForeignOutboxError';

  constructor() {
    super("The outbox belongs to a different log from this store's. Move the outbox away");
  }
}

/** The outbox was filled from a longer log than this one. */
class OutboxAheadError extends Error {
  readonly code = 'outbox-ahead';

  constructor(seen: string, last: string) {
    super(
      `The outbox has read the log up to position ${seen}, but the log ends at ${last}: events are lost. ` +
        'Find the newer log and replace this one with it. docket restore takes the outbox along; for a log that you put there otherwise, move it away',
    );
    this.name = 'OutboxAheadError';
  }
}

/** Follows a part of the log and records its messages in the outbox, only once even if two processes run. */
export class OutboxFollower<Item extends Positioned = Positioned> implements Follower<Item> {
  readonly name: FollowerName;
  readonly bookmark: FollowerBookmark;
  readonly #sources: FollowerSources;
  readonly #options: OutboxFollowerOptions<Item>;
  readonly #following: Following<Item>;
  #onRecorded: () => void = () => undefined;

  constructor(sources: FollowerSources, options: OutboxFollowerOptions<Item>) {
    const { clock, onError, pollMs = POLL_MS } = sources;
    this.name = options.name;
    // The bookmark is moved in the transaction that records the messages.
    this.bookmark = { read: () => this.#position() };
    this.#sources = sources;
    this.#options = options;
    this.#following = new Following({
      follower: this,
      log: options.part,
      onError,
      clock,
      pollMs,
      retryMs: RETRY_MS,
    });
  }

  /**
   * Records that the follower starts at the log's current end the first time, so that nothing old is sent.
   * @throws ForeignOutboxError, OutboxAheadError
   */
  async begin(): Promise<void> {
    const { store, outbox } = this.#sources;
    const log = await firstEvent(store);
    if ((await outbox.follower(this.name)) === null) {
      await outbox.begin(this.name, { log, position: paddedPosition(await store.lastPosition()) });
    }
    const follower = await outbox.follower(this.name);
    const knownLog = follower?.log ?? null;
    if (knownLog !== null && log !== null && knownLog !== log) throw new ForeignOutboxError();
    const last = await store.lastPosition();
    if (follower !== null && follower.position > paddedPosition(last)) {
      throw new OutboxAheadError(unpadded(follower.position), last);
    }
    if (knownLog === null && log !== null) await outbox.nameLog(log);
  }

  /** @param onRecorded called when there is a message to send. */
  start(onRecorded: () => void): void {
    this.#onRecorded = onRecorded;
    this.#following.start();
  }

  stop(): Promise<void> {
    return this.#following.stop();
  }

  /** Records messages for all new events of the log. */
  look(): Promise<void> {
    return this.#following.look();
  }

  async handle(items: readonly Item[], { after: from }: Pick<BatchPlace, 'after'>): Promise<void> {
    const { store, outbox, clock } = this.#sources;
    const last = items.at(-1);
    if (last === undefined) return;
    if ((await outbox.follower(this.name))?.log === null) {
      const log = await firstEvent(store);
      if (log !== null) await outbox.nameLog(log);
    }
    const addressed = await this.#options.addressed(items);
    await outbox.record(this.name, addressed, { from, to: paddedPosition(last.position), now: clock.now() });
    if (addressed.length === 0) return;
    this.#onRecorded();
    await quietMoment();
  }

  async #position(): Promise<string> {
    const follower = await this.#sources.outbox.follower(this.name);
    if (follower === null) throw new Error('The outbox has no cursor for the log');
    return follower.position;
  }
}

const firstEvent = async (store: FollowerSources['store']): Promise<string | null> =>
  (await store.readAll({ limit: 1 }))[0]?.eventId ?? null;
