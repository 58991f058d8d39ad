import { describe, expect, it } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { recommendation } from '#state-machines/inspection-recommendation/kind';
import { jsonLines, runDocket, SAMPLE, writeRecord } from '../support/command-line.ts';
import { sqliteSettings } from '../support/journey-store.ts';
import { eventually, folderLike } from '../support/service-child.ts';
import { startService } from '../support/service.ts';

const runSql = (file: string, sql: string): void => {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
};
const query = (file: string, sql: string): unknown[] => {
  const db = new DatabaseSync(file, { readOnly: true });
  const rows = db.prepare(sql).all();
  db.close();
  return rows.map((row) => ({ ...row }));
};

const folderOfBefore = folderLike(async (folder) => {
  const env = sqliteSettings(folder);
  const imported = await runDocket(['import', SAMPLE, '--recipient', 'wiltshire'], { folder, env });
  expect(imported).toMatchObject({ code: 0 });
  expect(await runDocket(['rebuild'], { folder, env })).toMatchObject({ code: 0 });
});

/** Creates a store of an earlier version with record 730, and its read models. */
async function makeOlderStore() {
  const folder = await folderOfBefore();
  return {
    folder,
    store: join(folder, 'docket.sqlite'),
    readModels: join(folder, 'docket.read-models.sqlite'),
  };
}

/** The timeout in milliseconds; each test starts several processes. */
const SLOW_MS = 90_000;

const GENERATIONS = 'SELECT name, live FROM projections ORDER BY name';

describe('the page on upgrading', () => {
  it(
    'an older version refuses a store that a newer one has made, and changes nothing in it',
    async () => {
      const { folder, store } = await makeOlderStore();
      runSql(store, 'PRAGMA user_version = 99');
      const before = query(store, 'SELECT * FROM events');
      const verified = await runDocket(['verify'], { folder, env: sqliteSettings(folder) });
      expect(verified).toMatchObject({ code: 3 });
      expect(verified.stderr).toMatch(/newer version/);
      await expect(startService({ folder, env: sqliteSettings(folder) })).rejects.toThrow(/newer version/);
      expect(query(store, 'SELECT * FROM events')).toEqual(before);
    },
    SLOW_MS,
  );

  it(
    'read models of another version are folded anew beside the live ones, then switched, before it is ready; the head of before shows that no event was lost',
    async () => {
      const { folder, store, readModels } = await makeOlderStore();
      const env = sqliteSettings(folder);
      const [verified] = jsonLines(await runDocket(['verify', '--json'], { folder, env }));
      const head = writeRecord(folder, 'head.json', JSON.stringify(verified));
      const events = query(store, 'SELECT * FROM events');
      const before = query(readModels, GENERATIONS) as { name: string; live: number }[];
      const { live } = before.find(({ name }) => name === 'register')!;
      runSql(readModels, `UPDATE generations SET version = version - 1 WHERE projection = 'register'`);
      // Makes the old rows differ from those that this version would write.
      runSql(readModels, `UPDATE register_g${live} SET status = 'of-before'`);
      const service = await startService({ folder, env });
      const list = await service.as('auditor').get('/api/recommendations');
      expect(list.json.items).toMatchObject([{ id: '730', status: 'being-progressed' }]);
      const risen = (): Promise<string[]> => {
        const after = query(readModels, GENERATIONS) as { name: string; live: number }[];
        const isRisen = (each: { live: number }, at: number) => each.live > before[at]!.live;
        return Promise.resolve(after.filter(isRisen).map(({ name }) => name));
      };
      expect(await eventually(risen, (names) => names.length > 0)).toEqual(['register']);
      await service.stop();
      expect(query(store, `SELECT * FROM events WHERE position <= ${events.length}`)).toEqual(events);
      const again = await runDocket(['verify', '--expect-head', head], { folder, env });
      expect(again).toMatchObject({ code: 0 });
      const digests = jsonLines(await runDocket(['lifecycle', 'list', '--json'], { folder }))
        .filter(({ name }) => name === recommendation.name)
        .map(({ digest }) => digest);
      const named = query(
        store,
        `SELECT DISTINCT envelope ->> '$.lifecycle.digest' AS digest FROM events WHERE envelope ->> '$.lifecycle' IS NOT NULL`,
      ) as { digest: string }[];
      // Only older events can name the other digests.
      expect(named.map(({ digest }) => digest)).toEqual(digests.slice(-1));
    },
    SLOW_MS,
  );

  it(
    'a downgrade restores the backup, also where read models are the newer version’s',
    async () => {
      const { folder, store, readModels } = await makeOlderStore();
      const env = sqliteSettings(folder);
      const backup = join(folder, 'before.backup');
      expect(await runDocket(['backup', backup], { folder, env })).toMatchObject({ code: 0 });
      expect(await runDocket(['import', SAMPLE, '--id', 'later-1'], { folder, env })).toMatchObject({
        code: 0,
      });
      expect(await runDocket(['rebuild'], { folder, env })).toMatchObject({ code: 0 });
      runSql(readModels, 'UPDATE generations SET version = version + 1');
      for (const ending of ['', '-wal', '-shm']) rmSync(store + ending, { force: true });
      expect(await runDocket(['restore', backup], { folder, env })).toMatchObject({ code: 0 });
      const rebuilt = await runDocket(['rebuild', '--older-log'], { folder, env });
      expect(rebuilt).toMatchObject({ code: 0 });
      const service = await startService({ folder, env });
      const list = await service.as('auditor').get('/api/recommendations');
      expect(list.json.items.map(({ id }) => id)).toEqual(['730']);
      expect(await service.as('inspector').command('730', 'add-comment', { text: 'Goes on.' })).toMatchObject(
        { status: 200 },
      );
      await service.stop();
    },
    SLOW_MS,
  );
});
