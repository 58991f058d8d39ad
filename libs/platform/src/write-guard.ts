import type { Machine } from './steady-clock.ts';
import { thisMachine } from './steady-clock.ts';
import { WritesRefusedError } from '#event-sourcing/errors';
import type { EventStore } from '#event-sourcing/event-store';
import { CheckedClock } from './checked-clock.ts';
import { SignedEnd } from './checkpoints/signed-end.ts';
import { guardedStore } from './observed-store.ts';
import type { Settings } from './settings.ts';

/** A store that refuses appends while what they record could not be trusted. */
export interface GuardedStore {
  readonly store: EventStore;
  /** This machine's checked clock. */
  readonly clock: CheckedClock;
  /** Detects whether the log lost signed events. */
  readonly signedEnd: SignedEnd;
}

export interface GuardReports {
  readonly onError: (message: string) => void;
  /** Called about a problem that does not stop the work. */
  readonly onWarning: (message: string) => void;
}

/** Returns a store that refuses appends while this machine's clock is wrong or if the log lost signed events. */
export async function guardWrites(
  unguarded: EventStore,
  settings: Pick<Settings, 'store' | 'checkpoints'>,
  { onError, onWarning }: GuardReports,
  machine: Machine = thisMachine,
): Promise<GuardedStore> {
  const clock = await CheckedClock.of(unguarded, {
    clock: machine.clock,
    onWrong: onError,
    onRight: onWarning,
  });
  const signedEnd = new SignedEnd(unguarded, settings);
  const store = guardedStore(unguarded, async ({ recordedAt }) => {
    clock.assertRight(recordedAt);
    const lost = await signedEnd.lost();
    if (lost !== null) throw new WritesRefusedError('log-rolled-back', lost);
  });
  const lost = await signedEnd.lost();
  if (lost !== null) onError(lost);
  return { store, clock, signedEnd };
}
