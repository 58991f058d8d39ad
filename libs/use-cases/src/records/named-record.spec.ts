import { beforeEach, expect, test } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { RecordKinds } from '#lifecycle/kind';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { append, commit, draft } from '#test/support/event-commits';
import { namedRecord } from './named-record.ts';

const roles = { staff: [], body: [] };
const noun = { singular: 'letter', plural: 'letters' };
const letter = { name: 'letter', stream: 'letter', path: 'letters', noun, roles };
const kinds = new RecordKinds([recommendation, letter], { streams: [], paths: [] });

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
  ['730', recommendation, '730'],
  ['recommendation-730', recommendation, '730'],
  ['letter-1', letter, '1'],
  ['1', letter, '1'],
  ['letter-730', letter, '730'],
  // A recommendation whose id is like another record's stream is named by it, as ever.
  ['letter-2', recommendation, 'letter-2'],
  ['of-none', recommendation, 'of-none'],
])('given the name %s, then it is of the record that is there', async (name, kind, id) => {
  expect(await namedRecord(store, kinds, name)).toEqual({ kind, id });
});
