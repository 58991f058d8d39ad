import { systemClock } from '#event-sourcing/clock';
import type { Clock, Timer } from '#event-sourcing/clock';
import type { Random } from '#event-sourcing/random';
import { deliverDue } from './deliver-messages.ts';
import type { DeliveryOptions } from './deliver-messages.ts';
import type { ChannelName } from './notices.ts';
import type { Due } from './outbox/outbox.ts';
import type { OutboxFollower } from './outbox-follower.ts';
import { Turns } from './turns.ts';

interface NotifierOptions extends Pick<
  DeliveryOptions,
  'outbox' | 'findReceiver' | 'delivery' | 'onDelivery'
> {
  /** Those who record what is to be sent. */
  readonly followers: readonly Pick<OutboxFollower, 'begin' | 'start' | 'look' | 'stop'>[];
  /** Told of what kept it from its work; it tries again by itself. */
  readonly onError: (error: unknown) => void;
  readonly clock: Clock;
  readonly random: Random;
  /** Whether the time is known: while it is not, nothing is sent. Default: always. */
  readonly isTimeKnown?: () => boolean;
  /** How often it looks for what is due. */
  readonly pollMs?: number;
}

const POLL_MS = 1_000;
/** So many receivers are sent to at once: mail goes to one server, and of webhooks there are hardly as many. */
const AT_ONCE: Readonly<Record<ChannelName, number>> = { email: 16, webhook: 256 };
/** So many messages to one before it is another's turn. */
const MESSAGES_AT_ONCE = 20;
/** How long a stop waits for deliveries that are under way. */
const STOP_MS = 3_000;
const DAY_MS = 86_400_000;
/** What has ended is kept for so long. */
const KEPT_MS = 400 * DAY_MS;

/**
 * Sends what the outbox has until it is delivered or given up, and has its followers record what is to be sent. Any number
 * of processes may do so on one outbox.
 */
export class Notifier {
  readonly #options: Omit<NotifierOptions, 'random'> & DeliveryOptions & { isTimeKnown: () => boolean };
  readonly #aborting = new AbortController();
  readonly #sending = new Map<string, { readonly channel: ChannelName; readonly ended: Promise<void> }>();
  /** The receivers that were sent to, the one whose turn was last at the end. */
  readonly #served = new Map<string, number>();
  #turns = 0;
  /** When it looks for what is to be forgotten. */
  #forgetsAt = -Infinity;
  #timer: Timer | null = null;
  #looking: Promise<void> | null = null;
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
      turns: new Turns(),
    };
  }

  /**
   * Notes where its followers start.
   * @throws ForeignOutboxError, OutboxAheadError
   */
  async begin(): Promise<void> {
    if (this.#hasBegun) return;
    const { followers } = this.#options;
    for (const follower of followers) await follower.begin();
    this.#hasBegun = true;
  }

  /** Begins to record and to send; `begin` came before. */
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

  /** Lets deliveries end that are under way, for a while; the claims of the others are given back. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#timer?.close();
    const timer = systemClock.after(() => {
      this.#aborting.abort();
    }, STOP_MS);
    await Promise.all(this.#options.followers.map((follower) => follower.stop()));
    await this.#looking;
    await this.settled();
    timer.close();
  }

  /** Records all that is new in the log and begins to send what is due. */
  async look(): Promise<void> {
    await this.begin();
    try {
      for (const follower of this.#options.followers) await follower.look();
    } finally {
      // What was recorded before waits for no read model.
      await this.#sendDue();
    }
  }

  /** Resolves when nothing is being sent. */
  async settled(): Promise<void> {
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

  /** Some at each look, until none is left that day. */
  async #forgetSome(): Promise<void> {
    const now = this.#options.now();
    if (now < this.#forgetsAt) return;
    if ((await this.#options.outbox.forgetEnded(now - KEPT_MS)) === 0) this.#forgetsAt = now + DAY_MS;
  }

  #sendingBy(channel: ChannelName): number {
    return [...this.#sending.values()].filter((each) => each.channel === channel).length;
  }

  /** Those first whose turn is longest ago: many that do not answer keep nobody else from theirs. */
  #byTurns(due: readonly Due[]): readonly Due[] {
    const receivers = new Set(due.map(({ receiver }) => receiver));
    for (const id of this.#served.keys()) if (!receivers.has(id)) this.#served.delete(id);
    const turnOf = ({ receiver }: Due): number => this.#served.get(receiver) ?? 0;
    return due.toSorted((one, other) => turnOf(one) - turnOf(other));
  }
}
