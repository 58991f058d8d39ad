import type { Machine } from './steady-clock.ts';
import type { StoreObserver } from '#event-sourcing/store-observer';
import { AppendHealth, watchingAppends } from './append-health.ts';
import { openOrMakeStore } from './open-or-make-store.ts';
import { openStore } from './open-store.ts';
import type { Settings } from './settings.ts';
import { StoreDamage, watchForDamage } from './store-damage.ts';
import { guardWrites } from './write-guard.ts';
import type { GuardedStore, GuardReports } from './write-guard.ts';

/** A guarded store with its monitors. */
export interface WatchedStore extends GuardedStore {
  readonly appends: AppendHealth;
  readonly damage: StoreDamage;
}

/** Opens the store, creating it if missing, with its monitors. */
export async function openWatchedStore(
  settings: Settings,
  observer: StoreObserver | undefined,
  { onError, onWarning }: GuardReports,
  machine: Machine,
): Promise<WatchedStore> {
  const appends = new AppendHealth({
    onFailing: (reason, failed) => {
      onError(`Events cannot be appended (${failed} failures since the last report): ${reason}`);
    },
    onRecovered: () => {
      onWarning('Events can be appended again');
    },
  });
  const opened = await openOrMakeStore(settings, {
    observer: watchingAppends(appends, observer),
    random: machine.random,
  });
  const damage = new StoreDamage(opened, onError);
  const store = watchForDamage(opened, (error) => {
    damage.note(error);
  });
  try {
    const guarded = await guardWrites(store, settings, { onError, onWarning }, machine);
    return { ...guarded, appends, damage };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** Opens an existing store for a process that does not serve requests. */
export async function openGuardedStore(
  settings: Settings,
  observer: StoreObserver | undefined,
  reports: GuardReports,
  machine: Machine,
): Promise<GuardedStore> {
  const store = await openStore(settings.store, {
    create: false,
    random: machine.random,
    ...(observer && { observer }),
  });
  try {
    return await guardWrites(store, settings, reports, machine);
  } catch (error) {
    await store.close();
    throw error;
  }
}
