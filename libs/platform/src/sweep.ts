import type { Machine } from './steady-clock.ts';
import { CronTimer } from './cron-timer.ts';
import type { Timer } from '#event-sourcing/clock';
import { instant } from '#event-sourcing/clock';
import type { Actor } from '#event-sourcing/envelope';
import { daysBetween } from '#lifecycle/plain-date';
import { londonDate } from '#state-machines/london';
import { lastJobRun, saveJobRun } from '#projections/following/job-runs';
import type { JobRun } from '#projections/following/job-runs';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { falseFutures } from '#use-cases/records/false-futures';
import { sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import type { SweepCall, SweepOutcome } from '#use-cases/records/sweep-deadlines';
import type { CheckedClock } from './checked-clock.ts';
import { bringToEnd } from './deadline-index.ts';
import type { DeadlineIndex } from './deadline-index.ts';
import type { Tracing } from './tracing/tracing.ts';
import { messageOf } from '#event-sourcing/errors';
import { lifecycles } from '#state-machines/lifecycles';

/** The name under which the runs of the sweep are noted. */
const SWEEP = 'sweep';

/** How long after a sweep that failed it is tried again; longer each time. */
const RETRY_MS = { first: 2_000, max: 60_000 };

/** Sweeps deadlines up to a day, on an index that has come to the log's end, and notes how it ended. */
export async function runSweep(
  { clock, ...index }: DeadlineIndex & { readonly clock: Pick<CheckedClock, 'now' | 'assertRight'> },
  call: Pick<SweepCall, 'asOf' | 'actor' | 'correlationId' | 'onRecorded' | 'onProgress' | 'signal'>,
): Promise<SweepOutcome> {
  await clock.assertRight();
  const { store, database } = index;
  const startedAt = instant(clock.now());
  let recorded = 0;
  const note = async (coveredTo: string | null, error: string | null): Promise<void> => {
    await saveJobRun(database, SWEEP, {
      startedAt,
      finishedAt: instant(clock.now()),
      coveredTo,
      recorded,
      error,
    });
  };
  const before = (await lastSweep(database, londonDate(clock.now())))?.coveredTo ?? null;
  try {
    const unreadable = await bringToEnd(index, call.signal);
    const futures = await falseFutures(store);
    const outcome = await sweepDeadlines(store, database, lifecycles, {
      ...call,
      falseFutures: futures,
      now: () => clock.now(),
      onRecorded(threshold) {
        recorded += 1;
        call.onRecorded?.(threshold);
      },
    });
    // A sweep of an earlier day, or one that was ended, takes nothing back.
    const covered = call.signal?.aborted || (before !== null && before > call.asOf) ? before : call.asOf;
    // What stands behind it in the log was not looked at.
    if (unreadable !== null) throw unreadable;
    await note(covered, null);
    return outcome;
  } catch (error) {
    await note(before, messageOf(error)).catch(() => undefined);
    throw error;
  }
}

/** The last sweep; one that was swept while the clock was wrong covers no more than today. */
async function lastSweep(database: ReadModelDatabase, today: string): Promise<JobRun | null> {
  const last = await lastJobRun(database, SWEEP);
  return last?.coveredTo != null && last.coveredTo > today ? { ...last, coveredTo: today } : last;
}

export interface SweepStatus {
  readonly last: JobRun | null;
  /** When it runs next; null where it is off. */
  readonly nextRun: string | null;
  /** How many days up to today no sweep has covered; null before the first. */
  readonly lagDays: number | null;
}

export interface SweepScheduleOptions extends DeadlineIndex {
  readonly clock: CheckedClock;
  readonly machine: Machine;
  /** A cron expression, in London's time. */
  readonly schedule: string;
  readonly actor: Actor;
  readonly onSwept: (outcome: SweepOutcome) => void;
  /** Told why a sweep failed; the next one tries again. */
  readonly onError: (error: unknown) => void;
  /** Records each sweep as a trace; null where traces are not recorded. */
  readonly tracing: Tracing | null;
}

/**
 * Sweeps at once, to catch up with what was missed while nothing ran, and then whenever the schedule says. Several
 * processes may do so: each threshold is recorded once whoever comes first.
 */
export class SweepSchedule {
  readonly #options: SweepScheduleOptions;
  readonly #cron: CronTimer;
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #askedFor: Promise<void> | null = null;
  #retry: Timer | undefined;
  #retryMs: number = RETRY_MS.first;

  constructor(options: SweepScheduleOptions) {
    this.#options = options;
    this.#cron = new CronTimer(options.schedule, options.machine.clock, () => this.#sweep());
  }

  start(): void {
    void this.#sweep();
    this.#cron.start();
  }

  /** Sweeps once more; asked for again before that has ended, it is not done twice. */
  sweepNow(): void {
    if (this.#askedFor !== null) return;
    this.#askedFor = this.#sweep().finally(() => {
      this.#askedFor = null;
    });
  }

  /** Ends after the records that are being swept. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#retry?.close();
    this.#cron.stop();
    await this.#running;
  }

  get nextRun(): string | null {
    return this.#cron.nextRun;
  }

  /** A store that was away is back long before the schedule says anything. */
  #tryAgain(): void {
    if (this.#stopping.signal.aborted) return;
    this.#retry?.close();
    this.#retry = this.#options.machine.clock
      .after(() => {
        this.sweepNow();
      }, this.#retryMs)
      .unref();
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MS.max);
  }

  #sweep(): Promise<void> {
    const { actor, machine, onSwept, onError, tracing } = this.#options;
    const { signal } = this.#stopping;
    this.#running = this.#running.then(async () => {
      if (signal.aborted) return;
      try {
        const asOf = londonDate(this.#options.clock.now());
        const correlationId = (): string => tracing?.correlationId() ?? machine.random.uuid();
        const sweep = () => runSweep(this.#options, { asOf, actor, signal, correlationId });
        onSwept(await (tracing === null ? sweep() : tracing.sweep(sweep)));
        this.#retryMs = RETRY_MS.first;
      } catch (error) {
        onError(error);
        this.#tryAgain();
      }
    });
    return this.#running;
  }
}

/** How sweeping stands. */
export async function sweepStatus(
  database: ReadModelDatabase,
  nextRun: string | null,
  now: number,
): Promise<SweepStatus> {
  const today = londonDate(now);
  const last = await lastSweep(database, today);
  return { last, nextRun, lagDays: last?.coveredTo ? daysBetween(last.coveredTo, today) : null };
}
