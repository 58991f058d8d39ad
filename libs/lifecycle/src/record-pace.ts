import { systemClock } from '#event-sourcing/clock';
import type { Clock } from '#event-sourcing/clock';
import type { DecidedEvent } from './decide.ts';
import type { LifecycleCode, LifecycleState } from './lifecycle-definition.ts';
import { QueueFullError, StreamQueue } from './stream-queue.ts';

/**
 * Returns how many later events of a record must be folded again after a backdated entry. Each of their days adds a row
 * of past lists. 0 if the entry has the record's latest date, or does not change its state.
 */
export function eventsRefolded(
  { asides }: Pick<LifecycleCode<never>, 'asides'>,
  before: Pick<LifecycleState, 'days'> | null,
  events: readonly Pick<DecidedEvent, 'type' | 'effectiveOn'>[],
  effectiveOn: string,
): number {
  let from: string | null = null;
  for (const { type, effectiveOn: on = effectiveOn } of events)
    if (asides?.has(type) !== true && (from === null || on < from)) from = on;
  const days = before?.days ?? null;
  if (from === null || days === null || from >= days.latest) return 0;
  let later = 0;
  for (let day: typeof days | null = days; day !== null; day = day.before) if (day.on > from) later += 1;
  return later;
}

/** Limits on the events of one record that backdated entries fold again. */
interface PaceLimits {
  /** The burst after an idle period; a single entry is always allowed. */
  readonly atOnce: number;
  readonly perSecond: number;
  /** The longest wait of an entry, in milliseconds. */
  readonly waitMsMax: number;
  /** The most entries waiting. */
  readonly waitingMax: number;
}

/** A slow read model folds 14,000 events a second, so it catches up with `atOnce` within a second. */
const PACE_LIMITS: PaceLimits = {
  atOnce: 8_000,
  perSecond: 4_000,
  waitMsMax: 10_000,
  waitingMax: 100,
};

type PaceClock = Pick<Clock, 'elapsed' | 'sleep'>;

/** Thrown if the entry must wait; nothing was appended. */
class NotNowError extends Error {}

/**
 * Limits the work that backdated entries cause for read models, so that one record cannot delay all lists. Entries on a
 * record's latest date never wait. Each process counts separately.
 */
export class RecordPace {
  readonly #limits: PaceLimits;
  readonly #clock: PaceClock;
  readonly #line: StreamQueue;
  /** The times when the read models will have caught up with the entries, by stream, in insertion order. */
  readonly #doneAt = new Map<string, number>();

  constructor(limits: PaceLimits = PACE_LIMITS, clock: PaceClock = systemClock) {
    this.#limits = limits;
    this.#clock = clock;
    this.#line = new StreamQueue(limits.waitingMax);
  }

  /**
   * Runs a task. If `begin` refuses because the entry must wait, runs the task again when it is its turn.
   * @param task passes its argument to `begin`.
   * @throws QueueFullError if the wait would be too long; nothing was done.
   */
  async run<Result>(streamId: string, task: (isInTurn: boolean) => Promise<Result>): Promise<Result> {
    const since = this.#clock.elapsed();
    try {
      return await task(false);
    } catch (error) {
      if (!(error instanceof NotNowError)) throw error;
    }
    return this.#line.run(streamId, async () => {
      await this.#turn(streamId, since);
      return task(true);
    });
  }

  /**
   * Counts an entry; call it directly before the append.
   * @throws NotNowError if the entry must wait.
   */
  begin(streamId: string, refolded: number, isInTurn: boolean): void {
    if (refolded === 0) return;
    const now = this.#clock.elapsed();
    if (!isInTurn && (this.#line.isBusy(streamId) || this.#leftMs(streamId, now) > 0))
      throw new NotNowError();
    const { atOnce, perSecond } = this.#limits;
    const idle = now - (atOnce / perSecond) * 1_000;
    const doneAt = Math.max(this.#doneAt.get(streamId) ?? idle, idle) + (refolded / perSecond) * 1_000;
    this.#doneAt.delete(streamId);
    this.#doneAt.set(streamId, doneAt);
    for (const [other, at] of this.#doneAt) {
      if (at > idle) break;
      this.#doneAt.delete(other);
    }
  }

  async #turn(streamId: string, since: number): Promise<void> {
    for (;;) {
      const now = this.#clock.elapsed();
      const left = this.#leftMs(streamId, now);
      if (left <= 0) return;
      if (now + left - since > this.#limits.waitMsMax) throw tooManyEntries(left);
      await this.#clock.sleep(left);
    }
  }

  #leftMs(streamId: string, now: number): number {
    return (this.#doneAt.get(streamId) ?? now) - now;
  }
}

function tooManyEntries(leftMs: number): QueueFullError {
  const seconds = Math.ceil(leftMs / 1_000);
  const detail = `This record has had too many backdated entries; nothing was recorded. Try again in ${seconds} s, or use today as the effective date`;
  return new QueueFullError(detail, seconds);
}
