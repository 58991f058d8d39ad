import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { append, commit, draft, redaction } from '../../../test/support/event-commits.ts';
import { SEALER_MODULE } from '../../audit/src/seal.ts';
import type { EventStore } from '../../event-sourcing/src/event-store.ts';
import { openSqliteEventStore } from '../../event-store/src/sqlite/sqlite-event-store.ts';
import { verifyStore } from './verify-store.ts';

/** Of a stream that follows no lifecycle. */
const BARE = { state: null };

let folder: string;
let store: EventStore;
/** The first event as it was stored before its text was erased. */
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
  folder = mkdtempSync(join(tmpdir(), 'verify-redactions-'));
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
  rmSync(folder, { recursive: true });
});

describe('what was redacted', () => {
  test('given it is gone, and the index of redactions has it, then the log holds', async () => {
    expect(before).toContain('secret');
    expect(await verifyStore(store, [])).toMatchObject({ ok: true, events: 3 });
  });

  test('given the row was put back as it was before, then it is named', async () => {
    inFile((db) => db.prepare('UPDATE events SET envelope = ? WHERE version = 1').run(before));

    expect(await verifyStore(store, [])).toMatchObject({
      ok: false,
      divergences: [
        { streamId: 's-1', version: 1, code: 'not-erased', detail: expect.stringContaining('/data/text') },
      ],
    });
  });

  test('given the index of redactions lost it, then that is told', async () => {
    inFile((db) => db.exec('DELETE FROM redactions'));

    expect(await verifyStore(store, [])).toMatchObject({
      ok: false,
      divergences: [{ streamId: 's-1', version: 3, code: 'index' }],
    });
  });

  test.each(['INSERT INTO redactions VALUES (2)', 'UPDATE redactions SET position = 1'])(
    'given the index names what is no redaction (%s), then that is told',
    async (sql) => {
      inFile((db) => db.exec(sql));

      const { ok, divergences } = await verifyStore(store, []);

      expect(ok).toBe(false);
      expect(divergences.every(({ code }) => code === 'index')).toBe(true);
    },
  );
});
