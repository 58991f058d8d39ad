import { describe, expect, it } from '@jest/globals';
import { StoreDamagedError } from '#event-sourcing/errors';
import { StoreDamage } from './store-damage.ts';

describe('the damaged places of a store', () => {
  it('are looked at in turn, so that each that was mended leaves, however many stay damaged', async () => {
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
    let told: readonly string[] = [];
    for (let times = 0; times < 3; times += 1) told = await damage.now();
    expect(told).toHaveLength(24);
    expect(told.join()).not.toContain('s-17');
    expect(told.join()).toContain('s-24');
  });
});
