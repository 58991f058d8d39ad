import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { append, commit, draft, redaction, request } from '#test/support/event-commits';
import { SEALER_MODULE } from '#audit/seal';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { temporaryFolder } from '#test/support/temporary-folder';
import { carryOutRedactions } from '../records/eraser.ts';
import { verifyStore } from './verify-store.ts';
import { lifecycles } from '#state-machines/lifecycles';

/** An event without a lifecycle. */
const BARE = { state: null };

/** An event of a record in its initial state. */
const OF_RECORD = {
  state: { progress: 'awaiting-review', closure: 'none', evidence: 'none', response: 'not-required' },
};

let folder: string;
let store: EventStore;
/** The first event as stored before its text was erased. */
let before: string;

const inFile = <Result>(work: (db: Database.Database) => Result): Result => {
  const db = new Database(join(folder, 'log.db'));
  try {
    return work(db);
  } finally {
    db.close();
  }
};

beforeEach(async () => {
  folder = temporaryFolder();
  store = await openSqliteEventStore({
    path: join(folder, 'log.db'),
    sealerModule: SEALER_MODULE,
    create: true,
  });
  await store.append(commit([append('s-1', 0, draft('secret', BARE), draft('kept', BARE))]));
  before = inFile((db) =>
    db.prepare<[], string>('SELECT envelope FROM events WHERE version = 1').pluck().get(),
  ) as string;
  const [first] = await store.readStream('s-1');
  await store.append(
    commit([append('s-1', 2, { ...redaction(first?.eventId ?? '', ['/data/text']), ...BARE })]),
  );
});

afterEach(async () => {
  await store.close();
});

describe('redacted values', () => {
  test('given it is erased, and the index of redactions has it, then the log is valid', async () => {
    expect(before).toContain('secret');
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true, events: 3 });
  });

  test('given the row was put back as it was before, then it is named', async () => {
    inFile((db) => db.prepare('UPDATE events SET envelope = ? WHERE version = 1').run(before));

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      ok: false,
      divergences: [
        { streamId: 's-1', version: 1, code: 'not-erased', detail: expect.stringContaining('/data/text') },
      ],
    });
  });

  test.each(['commitments', 'command'])(
    'given its event lost its %s, then that is reported',
    async (member) => {
      inFile((db) =>
        db
          .prepare('UPDATE events SET envelope = json_remove(envelope, ?) WHERE version = 1')
          .run(`$.${member}`),
      );
      const { divergences } = await verifyStore(store, lifecycles, []);
      expect(divergences).toContainEqual(expect.objectContaining({ streamId: 's-1', version: 1 }));
    },
  );

  test('given the index of redactions lost it, then that is reported', async () => {
    inFile((db) => db.exec('DELETE FROM redactions'));

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      ok: false,
      divergences: [{ streamId: 's-1', version: 3, code: 'index' }],
    });
  });

  test.each(['INSERT INTO redactions VALUES (2)', 'UPDATE redactions SET position = 1'])(
    'given the index names what is not a redaction (%s), then that is reported',
    async (sql) => {
      inFile((db) => db.exec(sql));

      const { ok, divergences } = await verifyStore(store, lifecycles, []);

      expect(ok).toBe(false);
      expect(divergences.every(({ code }) => code === 'index')).toBe(true);
    },
  );
});

describe('the salt of a command digest', () => {
  const [one, other] = [recordStream('one'), recordStream('other')];

  /** One command with a digest on two records. */
  beforeEach(async () => {
    const issued = draft('issued', { ...OF_RECORD, type: 'RecommendationIssued' });
    const said = draft('said', OF_RECORD);
    await store.append(
      commit([append(one, 0, issued), append(other, 0, issued, said)], { request: request() }),
    );
  });

  test('given it exists, then the log is valid', async () => {
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true });
  });

  test('given it is gone and nothing was redacted, then its event is named, in the log and in its record', async () => {
    await store.erase(other, 2, [COMMAND_DIGEST]);

    const found = {
      ok: false,
      divergenceCount: 1,
      firstDivergence: {
        streamId: other,
        version: 2,
        code: 'missing-value',
        detail: expect.stringContaining(COMMAND_DIGEST),
      },
    };
    expect(await verifyStore(store, lifecycles, [])).toMatchObject(found);
    expect(await verifyStore(store, lifecycles, ['other'])).toMatchObject(found);
    expect(await verifyStore(store, lifecycles, ['one'])).toMatchObject({ ok: true });
  });

  test('given another event of the stream was redacted, then it is named all the same', async () => {
    await store.append(commit([append(other, 2, draft('own', OF_RECORD))]));
    const own = (await store.readStream(other))[2];
    await store.append(
      commit([append(other, 3, { ...redaction(own?.eventId ?? '', ['/data/text']), ...OF_RECORD })]),
    );
    await store.erase(other, 1, [COMMAND_DIGEST]);

    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      divergenceCount: 1,
      firstDivergence: { streamId: other, version: 1, code: 'missing-value' },
    });
  });

  test('given an event of its command was redacted in another record, then the log is valid, and each record', async () => {
    const [first] = await store.readStream(one);
    await store.append(
      commit([append(one, 1, { ...redaction(first?.eventId ?? '', ['/data/text']), ...OF_RECORD })]),
    );
    await carryOutRedactions(store);

    expect((await store.readStream(other)).map(({ salts }) => COMMAND_DIGEST in salts)).toEqual([
      false,
      false,
    ]);
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true });
    expect(await verifyStore(store, lifecycles, ['other'])).toMatchObject({ ok: true });
    expect(await verifyStore(store, lifecycles, ['one'])).toMatchObject({ ok: true });
  });
});
