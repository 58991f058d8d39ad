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
import { sweepDeadlines } from '#use-cases/records/sweep-deadlines';
import type { SweepCall, SweepOutcome } from '#use-cases/records/sweep-deadlines';
import type { CheckedClock } from './checked-clock.ts';
import { bringToEnd } from './deadline-index.ts';
import type { DeadlineIndex } from './deadline-index.ts';
import { messageOf } from '#event-sourcing/errors';
import { lifecycles } from '#state-machines/lifecycles';

/** The name of the sweep's runs in the database. */
const SWEEP = 'sweep';

/** The growing pause before a failed sweep is retried. */
const RETRY_MS = { first: 2_000, max: 60_000 };

/** Sweeps deadlines up to a day, once the index is at the end of the log. Records the outcome. */
export async function runSweep(
  { clock, ...index }: DeadlineIndex & { readonly clock: Pick<CheckedClock, 'now' | 'assertRight'> },
  call: Pick<SweepCall, 'asOf' | 'actor' | 'correlationId' | 'onRecorded' | 'onProgress' | 'signal'>,
): Promise<SweepOutcome> {
  clock.assertRight();
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
    const outcome = await sweepDeadlines(store, database, lifecycles, {
      ...call,
      now: () => clock.now(),
      onRecorded(threshold) {
        recorded += 1;
        call.onRecorded?.(threshold);
      },
    });
    // A sweep of an earlier day, or one that was stopped, does not reduce the coverage.
    const covered = call.signal?.aborted || (before !== null && before > call.asOf) ? before : call.asOf;
    // Later events of the log were not checked.
    if (unreadable !== null) throw unreadable;
    await note(covered, null);
    return outcome;
  } catch (error) {
    await note(before, messageOf(error)).catch(() => undefined);
    throw error;
  }
}

/** Returns the last sweep. If it ran while the clock was wrong, its coverage ends at most today. */
async function lastSweep(database: ReadModelDatabase, today: string): Promise<JobRun | null> {
  const last = await lastJobRun(database, SWEEP);
  return last?.coveredTo != null && last.coveredTo > today ? { ...last, coveredTo: today } : last;
}

export interface SweepStatus {
  readonly last: JobRun | null;
  /** The next run; null if there is no schedule. */
  readonly nextRun: string | null;
  /** The number of days up to today that no sweep has covered; null before the first sweep. */
  readonly lagDays: number | null;
}

interface SweepScheduleOptions extends DeadlineIndex {
  readonly clock: CheckedClock;
  readonly machine: Machine;
  /** A cron expression in London's time. */
  readonly schedule: string;
  readonly actor: Actor;
  readonly onSwept: (outcome: SweepOutcome) => void;
  /** Called when a sweep failed; the next one retries. */
  readonly onError: (error: unknown) => void;
}

/**
 * Sweeps at once, to catch up after downtime, and then on a schedule. Several processes may do so: each threshold is recorded only once.
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

  /** Sweeps now. A call during a sweep adds at most one run. */
  sweepNow(): void {
    if (this.#askedFor !== null) return;
    this.#askedFor = this.#sweep().finally(() => {
      this.#askedFor = null;
    });
  }

  /** Stops after the records in progress. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#retry?.close();
    this.#cron.stop();
    await this.#running;
  }

  get nextRun(): string | null {
    return this.#cron.nextRun;
  }

  /** Schedules a retry: an unavailable store is usually back long before the next scheduled run. */
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
    const { actor, machine, onSwept, onError } = this.#options;
    const { signal } = this.#stopping;
    this.#running = this.#running.then(async () => {
      if (signal.aborted) return;
      try {
        const asOf = londonDate(this.#options.clock.now());
        const correlationId = (): string => machine.random.uuid();
        onSwept(await runSweep(this.#options, { asOf, actor, signal, correlationId }));
        this.#retryMs = RETRY_MS.first;
      } catch (error) {
        onError(error);
        this.#tryAgain();
      }
    });
    return this.#running;
  }
}

export async function sweepStatus(
  database: ReadModelDatabase,
  nextRun: string | null,
  now: number,
): Promise<SweepStatus> {
  const today = londonDate(now);
  const last = await lastSweep(database, today);
  return { last, nextRun, lagDays: last?.coveredTo ? daysBetween(last.coveredTo, today) : null };
}
