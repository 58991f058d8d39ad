import { systemClock } from '#event-sourcing/clock';
import type { Clock, Timer } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import { deliverDue } from './deliver-messages.ts';
import type { DeliveryOptions } from './deliver-messages.ts';
import type { ChannelName } from './outbox/outbox-database.ts';
import type { Due } from './outbox/outbox.ts';
import type { OutboxFollower } from './outbox-follower.ts';
import { DELIVERY } from './retry-pause.ts';
import type { DeliverySettings } from './retry-pause.ts';
import { Turns } from './turns.ts';

interface NotifierOptions extends Pick<DeliveryOptions, 'outbox' | 'findReceiver' | 'onDelivery'> {
  readonly delivery?: DeliverySettings;
  /** The followers that record messages. */
  readonly followers: readonly Pick<OutboxFollower, 'begin' | 'start' | 'look' | 'stop'>[];
  /** Called with errors that interrupt the notifier, which retries by itself. */
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Reports whether the clock is trusted. Nothing is sent while it is not. By default, it always is. */
  readonly isTimeKnown?: () => boolean;
  /** How often the notifier looks for due messages. */
  readonly pollMs?: number;
}

const POLL_MS = 1_000;
/**
 * The maximum number of receivers to which messages are sent concurrently. Mail goes to one server, and there
 * are rarely this many webhooks.
 */
const AT_ONCE: Readonly<Record<ChannelName, number>> = { email: 16, webhook: 256 };
/** The number of messages to one receiver before another receiver's turn. */
const MESSAGES_AT_ONCE = 20;
/** How long a stop waits for current deliveries. */
const STOP_MS = 3_000;
const DAY_MS = 86_400_000;
/** How long ended messages are kept. */
const KEPT_MS = 400 * DAY_MS;

/**
 * Sends the outbox's messages until they are delivered or dead letters, and runs the followers that record
 * messages. Several processes may share one outbox.
 */
export class Notifier {
  readonly #options: Omit<NotifierOptions, 'random'> & DeliveryOptions & { isTimeKnown: () => boolean };
  readonly #aborting = new AbortController();
  readonly #sending = new Map<string, { readonly channel: ChannelName; readonly ended: Promise<void> }>();
  /** The receivers by their last turn, in order. */
  readonly #served = new Map<string, number>();
  #turns = 0;
  /** When old messages are deleted next. */
  #forgetsAt = -Infinity;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
  #hasBegun = false;
  #isStopping = false;

  constructor(options: NotifierOptions) {
    this.#options = {
      isTimeKnown: () => true,
      delivery: DELIVERY,
      ...options,
      now: () => options.clock.now(),
      random: () => options.random.fraction(),
      owner: options.random.uuid(),
      signal: this.#aborting.signal,
      turns: new Turns(),
    };
  }

  /**
   * Records where the followers start.
   * @throws ForeignOutboxError, OutboxAheadError
   */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    const { followers } = this.#options;
    for (const follower of followers) await follower.begin();
    this.#hasBegun = true;
  }

  /** Starts recording and sending. Call `begin` first. */
  start(): void {
    const { followers, clock, onError, pollMs = POLL_MS } = this.#options;
    const lookForDue = (): void => {
      this.#looking ??= this.#sendDue()
        .catch(onError)
        .finally(() => (this.#looking = null));
    };
    for (const follower of followers) follower.start(lookForDue);
    this.#timer = clock.every(lookForDue, pollMs);
  }

  /** Stops, waiting a limited time for current deliveries. Releases the other claims. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.close();
    const timer = systemClock.after(() => {
      this.#aborting.abort();
    }, STOP_MS);
    await Promise.all(this.#options.followers.map((follower) => follower.stop()));
    await this.#looking;
    await this.whenSettled();
    timer.close();
  }

  /** Records messages for all new events of the log, and starts sending due messages. */
  async look(): Promise<void> {
    await this.begin();
    try {
      for (const follower of this.#options.followers) await follower.look();
    } finally {
      // Messages recorded earlier need no read model.
      await this.#sendDue();
    }
  }

  /** Resolves when nothing is being sent. */
  async whenSettled(): Promise<void> {
    while (this.#sending.size > 0)
      await Promise.all(Array.from(this.#sending.values(), ({ ended }) => ended));
  }

  async #sendDue(): Promise<void> {
    const { outbox, now, isTimeKnown, onError } = this.#options;
    if (this.#isStopping || !isTimeKnown()) return;
    const due = await outbox.due(now());
    for (const { receiver, channel } of this.#byTurns(due)) {
      if (this.#sending.has(receiver) || this.#sendingBy(channel) >= AT_ONCE[channel]) continue;
      this.#served.set(receiver, (this.#turns += 1));
      const ended = deliverDue(this.#options, receiver, MESSAGES_AT_ONCE)
        .then(() => undefined, onError)
        .finally(() => this.#sending.delete(receiver));
      this.#sending.set(receiver, { channel, ended });
    }
    await this.#forgetSome();
  }

  /** Deletes some old messages per poll, until none is left that day. */
  async #forgetSome(): Promise<void> {
    const now = this.#options.now();
    if (now < this.#forgetsAt) return;
    if ((await this.#options.outbox.forgetEnded(now - KEPT_MS)) === 0) this.#forgetsAt = now + DAY_MS;
  }

  #sendingBy(channel: ChannelName): number {
    return [...this.#sending.values()].filter((each) => each.channel === channel).length;
  }

  /** Returns receivers by their last turn, oldest first, so that receivers that do not respond delay no others. */
  #byTurns(due: readonly Due[]): readonly Due[] {
    const receivers = new Set(due.map(({ receiver }) => receiver));
    for (const id of this.#served.keys()) if (!receivers.has(id)) this.#served.delete(id);
    const turnOf = ({ receiver }: Due): number => this.#served.get(receiver) ?? 0;
    return due.toSorted((one, other) => turnOf(one) - turnOf(other));
  }
}
