import { instant } from '#event-sourcing/clock';
import { hasCode, WritesRefusedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { thisMachine } from './steady-clock.ts';
import type { SteadyClock } from './steady-clock.ts';

/** The tolerated difference in milliseconds: clocks of several machines differ by less. */
const TOLERANCE_MS = 3_600_000;

const NEXT_STEP = 'Nothing is recorded until the clock is correct again. Set the clock';

interface CheckedClockOptions {
  readonly clock?: Pick<SteadyClock, 'now' | 'steady'>;
  /** Called when the clock is found wrong, and when it is right again. */
  readonly onWrong?: (message: string) => void;
  readonly onRight?: (message: string) => void;
}

/**
 * The wall clock, checked against a clock that cannot be set and against the newest event at the start. While it is
 * wrong, nothing may be recorded.
 */
export class CheckedClock {
  readonly #clock: Pick<SteadyClock, 'now' | 'steady'>;
  readonly #options: CheckedClockOptions;
  /** When the newest event was recorded, in milliseconds since 1970. */
  readonly #newest: number;
  /** The wall time at which the steady clock was zero. */
  #base: number;
  /** Whether the clock was behind the newest event at the start, and still is. */
  #isBehind: boolean;
  #isWrong = false;

  private constructor(newest: number, options: CheckedClockOptions) {
    this.#options = options;
    this.#clock = options.clock ?? thisMachine.clock;
    this.#newest = newest;
    this.#base = this.#wallAtZero();
    this.#isBehind = this.#behindMs() > TOLERANCE_MS;
    this.trouble();
  }

  static async of(store: EventStore, options: CheckedClockOptions = {}): Promise<CheckedClock> {
    return new CheckedClock(await newestIn(store), options);
  }

  now(): number {
    return this.#clock.now();
  }

  /** Returns the reason for which nothing may be recorded; null if the clock is right. */
  trouble(): string | null {
    const trouble = this.#trouble();
    if (trouble !== null && !this.#isWrong) this.#options.onWrong?.(trouble);
    if (trouble === null && this.#isWrong)
      this.#options.onRight?.(
        `The clock is right again, at ${instant(this.now())}: events are recorded again`,
      );
    this.#isWrong = trouble !== null;
    return trouble;
  }

  /**
   * Throws if nothing may be recorded now.
   * @param recordedAt the instant to record, which may have been read before the clock was corrected
   * @throws WritesRefusedError `clock-jumped`
   */
  assertRight(recordedAt?: string): void {
    const trouble = this.trouble();
    if (trouble !== null) throw new WritesRefusedError('clock-jumped', trouble);
    if (recordedAt === undefined || Date.parse(recordedAt) - this.now() <= TOLERANCE_MS) return;
    throw new WritesRefusedError(
      'clock-jumped',
      `The clock was at ${recordedAt} when the command was decided, and is at ${instant(this.now())} now. Send the command again`,
    );
  }

  #trouble(): string | null {
    const behind = this.#behindMs();
    if (behind > TOLERANCE_MS) {
      return (
        `The newest event was recorded at ${instant(this.#newest)}, ${Math.ceil(behind / 1_000)} s ahead of this ` +
        `machine's clock (${instant(this.now())}). ${NEXT_STEP}`
      );
    }
    // A clock that was corrected after the start has jumped, rightly.
    if (this.#isBehind) this.#base = this.#wallAtZero();
    this.#isBehind = false;
    const jumped = this.#wallAtZero() - this.#base;
    if (Math.abs(jumped) <= TOLERANCE_MS) return null;
    const [direction, by] = [jumped > 0 ? 'forward' : 'back', Math.round(Math.abs(jumped) / 60_000)];
    return `This machine's clock jumped ${direction} by ${by} minutes, to ${instant(this.now())}. ${NEXT_STEP}`;
  }

  #behindMs(): number {
    return this.#newest - this.now();
  }

  #wallAtZero(): number {
    return this.now() - this.#clock.steady();
  }
}

/** An event that cannot be read is a separate problem and must not prevent the start. */
async function newestIn(store: EventStore): Promise<number> {
  try {
    const last = await store.lastEvent();
    return last === null ? -Infinity : Date.parse(last.recordedAt);
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    return -Infinity;
  }
}
