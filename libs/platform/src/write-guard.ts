import type { EventStore } from '#event-sourcing/event-store';
import { CheckedClock } from './checked-clock.ts';
import { guardedStore } from './observed-store.ts';
import type { Settings } from './settings.ts';

/** A store that takes nothing while what is recorded could not be trusted. */
export interface GuardedStore {
  readonly store: EventStore;
  /** The same store, which takes everything: for what withholds redacted text. */
  readonly unguarded: EventStore;
  /** This machine's clock, as far as it can be trusted. */
  readonly clock: CheckedClock;
}

export interface GuardReports {
  readonly onError: (message: string) => void;
  readonly onWarning: (message: string) => void;
}

const MINUTE_MS = 60_000;

/** Refuses appends to a store while the clock of this machine is wrong. */
export async function guardWrites(
  unguarded: EventStore,
  { clockToleranceMinutes }: Pick<Settings, 'clockToleranceMinutes'>,
  { onError, onWarning }: GuardReports,
): Promise<GuardedStore> {
  const clock = await CheckedClock.of(unguarded, {
    toleranceMs: clockToleranceMinutes * MINUTE_MS,
    onJumped: onError,
    onRight: onWarning,
  });
  const store = guardedStore(unguarded, ({ recordedAt }) => clock.assertRight(recordedAt));
  return { store, unguarded, clock };
}
