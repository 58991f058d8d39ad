import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import type { ObservedAppend, StoreObserver } from '#event-sourcing/store-observer';

/** How often the same problem is reported. */
const REPORT_MS = 60_000;
/**
 * The pause after a failure before appends are tried again: a node that is not ready receives none. It grows while appends still fail, so
 * that a restarted server is used again at once and a full disk gets few attempts.
 */
const PAUSE_MS = { first: 3_000, max: 60_000 };

interface AppendReports {
  /** Called when appends fail, with the reason and the number of failures since the last call. */
  readonly onFailing: (reason: string, failed: number) => void;
  readonly onRecovered: () => void;
  readonly now?: () => number;
}

interface Trouble {
  lastAt: number;
  reportedAt: number;
  unreported: number;
  pauseMs: number;
}

/** Tracks whether the store accepts appends. A full disk refuses them while reads continue. */
export class AppendHealth {
  readonly #reports: AppendReports;
  readonly #now: () => number;
  #trouble: Trouble | null = null;

  constructor(reports: AppendReports) {
    this.#reports = reports;
    this.#now = reports.now ?? (() => systemClock.elapsed());
  }

  /** Whether appends failed recently and none has succeeded since. */
  get isFailing(): boolean {
    return this.#trouble !== null && this.#now() - this.#trouble.lastAt < this.#trouble.pauseMs;
  }

  observe({ outcome, error }: Pick<ObservedAppend, 'outcome' | 'error'>): void {
    if (outcome === 'unavailable') this.#onFailure(messageOf(error));
    else if (outcome === 'appended') this.#onSuccess();
  }

  #onFailure(reason: string): void {
    const now = this.#now();
    const trouble = (this.#trouble ??= {
      lastAt: now,
      reportedAt: -Infinity,
      unreported: 0,
      pauseMs: PAUSE_MS.first,
    });
    if (!this.isFailing) trouble.pauseMs = Math.min(trouble.pauseMs * 2, PAUSE_MS.max);
    trouble.lastAt = now;
    trouble.unreported += 1;
    if (now - trouble.reportedAt < REPORT_MS) return;
    this.#reports.onFailing(reason, trouble.unreported);
    trouble.reportedAt = now;
    trouble.unreported = 0;
  }

  #onSuccess(): void {
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#reports.onRecovered();
  }
}

/** Returns an observer that passes the outcome of appends to `health` and to another observer. */
export const watchingAppends = (
  health: AppendHealth,
  observer: StoreObserver | undefined,
): StoreObserver => ({
  appended(append) {
    health.observe(append);
    observer?.appended(append);
  },
  groupWritten: (commits, events) => observer?.groupWritten(commits, events),
  subscriptionDropped: (reason) => observer?.subscriptionDropped(reason),
});
