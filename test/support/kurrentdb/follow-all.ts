import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type { Outgoing } from './calls.ts';
import { afterEvent, filteredPage, NO_FILTER } from './event-filter.ts';
import type { EventFilter } from './event-filter.ts';
import type { LogStore } from './log-store.ts';
import { nextCommit } from './next-commit.ts';
import { caughtUpMessage, checkpointMessage, confirmationMessage, eventMessage } from './read-messages.ts';
import { comparePositions } from './stored-event.ts';
import type { Position, StoredEvent } from './stored-event.ts';

interface FollowedAll {
  /** The last position of the client; null for none. */
  readonly from: Position | null;
  readonly isStructured: boolean;
  readonly filter: EventFilter | null;
}

/** A position before everything in the log. */
const BEFORE_ALL: Position = { commit: -1n, prepare: -1n };
/** The number of live events that are buffered for a slow client, before it must catch up from the log again. */
const LIVE_MAX = 32;

/** The number of events that are scanned at once. */
const LOOKED_AT_MAX = 500;

/**
 * Runs a subscription to `$all`: from the client's position to the end, and then live until the client ends it. Like
 * the server's AllSubscriptionFiltered, it sends checkpoints at certain positions.
 */
export async function followAll(
  store: LogStore,
  outgoing: Outgoing<ReadResp>,
  { from, isStructured, filter }: FollowedAll,
): Promise<never> {
  await outgoing.write(confirmationMessage());
  const following = new Following(store, outgoing, isStructured, filter, from ?? BEFORE_ALL);
  if (comparePositions(from ?? BEFORE_ALL, store.lastPosition() ?? BEFORE_ALL) < 0) await following.catchUp();
  for (;;) {
    await following.live();
    await following.catchUp();
  }
}

class Following {
  readonly #store: LogStore;
  readonly #outgoing: Outgoing<ReadResp>;
  readonly #isStructured: boolean;
  readonly #filter: EventFilter;
  readonly #hasCheckpoints: boolean;
  /** The last event or checkpoint of the client. */
  #checkpoint: Position;
  /** The position from which on the log is still unread. */
  #next: Position;

  constructor(
    store: LogStore,
    outgoing: Outgoing<ReadResp>,
    isStructured: boolean,
    filter: EventFilter | null,
    from: Position,
  ) {
    this.#store = store;
    this.#outgoing = outgoing;
    this.#isStructured = isStructured;
    this.#filter = filter ?? NO_FILTER;
    this.#hasCheckpoints = filter !== null;
    this.#checkpoint = this.#next = from;
  }

  async catchUp(): Promise<void> {
    let considered = 0;
    for (;;) {
      const page = filteredPage(this.#store, this.#next, this.#filter);
      for (const event of page.events) await this.#send(event);
      // An empty page is a checkpoint for everything before it.
      if (comparePositions(this.#next, page.next) < 0) this.#advance(this.#next);
      this.#next = page.next;
      considered += page.considered;
      if (page.isEnd) {
        await this.#writeCheckpoint();
        return;
      }
      if (considered >= this.#filter.checkpointInterval) {
        considered %= this.#filter.checkpointInterval;
        await this.#writeCheckpoint();
      }
    }
  }

  /** Sends live events; resolves when the client is too slow for them. */
  async live(): Promise<void> {
    await this.#outgoing.write(caughtUpMessage(this.#checkpoint.commit < 0n ? null : this.#checkpoint));
    let considered = 0;
    for (;;) {
      const news = this.#store.page(this.#next, LOOKED_AT_MAX);
      if (news.filter(this.#filter.allows).length > LIVE_MAX) {
        await this.#writeCheckpoint();
        return;
      }
      for (const event of news) {
        this.#next = afterEvent(event);
        if (this.#filter.allows(event)) await this.#send(event);
        considered += 1;
        if (considered < this.#filter.checkpointInterval) continue;
        considered = 0;
        this.#advance(event);
        await this.#writeCheckpoint();
      }
      if (news.length === 0) await nextCommit(this.#store, this.#outgoing.over);
    }
  }

  async #send(event: StoredEvent): Promise<void> {
    if (comparePositions(event, this.#checkpoint) <= 0) return;
    await this.#outgoing.write(eventMessage(event, this.#isStructured));
    this.#checkpoint = event;
  }

  #advance(position: Position): void {
    if (comparePositions(position, this.#checkpoint) > 0) this.#checkpoint = position;
  }

  async #writeCheckpoint(): Promise<void> {
    if (!this.#hasCheckpoints || this.#checkpoint.commit < 0n) return;
    await this.#outgoing.write(checkpointMessage(this.#checkpoint));
  }
}
