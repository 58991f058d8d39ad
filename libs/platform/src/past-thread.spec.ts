import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventStore } from '#event-sourcing/event-store';
import { InvalidCursorError } from '#projections/list-cursor';
import { append, commit, draft } from '#test/support/event-commits';
import { temporaryFolder } from '#test/support/temporary-folder';
import { openStore } from './open-store.ts';
import { PastThread } from './past-thread.ts';

const issued = draft('Keep evidence', {
  type: 'RecommendationIssued',
  data: { title: 'T', text: 'Keep', recipient: 'avon' },
});
const past = { view: { effectiveOn: '2027-01-01', knownAt: null, named: [] }, owners: {}, nobody: null };
const query = { today: '2027-01-01', past };

let path: string;
let store: EventStore;
let thread: PastThread;
beforeEach(async () => {
  path = join(temporaryFolder(), 'docket.sqlite');
  store = await openStore({ kind: 'sqlite', path }, { create: true });
  thread = new PastThread({ kind: 'sqlite', path }, () => undefined);
});
afterEach(async () => {
  await thread.close();
  await store.close();
});

const ids = async () => (await thread.ask('list', { query })).items.map(({ id }) => id);

test('given appends by other threads, then each answer contains them, with its position', async () => {
  await store.append(commit([append('recommendation-a', 0, issued)]));
  expect(await ids()).toEqual(['a']);
  await store.append(commit([append('recommendation-b', 0, issued)]));
  const { items, position } = await thread.ask('list', { query: { ...query, sort: 'id' } });
  expect([items.map(({ id }) => id), position]).toEqual([['a', 'b'], '2']);
});

test('given a refused question, then the error has its class, and the thread answers others', async () => {
  const refused = thread.ask('list', { query: { ...query, cursor: 'another' } });
  await expect(refused).rejects.toThrow(InvalidCursorError);
  expect(await ids()).toEqual([]);
});

test('given a store that cannot be opened, then it says so, and a later question opens it', async () => {
  await store.close();
  renameSync(path, `${path}-away`);
  await expect(ids()).rejects.toMatchObject({ code: 'store-missing' });
  renameSync(`${path}-away`, path);
  expect(await ids()).toEqual([]);
});
