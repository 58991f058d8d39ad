import type { EventStore } from '#event-sourcing/event-store';
import type { StoreObserver } from '#event-sourcing/store-observer';
import { AppendHealth, watchingAppends } from './append-health.ts';
import { LogClock } from './log-clock.ts';
import { openOrMakeStore } from './open-or-make-store.ts';
import type { Settings } from './settings.ts';
import { StoreDamage, watchedForDamage } from './store-damage.ts';

/** A store, and what watches over it. */
export interface WatchedStore {
  readonly store: EventStore;
  /** Whether the store takes appends. */
  readonly appends: AppendHealth;
  readonly damage: StoreDamage;
  /** This machine's clock, seen from the log. */
  readonly clock: LogClock;
}

export interface StoreReports {
  readonly onError: (message: string) => void;
  /** Something goes on, and somebody should know of it. */
  readonly onWarning: (message: string) => void;
}

/** Opens the store, made where there is none, and what watches over it. */
export async function openWatchedStore(
  settings: Settings,
  observer: StoreObserver | undefined,
  { onError, onWarning }: StoreReports,
): Promise<WatchedStore> {
  const appends = new AppendHealth({
    onFailing: (reason, failed) => {
      onError(`Events cannot be appended (${failed} times since this was last told): ${reason}`);
    },
    onRecovered: () => {
      onWarning('Events can be appended again');
    },
  });
  const opened = await openOrMakeStore(settings, watchingAppends(appends, observer));
  const damage = new StoreDamage(opened, onError);
  const store = watchedForDamage(opened, (error) => {
    damage.note(error);
  });
  try {
    const clock = await LogClock.of(store);
    if (clock.trouble !== null) onWarning(clock.trouble);
    return { store, appends, damage, clock };
  } catch (error) {
    await store.close();
    throw error;
  }
}
