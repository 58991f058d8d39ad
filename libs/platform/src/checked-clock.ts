import type { Random } from '#event-sourcing/random';
import type { EventCall } from '#use-cases/log/kept-stream';
import { appendAs } from '#use-cases/log/kept-stream';
import { hasCode, WritesRefusedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { asClockEvent, CLOCK_STREAM, clockConfirmed } from '#state-machines/clock-events';
import type { ClockEvent } from '#state-machines/clock-events';
import { instant } from '#event-sourcing/clock';
import { thisMachine } from './steady-clock.ts';
import type { SteadyClock } from './steady-clock.ts';

/** The maximum normal difference between the clocks of several machines. */
const AHEAD_MS_MAX = 60_000;

interface CheckedClockOptions {
  /** The tolerated difference between the wall clock and the steady clock, in milliseconds. */
  readonly toleranceMs: number;
  readonly clock?: Pick<SteadyClock, 'now' | 'steady'>;
  readonly random?: Random;
  /** Called when the clock jumps, and when it is right again. */
  readonly onJumped?: (message: string) => void;
  readonly onRight?: (message: string) => void;
}

/** The times that the log proves. */
interface KnownLog {
  /** When the log's last event was recorded, in milliseconds since 1970; -Infinity for an empty log. */
  readonly recordedAt: number;
  /** The last confirmation; null if there is none. */
  readonly confirmed: ClockEvent | null;
}

/** The readings of both clocks at one moment. */
interface Reading {
  readonly wall: number;
  readonly steady: number;
}

/**
 * The wall clock, checked against a clock that cannot be set and, at the start, against the log. While they differ, nothing may be
 * recorded. The clock is right again when they agree, or when an administrator's newer confirmation is in the log.
 */
export class CheckedClock {
  readonly #store: EventStore;
  readonly #clock: Pick<SteadyClock, 'now' | 'steady'>;
  readonly #options: CheckedClockOptions;
  #base: Reading;
  #log: KnownLog;
  /** The wall time at which the clock was first found wrong; null while it is right. */
  #jumpedAt: number | null = null;

  private constructor(store: EventStore, log: KnownLog, options: CheckedClockOptions) {
    this.#store = store;
    this.#log = log;
    this.#options = options;
    this.#clock = options.clock ?? thisMachine.clock;
    this.#base = { wall: this.#clock.now(), steady: this.#clock.steady() };
    this.#note();
  }

  /** Returns a clock, checked against the end of a log. The store must accept confirmations even while the clock is wrong. */
  static async of(store: EventStore, options: CheckedClockOptions): Promise<CheckedClock> {
    return new CheckedClock(store, await knownLog(store), options);
  }

  now(): number {
    return this.#clock.now();
  }

  steady(): number {
    return this.#clock.steady();
  }

  /** The reason for which nothing may be recorded, as far as this process knows; null if the clock is right. */
  get jump(): string | null {
    return this.#leap() ?? this.#ahead();
  }

  /** Returns the same as `jump`, after searching the log for a confirmation. */
  async jumpNow(): Promise<string | null> {
    this.#note();
    if (this.#jumpedAt !== null) {
      await this.#lookForConfirmation(this.#jumpedAt);
      this.#note();
    }
    return this.jump;
  }

  /**
   * Throws if nothing may be recorded now.
   * @param recordedAt the instant to record, which may have been read before the clock was corrected
   * @throws WritesRefusedError `clock-jumped`
   */
  async assertRight(recordedAt?: string): Promise<void> {
    const jump = await this.jumpNow();
    if (jump !== null) throw new WritesRefusedError('clock-jumped', jump);
    if (recordedAt === undefined || Date.parse(recordedAt) - this.now() <= this.#options.toleranceMs) return;
    throw new WritesRefusedError(
      'clock-jumped',
      `The clock was at ${recordedAt} when the command was decided, and is at ${instant(this.now())} now. Send the command again`,
    );
  }

  /** Accepts the clock's current time and records in the log who confirmed it. */
  async confirm(call: Omit<EventCall, 'now'>): Promise<void> {
    await retryConflicts(async () => {
      const { recordedAt, confirmed } = await knownLog(this.#store);
      const now = this.now();
      const latestKnown = Math.max(recordedAt, latestOf(confirmed));
      const data = { now: instant(now), latest: latestKnown === -Infinity ? null : instant(latestKnown) };
      const log = { store: this.#store, random: this.#options.random ?? thisMachine.random };
      await appendAs(
        'confirm-clock',
        log,
        { ...call, now },
        {
          streamId: CLOCK_STREAM,
          expectedVersion: confirmed?.version ?? 0,
          events: [clockConfirmed(data)],
        },
      );
    });
    await this.#goOn();
  }

  /**
   * The number of seconds by which the clock was behind the log's last event at the start; 0 if it was not,
   * has caught up, or was confirmed.
   */
  get secondsBehind(): number {
    const behind = this.#behindMs();
    return behind > AHEAD_MS_MAX ? Math.ceil(behind / 1_000) : 0;
  }

  /** A message if the clock is behind the log; otherwise null. */
  get behind(): string | null {
    return this.secondsBehind === 0 ? null : this.#behindWords();
  }

  #behindMs(): number {
    const { recordedAt, confirmed } = this.#log;
    return recordedAt <= latestOf(confirmed) ? 0 : recordedAt - this.now();
  }

  #behindWords(): string {
    return (
      `The log's last event was recorded at ${instant(this.#log.recordedAt)}, ${Math.ceil(this.#behindMs() / 1_000)} s ahead of this ` +
      `machine's clock (${instant(this.now())}): this clock is wrong, or the clock of the machine that recorded the event was`
    );
  }

  #ahead(): string | null {
    return this.#behindMs() > this.#options.toleranceMs ? `${this.#behindWords()}. ${NEXT_STEPS}` : null;
  }

  #leap(): string | null {
    const wall = this.now();
    const leap = wall - this.#base.wall - (this.steady() - this.#base.steady);
    if (Math.abs(leap) <= this.#options.toleranceMs) return null;
    const [direction, by] = [leap > 0 ? 'forward' : 'back', Math.round(Math.abs(leap) / 60_000)];
    return `This machine's clock jumped ${direction} by ${by} minutes, to ${instant(wall)}. ${NEXT_STEPS}`;
  }

  /** Reports when the clock becomes wrong, and when it is right again. */
  #note(): void {
    const { jump } = this;
    if (jump !== null && this.#jumpedAt === null) {
      this.#jumpedAt = this.now();
      this.#options.onJumped?.(jump);
    } else if (jump === null && this.#jumpedAt !== null) {
      this.#jumpedAt = null;
      this.#options.onRight?.(
        `The clock is right again, at ${instant(this.now())}: events are recorded again`,
      );
    }
  }

  /**
   * Searches the log for a confirmation by another process, recorded after the clock was found wrong here, by
   * a clock that agrees with this one.
   */
  async #lookForConfirmation(jumpedAt: number): Promise<void> {
    const { toleranceMs } = this.#options;
    const knownVersion = this.#log.confirmed?.version ?? 0;
    const last = await lastConfirmation(this.#store, knownVersion);
    if (last === null) return;
    const confirmedAt = Date.parse(last.data.now);
    if (confirmedAt < jumpedAt - toleranceMs || confirmedAt > this.now() + toleranceMs) return;
    await this.#goOn();
  }

  async #goOn(): Promise<void> {
    this.#log = await knownLog(this.#store);
    this.#base = { wall: this.now(), steady: this.steady() };
    this.#note();
  }
}

const NEXT_STEPS =
  'Nothing is recorded until the clock is correct again. Set the clock, or, if it is already correct, have an administrator confirm that: ' +
  'on the Operations page, or with docket clock --confirm';

const latestOf = (confirmed: ClockEvent | null): number =>
  confirmed?.data.latest == null ? -Infinity : Date.parse(confirmed.data.latest);

async function knownLog(store: EventStore): Promise<KnownLog> {
  const [last, confirmed] = await Promise.all([lastEventOf(store), lastConfirmation(store, 0)]);
  return { recordedAt: last === null ? -Infinity : Date.parse(last.recordedAt), confirmed };
}

/** Returns null for an empty log, and for an event that cannot be read: that is a separate problem and must not prevent the start. */
async function lastEventOf(store: EventStore) {
  try {
    return await store.lastEvent();
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    return null;
  }
}

async function lastConfirmation(store: EventStore, after: number): Promise<ClockEvent | null> {
  let last: ClockEvent | null = null;
  for await (const event of streamEvents(store, CLOCK_STREAM, after)) last = asClockEvent(event);
  return last;
}
