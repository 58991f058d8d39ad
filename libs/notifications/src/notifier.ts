import { systemClock } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import type { Clock } from '#event-sourcing/clock';
import type { ThresholdRow } from '#read-models/thresholds/thresholds-projection';
import type { BatchPlace, Follower, FollowerBookmark } from '#projections/following/follower';
import { Following } from '#projections/following/following';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { deliverDue } from './deliver-messages.ts';
import type { DeliveryOptions } from './deliver-messages.ts';
import {
  beginNotices,
  noticesBookmark,
  recordReminders,
  recordThresholds,
  thresholdsOf,
} from './record-notices.ts';
import type { NoticeSources } from './record-notices.ts';

interface NotifierOptions extends Pick<
  DeliveryOptions,
  'presentRecord' | 'outbox' | 'notifications' | 'networks' | 'onDelivery'
> {
  readonly store: NoticeSources['store'];
  readonly database: ReadModelDatabase;
  /** Told of what kept it from its work; it tries again by itself. */
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the time is known: while it is not, nobody is reminded and nothing is sent. Default: always. */
  readonly isTimeKnown?: () => boolean;
  /** How often it looks for what is new and what is due. */
  readonly pollMs?: number;
}

const POLL_MS = 1_000;
const RETRY_MS = { first: 1_000, max: 10_000 };
/** So many subscriptions are sent to at once, and so many messages to one before it is another's turn. */
const AT_ONCE = 16;
const MESSAGES_AT_ONCE = 20;
/** How long a stop waits for deliveries that are under way. */
const STOP_MS = 3_000;
/** What was delivered is kept for so long. */
const KEPT_MS = 400 * 86_400_000;

/**
 * Tells people of deadlines: follows the thresholds with a bookmark of its own, records what is to be told to whom, and
 * sends it until it is delivered or given up. Any number of processes may do so on one outbox.
 */
export class Notifier implements Follower<ThresholdRow> {
  readonly name = 'notifier';
  readonly bookmark: FollowerBookmark;
  readonly #options: Omit<NotifierOptions, 'random'> & DeliveryOptions & { isTimeKnown: () => boolean };
  readonly #following: Following<ThresholdRow>;
  readonly #aborting = new AbortController();
  readonly #sending = new Map<string, Promise<void>>();
  #hasBegun = false;
  #isStopping = false;

  constructor(options: NotifierOptions) {
    this.#options = {
      isTimeKnown: () => true,
      ...options,
      now: () => options.clock.now(),
      random: () => options.random.fraction(),
      owner: options.random.uuid(),
      signal: this.#aborting.signal,
    };
    this.bookmark = noticesBookmark(this.#options);
    this.#following = new Following({
      follower: this,
      log: thresholdsOf(this.#options),
      onError: options.onError,
      // What was recorded before waits for no read model.
      onLooked: () => this.#sendDue(),
      clock: options.clock,
      pollMs: options.pollMs ?? POLL_MS,
      retryMs: RETRY_MS,
    });
  }

  /**
   * Notes where the following starts, and makes dead letters of what waits for subscriptions that there are no more.
   * @throws ForeignOutboxError
   */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    const { outbox, notifications, now } = this.#options;
    await beginNotices(this.#options);
    await outbox.abandonOthers(
      notifications.subscriptions.map(({ id }) => id),
      now(),
    );
    await outbox.forgetDelivered(now() - KEPT_MS);
    this.#hasBegun = true;
  }

  /** Begins to tell; `begin` came before. */
  start(): void {
    this.#following.start();
  }

  /** Lets deliveries end that are under way, for a while; the claims of the others are given back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const timer = systemClock.after(() => {
      this.#aborting.abort();
    }, STOP_MS);
    await this.#following.stop();
    await this.settled();
    timer.close();
  }

  /** Records all that is new in the log and begins to send what is due. */
  async look(): Promise<void> {
    await this.begin();
    await this.#following.look();
  }

  handle(rows: readonly ThresholdRow[], { after }: BatchPlace): Promise<void> {
    return recordThresholds(this.#options, rows, after);
  }

  async atEnd(): Promise<void> {
    if (this.#options.isTimeKnown()) await recordReminders(this.#options);
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
    while (this.#sending.size > 0) await Promise.all(this.#sending.values());
  }

  async #sendDue(): Promise<void> {
    const { outbox, notifications, now } = this.#options;
    const due = this.#isStopping || !this.#options.isTimeKnown() ? [] : await outbox.due(now());
    for (const id of due) {
      const subscription = notifications.subscriptions.find((each) => each.id === id);
      if (subscription === undefined || this.#sending.has(id)) continue;
      if (this.#sending.size >= AT_ONCE) return;
      const sent = deliverDue(this.#options, subscription, MESSAGES_AT_ONCE)
        .then(() => undefined, this.#options.onError)
        .finally(() => this.#sending.delete(id));
      this.#sending.set(id, sent);
    }
  }
}
