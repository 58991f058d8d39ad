import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { append, commit, draft, redaction } from '#test/support/event-commits';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '#test/support/postgresql-stores';
import { SEALER_MODULE } from '#audit/seal';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { lifecycles } from '#state-machines/lifecycles';
import { verifyStore } from '#use-cases/log/verify-store';
import { temporaryFolder } from '#test/support/temporary-folder';
import { examineOnThreads } from './examine-on-threads.ts';

const bare = (text: string) => draft(text, { state: null });

let folder: string;
let path: string;
let store: EventStore;

beforeEach(async () => {
  folder = temporaryFolder();
  path = join(folder, 'log.db');
  store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  const streams = Array.from({ length: 400 }, (_, index) =>
    append(`s-${index}`, 0, bare('a'), bare('b'), bare('c')),
  );
  await store.append(commit(streams));
  const [first] = await store.readStream('s-7');
  await store.append(
    commit([append('s-7', 3, { ...redaction(first!.eventId, ['/data/text']), state: null })]),
  );
});

afterEach(async () => {
  await store.close();
});

function alter(sql: string, ...values: unknown[]): void {
  const db = new Database(path);
  try {
    db.prepare(sql).run(...values);
  } finally {
    db.close();
  }
}

/** Returns the pages of the file that contain events, in order. */
function pagesOfEvents(): { readonly pages: readonly number[]; readonly size: number } {
  const db = new Database(path);
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    const leaves = "SELECT pageno FROM dbstat WHERE name = 'events' AND pagetype = 'leaf' ORDER BY path";
    return {
      pages: db.prepare<[], number>(leaves).pluck().all(),
      size: db.pragma('page_size', { simple: true }) as number,
    };
  } finally {
    db.close();
  }
}

describe('a log that is examined on threads', () => {
  test('given alterations of every kind, then the same is found as without threads', async () => {
    const change = 'UPDATE events SET envelope = json_set(envelope, ?, json(?)) WHERE position = ?';
    alter(change, '$.effectiveOn', '"2016-10-01"', 100);
    alter(change, '$.data.text', '"another"', 200);
    alter(change, '$.salts', '{}', 300);
    alter(change, '$.lifecycle', '7', 400);
    alter(change, '$.version', '1e400', 450);
    alter(
      'UPDATE events SET envelope = replace(envelope, \'{"envelope":1\', \'{"envelope":1,"envelope":1\') WHERE position = 500',
    );
    alter("UPDATE events SET envelope = 'no JSON' WHERE position = 600");
    alter('UPDATE events SET version = 9 WHERE position = 700');
    alter('UPDATE events SET command_id = ? WHERE position = 750', randomUUID());
    alter('DELETE FROM events WHERE position = 800');
    const here = await verifyStore(store, lifecycles, []);

    const examined = examineOnThreads(store, { threads: 2, here: 100 });
    expect(await verifyStore(store, lifecycles, [], { examined })).toEqual(here);
    expect(here).toMatchObject({ ok: false, streams: 400, events: 1200 });
    expect(here.divergenceCount).toBeGreaterThanOrEqual(10);
  });

  test('given texts that are too long to be read many at once, then they are verified like the others', async () => {
    const long = 'x'.repeat(300_000);
    const longer = ['l-1', 'l-2', 'l-3'].map((streamId) => append(streamId, 0, bare(long), bare('short')));
    await store.append(commit(longer));
    const examined = () => examineOnThreads(store, { threads: 2, here: 100 });
    expect(await verifyStore(store, lifecycles, [], { examined: examined() })).toMatchObject({
      ok: true,
      events: 1_207,
    });
    alter("UPDATE events SET envelope = replace(envelope, 'xx\"', 'xy\"') WHERE position = 1204");
    expect(await verifyStore(store, lifecycles, [], { examined: examined() })).toMatchObject({
      firstDivergence: { position: '1204', code: 'commitment' },
      divergenceCount: 1,
    });
  });

  test.each([
    ['the first page', 0],
    ['a page in the middle', 0.5],
    ['the page on which a part begins', 512 / 1201],
    ['the last page', 1],
  ])('given damage of %s of events, then the same is found as without threads', async (_, where) => {
    const { pages, size } = pagesOfEvents();
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(size), 0, size, (pages[Math.floor(where * (pages.length - 1))]! - 1) * size);
    closeSync(file);
    const here = await verifyStore(store, lifecycles, []);

    const examined = examineOnThreads(store, { threads: 1, here: 0 });
    expect(await verifyStore(store, lifecycles, [], { examined })).toEqual(here);
    expect(here.divergences).toContainEqual(
      expect.objectContaining({ detail: expect.stringMatching(/^no row can be read from position/) }),
    );
  });

  test('given a log on PostgreSQL, then threads read it themselves, start from a head, and find the same as without threads', async () => {
    const address = freshAddress(await postgresqlUrl());
    const onServer = await openStoreAt(address);
    const streams = Array.from({ length: 400 }, (_, index) =>
      append(`s-${index}`, 0, bare('a'), bare('b'), bare('c')),
    );
    await onServer.append(commit(streams));
    const client = await connectTo(address);
    try {
      const { head: since } = await verifyStore(onServer, lifecycles, []);
      await onServer.append(commit([append('s-7', 3, bare('d')), append('s-new', 0, bare('a'))]));
      const what = {
        since: since!,
        examined: examineOnThreads(onServer, { threads: 1, here: 0, since: since!.events }),
      };
      const { head } = await verifyStore(onServer, lifecycles, []);
      expect(await verifyStore(onServer, lifecycles, [], what)).toMatchObject({ ok: true, events: 2, head });

      for (const sql of [
        `UPDATE events SET envelope = replace(envelope, '"text":"b"', '"text":"c"') WHERE position % 300 = 2`,
        `UPDATE events SET envelope = 'no JSON' WHERE position = 600`,
        'UPDATE events SET version = 9 WHERE position = 700',
        'DELETE FROM events WHERE position = 800',
      ])
        await client.query(sql);
      const here = await verifyStore(onServer, lifecycles, []);

      const examined = examineOnThreads(onServer, { threads: 2, here: 100 });
      expect(await verifyStore(onServer, lifecycles, [], { examined })).toEqual(here);
      expect(here.divergenceCount).toBeGreaterThanOrEqual(7);
    } finally {
      await client.end();
      await onServer.close();
      await dropStore(address);
    }
  });

  test('given a thread that dies, then that is an error, and nothing passes', async () => {
    const module = join(folder, 'dies.mjs');
    writeFileSync(module, 'export const openRows = () => process.exit(1);');
    const parts = store.parts!;
    const dying = storeWith(store, {
      parts: {
        after: (position) => parts.after(position),
        next: (after) => parts.next(after),
        beside: (isAll) => parts.beside(isAll),
        hashes: () => parts.hashes(),
        opened: { module, options: null },
      },
    });
    const examined = examineOnThreads(dying, { threads: 1, here: 0 });

    await expect(verifyStore(store, lifecycles, [], { examined })).rejects.toThrow('A verification thread');
  });
});
