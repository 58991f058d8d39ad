import { describe, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft } from '#test/support/event-commits';
import { streamEvents } from './event-store.ts';

/** Creates a stream of this many texts of this length. */
async function streamOf(events: number, letters: number): Promise<MemoryEventStore> {
  const store = new MemoryEventStore(createSealer());
  const drafts = Array.from({ length: events }, () => draft('x'.repeat(letters)));
  await store.append(commit([append('s', 0, ...drafts)]));
  return store;
}

describe('a stream that is read whole', () => {
  test.each([
    [0, 10],
    [1, 10],
    [2_500, 10],
    [300, 50_000],
  ])('has every event once, in order: %d of %d letters', async (events, letters) => {
    const store = await streamOf(events, letters);
    const versions: number[] = [];
    for await (const { version } of streamEvents(store, 's')) versions.push(version);
    expect(versions).toEqual(Array.from({ length: events }, (_, index) => index + 1));
  });

  test('with long texts is read in small pages, and the event loop runs between them', async () => {
    const store = await streamOf(300, 50_000);
    const pages: number[] = [];
    const watched: Pick<MemoryEventStore, 'readStream'> = {
      readStream: async (...args) => {
        const page = await store.readStream(...args);
        pages.push(page.length);
        return page;
      },
    };
    let turns = 0;
    let isOver = false;
    const count = (): void => {
      turns += 1;
      if (!isOver) setImmediate(count);
    };
    setImmediate(count);
    for await (const event of streamEvents(watched, 's')) expect(event.streamId).toBe('s');
    isOver = true;
    expect(Math.max(...pages.slice(4))).toBeLessThanOrEqual(8);
    expect(turns).toBeGreaterThan(pages.length / 2);
  });
});
