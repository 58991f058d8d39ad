import { describe, expect, it } from '@jest/globals';
import { StoreDamagedError } from '#event-sourcing/errors';
import { storeWith } from '#event-sourcing/store-with';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { createSealer } from '#audit/seal';
import { StoreDamage, watchForDamage } from './store-damage.ts';

describe('the damaged places of a store', () => {
  it('are checked in turn: each repaired place is removed, however many stay damaged', async () => {
    const broken = new Set(Array.from({ length: 25 }, (_, index) => `s-${index}`));
    const errorAt = (streamId: string) =>
      new StoreDamagedError({ position: null, streamId, version: 1 }, 'no JSON');
    const damage = new StoreDamage(
      {
        readStream: (streamId) =>
          broken.has(streamId) ? Promise.reject(errorAt(streamId)) : Promise.resolve([]),
        readAll: () => Promise.resolve([]),
      },
      () => undefined,
    );
    for (const streamId of broken) damage.note(errorAt(streamId));
    broken.delete('s-17');
    let messages: readonly string[] = [];
    for (let times = 0; times < 3; times += 1) messages = await damage.now();
    expect(messages).toHaveLength(24);
    expect(messages.join()).not.toContain('s-17');
    expect(messages.join()).toContain('s-24');
  });
});

describe('a store that is watched for damage', () => {
  it('reports unreadable events, and otherwise behaves as before', async () => {
    const damaged = new StoreDamagedError({ position: null, streamId: 's', version: 1 }, 'no JSON');
    const log = new MemoryEventStore(createSealer());
    const errors: unknown[] = [];
    const broken = storeWith(log, { readStream: () => Promise.reject(damaged) });
    const watched = watchForDamage(broken, (error) => errors.push(error));
    await expect(watched.readStream('s')).rejects.toBe(damaged);
    expect(errors).toEqual([damaged]);
    expect(await watched.readAll()).toEqual([]);
  });
});
