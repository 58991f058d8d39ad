import { beforeEach, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { RecordKinds, streamOf } from '#lifecycle/kind';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { append, commit, draft } from '#test/support/event-commits';
import { isStreamOf, recordsNamed } from './named-record.ts';

const roles = { staff: [], body: [] };
const noun = { singular: 'letter', plural: 'letters' };
const letter = { name: 'letter', stream: 'letter', path: 'letters', noun, roles };
const kinds = new RecordKinds([recommendation, letter], { streams: [], roles: [] });

let store: MemoryEventStore;
beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  for (const stream of [
    'recommendation-730',
    'recommendation-letter-2',
    'letter-1',
    'letter-2',
    'letter-730',
  ])
    await store.append(commit([append(stream, 0, draft())]));
});

test.each([
  ['730', ['recommendation-730', 'letter-730']],
  ['recommendation-730', ['recommendation-730']],
  ['letter-1', ['letter-1']],
  ['1', ['letter-1']],
  // A recommendation's id can equal the stream name of another record.
  ['letter-2', ['recommendation-letter-2', 'letter-2']],
  ['of-none', []],
])('given the name %s, then it is of the records that are there', async (name, streams) => {
  expect((await recordsNamed(store, kinds, name)).map(streamOf)).toEqual(streams);
  const all = (await store.readAll()).map(({ streamId }) => streamId);
  expect(all.filter((each) => isStreamOf(kinds, name, each)).sort()).toEqual([...streams].sort());
});
