import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { append, commit, draft, redaction } from '#test/support/event-commits';
import { envelopeHash } from '#audit/forms';
import type { LogHead } from '#audit/log-head';
import { SEALER_MODULE } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { verifyStore } from '#use-cases/log/verify-store';
import type { Verification } from '#use-cases/log/verify-store';
import { temporaryFolder } from '#test/support/temporary-folder';
import { examineOnThreads } from './examine-on-threads.ts';

const [old, other, young] = [recordStream('1'), recordStream('2'), recordStream('3')];
const issued = draft('Do it.', {
  type: 'RecommendationIssued',
  data: { title: 'Units', text: 'Do it.', recipient: 'avon' },
});

let folder: string;
let path: string;
let store: EventStore;
let since: LogHead;

/** Creates seven verified events, the third redacted by the fifth, and four later ones. */
beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'log.db');
  store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  await store.append(commit([append(old, 0, issued, draft('one'), draft('two'))]));
  const events = await store.readStream(old);
  await store.append(commit([append(other, 0, issued)]));
  await store.append(
    commit([append(old, 3, redaction(events[2]!.eventId, ['/data/text'])), append(other, 1)]),
  );
  await store.erase(old, 3, ['/data/text']);
  await store.append(commit([append(other, 1, draft('three'), draft('four'))]));
  const verified = await verifyStore(store, lifecycles, []);
  expect(verified).toMatchObject({ ok: true, events: 7 });
  since = verified.head!;
  await store.append(commit([append(old, 4, redaction(events[1]!.eventId, ['/data/text']))]));
  await store.append(commit([append(young, 0, issued), append(other, 3, draft('five'), draft('six'))]));
  await store.erase(old, 2, ['/data/text']);
});

afterEach(async () => {
  await store.close();
});

const wholeOnly = (): EventStore => storeWith(store, { parts: undefined });

const verifySince = (
  from: Parameters<typeof examineOnThreads>[0] = store,
  here?: number,
): Promise<Verification> =>
  verifyStore(store, lifecycles, [], {
    since,
    examined: examineOnThreads(from, {
      threads: 1,
      since: since.events,
      ...(here !== undefined && { here }),
    }),
  });

/** Changes the event at a position; null removes it. */
function alter(position: number, change: (event: Envelope) => Partial<Envelope> | null): void {
  const db = new Database(path);
  try {
    db.pragma('foreign_keys = OFF');
    const text = db
      .prepare<[number], string>('SELECT envelope FROM events WHERE position = ?')
      .pluck()
      .get(position);
    const event = JSON.parse(text!) as Envelope;
    const changed = change(event);
    if (changed === null) db.prepare('DELETE FROM events WHERE position = ?').run(position);
    else {
      const envelope = JSON.stringify({ ...event, ...changed });
      db.prepare('UPDATE events SET envelope = ? WHERE position = ?').run(envelope, position);
    }
  } finally {
    db.close();
  }
}

const sealedAnew = (event: Envelope, change: Partial<Envelope>): Partial<Envelope> => ({
  ...change,
  hash: envelopeHash({ ...event, ...change }),
});

describe('a log that was verified up to a checkpoint', () => {
  test.each([
    ['read to its end', () => verifySince()],
    ['read by threads', () => verifySince(store, 0)],
    ['of a store that only reads all', () => verifySince(wholeOnly())],
  ])(
    'given a valid log after it, %s, then only the events after it are examined, and the head is that of the whole log',
    async (_, verify) => {
      const { head } = await verifyStore(store, lifecycles, []);
      expect(await verify()).toEqual({
        ok: true,
        streams: 3,
        events: 4,
        firstDivergence: null,
        divergences: [],
        divergenceCount: 0,
        head,
        since: 7,
      });
      expect(head).toMatchObject({ events: 11 });
    },
  );

  test.each<[string, number, (event: Envelope) => Partial<Envelope> | null, object]>([
    [
      'a change after it',
      10,
      () => ({ effectiveOn: '2016-10-01' }),
      { streamId: other, version: 4, code: 'hash' },
    ],
    ['an event removed after it', 10, () => null, { streamId: other, version: 5, code: 'version' }],
    [
      'a state after it that its statechart does not allow',
      10,
      (event) => sealedAnew(event, { state: { ...event.state, closure: 'requested' } }),
      { streamId: other, version: 4, code: 'state' },
    ],
    [
      'an event after it that its statechart does not accept, sealed again',
      8,
      (event) => sealedAnew(event, { type: 'RecommendationIssued', data: {}, commitments: {}, salts: {} }),
      { streamId: old, version: 5, code: 'illegal-event' },
    ],
    [
      'an event after it with a different previous hash',
      10,
      (event) => sealedAnew(event, { previousHash: '0'.repeat(64) }),
      { streamId: other, version: 4, code: 'previous-hash' },
    ],
    [
      'the last event of a stream before it with another state',
      7,
      (event) => ({ state: { ...event.state, closure: 'requested' } }),
      { streamId: other, version: 3, code: 'hash' },
    ],
    [
      'an event before it that was sealed anew',
      2,
      (event) => sealedAnew(event, { effectiveOn: '2016-10-01' }),
      { code: 'head' },
    ],
    ['an event before it that cannot be read', 2, () => ({ hash: 'none' }), { code: 'head' }],
    ['an event removed before it', 2, () => null, { code: 'head' }],
    [
      'a text that was redacted before it and is there again',
      3,
      ({ data }) => ({ data: { ...data, text: 'two' } }),
      { streamId: old, version: 3, code: 'not-erased' },
    ],
    [
      'a text that was redacted behind it and is there again',
      2,
      ({ data }) => ({ data: { ...data, text: 'one' } }),
      { streamId: old, version: 2, code: 'not-erased' },
    ],
  ])('given %s, then that is found', async (_, position, change, expected) => {
    alter(position, change);
    const { divergences } = await verifySince();
    expect(divergences).toContainEqual(expect.objectContaining(expected));
    // Reading the whole log finds the same divergences.
    expect((await verifySince(wholeOnly())).divergences).toEqual(
      expect.arrayContaining(divergences.filter(({ detail }) => !detail.startsWith('no event stands'))),
    );
  });

  test('given a log whose end was cut off before it, then that is found', async () => {
    for (let position = 11; position > 6; position -= 1) alter(position, () => null);
    const found = { code: 'head', detail: expect.stringMatching(/^the log has 6 events, and had 7/) };
    expect((await verifySince()).divergences).toContainEqual(expect.objectContaining(found));
  });

  test('given a changed event before it with its old hash, then only a verification of the whole log finds that', async () => {
    alter(1, () => ({ effectiveOn: '2016-10-01' }));
    expect(await verifySince()).toMatchObject({ ok: true });
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: false });
  });
});
