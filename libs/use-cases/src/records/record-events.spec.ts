import { beforeEach, describe, expect, test } from '@jest/globals';
import { append, commit, draft } from '#test/support/event-commits';
import { createSealer } from '#audit/seal';
import { withoutTexts } from '#event-sourcing/erasure';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { wholeEvents } from './record-events.ts';
import { asRecordEvents } from '#state-machines/inspection-recommendation/v1/record-event';
import type { RecordEnvelope } from '#state-machines/inspection-recommendation/v1/record-event';
import { lifecycles } from '#state-machines/lifecycles';

describe('events that are read whole', () => {
  let store: MemoryEventStore;
  let stored: readonly RecordEnvelope[];
  let reads: { after?: number; limit?: number }[];

  beforeEach(async () => {
    store = new MemoryEventStore(createSealer());
    const drafts = Array.from({ length: 40 }, (_, index) => draft(`text ${index + 1}`));
    await store.append(commit([append('s-1', 0, ...drafts)]));
    stored = asRecordEvents(await store.readStream('s-1'));
    reads = [];
  });

  const read = (versions: readonly number[]) =>
    wholeEvents(
      {
        lifecycles,
        store: {
          readStream: (streamId, options = {}) => {
            reads.push(options);
            return store.readStream(streamId, options);
          },
        },
      },
      versions.map((version) => withoutTexts(stored[version - 1] as RecordEnvelope)),
    );

  test('given events that are near each other, then the store is read once, and they come in the requested order', async () => {
    expect(await read([7, 3, 4, 9])).toEqual([7, 3, 4, 9].map((version) => stored[version - 1]));
    expect(reads).toEqual([{ after: 2, limit: 7 }]);
  });

  test('given some that are far apart, then events in between are not read', async () => {
    expect(await read([1, 2, 40])).toEqual([1, 2, 40].map((version) => stored[version - 1]));
    expect(reads).toEqual([
      { after: 0, limit: 2 },
      { after: 39, limit: 1 },
    ]);
  });

  test('given none, then the store is not read', async () => {
    expect(await read([])).toEqual([]);
    expect(reads).toEqual([]);
  });

  test('given one that the store does not have, then it stays as it is', async () => {
    const other = { ...withoutTexts(stored[0] as RecordEnvelope), version: 99 };
    expect(await wholeEvents({ store, lifecycles }, [other])).toEqual([other]);
  });
});
