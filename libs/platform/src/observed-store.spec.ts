import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { append, commit, draft, request } from '#test/support/event-commits';
import { keepingObserver } from '#test/support/observed';
import type { EventStore } from '#event-sourcing/event-store';
import type { ObservedAppend } from '#event-sourcing/store-observer';
import { temporaryFolder } from '#test/support/temporary-folder';
import { observedStore } from './observed-store.ts';
import { openStore } from './open-store.ts';
import type { StoreKind } from './stores.ts';

let folder: string;
let store: EventStore;
let kept: ReturnType<typeof keepingObserver>;

beforeEach(() => {
  folder = temporaryFolder();
  kept = keepingObserver();
});

afterEach(async () => {
  await store.close();
});

const open = async (kind: StoreKind): Promise<void> => {
  const address = kind === 'memory' ? { kind } : { kind: 'sqlite' as const, path: join(folder, 'log.db') };
  store = await openStore(address, { create: true, observer: kept.observer });
};

describe.each(['memory', 'sqlite'] as const)('the observer of a store in %s', (kind) => {
  beforeEach(() => open(kind));

  it('reports how each append ended, and how long it took', async () => {
    const keyed = commit([append('s-1', 0, draft())], { request: request() });
    await store.append(keyed);
    await store.append(keyed);
    await expect(store.append(commit([append('s-1', 0, draft())]))).rejects.toMatchObject({
      code: 'version-conflict',
    });
    const twice = commit([append('s-2', 0, draft()), append('s-2', 0, draft())]);
    await expect(store.append(twice)).rejects.toThrow('names a stream twice');
    await store.close();
    await expect(store.append(commit([append('s-1', 1, draft())]))).rejects.toMatchObject({
      code: 'store-unavailable',
    });
    expect(kept.ends).toEqual(['appended', 'repeated', 'conflict', 'failed', 'unavailable']);
    expect(kept.seconds.every((seconds) => seconds >= 0 && seconds < 60)).toBe(true);
  });

  it('reports a stored append once, also if it throws', async () => {
    const failing = {
      ...kept.observer,
      appended(append: ObservedAppend) {
        kept.observer.appended(append);
        throw new Error('the observer has a fault');
      },
    };
    const observed = observedStore(store, failing);
    await expect(observed.append(commit([append('s-1', 0, draft())]))).rejects.toThrow('has a fault');
    // The inner store calls its own observer first.
    expect(kept.ends).toEqual(['appended', 'appended']);
  });

  it('reports a subscription whose handler throws, but not one that is closed', async () => {
    const closed = store.subscribe('0', () => Promise.resolve());
    await store.append(commit([append('s-1', 0, draft())]));
    await closed.close();
    const broken = store.subscribe('0', () => Promise.reject(new Error('it cannot go on')));
    await expect(broken.ended).rejects.toThrow('it cannot go on');
    expect(kept.drops).toEqual(['handler']);
  });
});

describe('a store in SQLite', () => {
  beforeEach(() => open('sqlite'));

  it('reports the commits and events that it wrote together, and none that were refused', async () => {
    const many = Array.from({ length: 20 }, (_, index) => append(`s-${index}`, 0, draft(), draft()));
    const refused = append('s-1', 7, draft());
    await Promise.allSettled([...many, refused].map((each) => store.append(commit([each]))));
    expect(kept.groups).toEqual([{ commits: 20, events: 40 }]);
    await Promise.allSettled([store.append(commit([refused]))]);
    expect(kept.groups).toHaveLength(1);
    await store.append(commit([append('s-1', 2, draft())]));
    expect(kept.groups.at(-1)).toEqual({ commits: 1, events: 1 });
  });
});
