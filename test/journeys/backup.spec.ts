import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { DecidedEvent } from '#lifecycle/decide';
import { openStore } from '#platform/open-store';
import { parseStore } from '#platform/settings';
import { folderWithSample, jsonLines, runDocket, SAMPLE } from '../support/command-line.ts';
import { commit, redaction } from '../support/event-commits.ts';
import { hasKurrentdb } from '../support/journey-store.ts';
import { freshKurrentdbAddress, kurrentdbUrl } from '../support/kurrentdb-stores.ts';
import { connectTo, dropStore, freshAddress, postgresqlUrl } from '../support/postgresql-stores.ts';
import { due, event, issuedEvent, recordMany, recordOn } from '../support/records.ts';
import { DIST, eventually, pause, settingsIn, startNode } from '../support/service-child.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { startService } from '../support/service.ts';

const KINDS = {
  SQLite: () => Promise.resolve(`sqlite:${join(temporaryFolder(), 'store.sqlite')}`),
  PostgreSQL: async () => freshAddress(await postgresqlUrl()),
  KurrentDB: async () => freshKurrentdbAddress(await kurrentdbUrl()),
} satisfies Record<string, () => Promise<string>>;
const NAMES = Object.keys(KINDS) as (keyof typeof KINDS)[];

const made: string[] = [];
async function freshStore(kind: keyof typeof KINDS): Promise<string> {
  const address = await KINDS[kind]();
  made.push(address);
  return address;
}

afterAll(async () => {
  for (const address of made.filter((each) => each.startsWith('postgres'))) await dropStore(address);
});

/** A test that runs on servers only in the long form (`npm run test:long`), required before changes to backups. */
const itLong = process.env['DOCKET_TEST_LONG'] === undefined ? it.skip : it;

let folder: string;
const on = (store: string, ...words: string[]) => runDocket(['--store', store, ...words], { folder });

beforeAll(() => {
  folder = temporaryFolder();
});

const SECRET = 'Quillfeather rang about it';

describe.each(NAMES)('a store in %s', (kind) => {
  let store: string;
  let backup: string;
  /** The id of the event of a comment that a later test redacts. */
  let secret: string;

  beforeAll(async () => {
    store = await freshStore(kind);
    backup = join(temporaryFolder(), 'docket.backup');
    expect(await on(store, 'import', SAMPLE, '--recipient', 'wiltshire')).toMatchObject({ code: 0 });
  });

  it('is copied while it is written to, whole and as of one moment', async () => {
    const opened = await openStore(parseStore(store, 'store'), { create: false });
    const record = (...events: DecidedEvent[]) => recordOn(opened, 'busy', '2026-03-02', ...events);
    const comment = (text: string) => event('CommentAdded', undefined, { text, visibility: 'public' });
    await record(issuedEvent(), comment(SECRET));
    secret = (await opened.readStream('recommendation-busy')).at(-1)!.eventId;
    const ending = new AbortController();
    let written = 0;
    const writer = (async () => {
      while (!ending.signal.aborted) {
        await record(comment(`Remark ${written++}`));
        // Every later command reads these events.
        await pause(10);
      }
    })();
    await eventually(
      () => Promise.resolve(written),
      (count) => count > 5,
    );
    const run = await on(store, 'backup', backup, '--json');
    ending.abort();
    await writer;
    await opened.close();
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const [outcome] = jsonLines(run);
    expect(outcome).toMatchObject({ file: backup, ok: true, erased: 0, bytes: statSync(backup).size });
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    expect(readdirSync(join(backup, '..'))).toEqual(['docket.backup']);
  });

  it('is restored from it into an empty place, and continues there', async () => {
    const restored = await freshStore(kind);
    const run = await on(restored, 'restore', backup, '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    const verified = jsonLines(await on(`sqlite:${backup}`, 'verify', '--json'))[0];
    expect(jsonLines(run)[0]).toMatchObject({ ok: true, events: verified?.['events'] });
    expect(jsonLines(await on(restored, 'verify', '--json'))[0]).toMatchObject({
      ok: true,
      events: verified?.['events'],
    });
    expect(await on(restored, 'import', SAMPLE, '--id', 'later-1')).toMatchObject({ code: 0 });
    const after = jsonLines(await on(restored, 'verify', '--json'))[0];
    expect(after).toMatchObject({ ok: true });
    expect(after?.['events']).toBeGreaterThan(verified?.['events'] as number);
  });

  it('is refused if it already exists, and left as it is, and a file too', async () => {
    const before = jsonLines(await on(store, 'verify', '--json'));
    const refused = await on(store, 'restore', backup);
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toMatch(
      /^docket: there is already a store at \S+\. A restore creates a new store/,
    );
    expect(jsonLines(await on(store, 'verify', '--json'))).toEqual(before);
    const bytes = readFileSync(backup);
    const again = await on(store, 'backup', backup, '--json');
    expect(again.code).toBe(1);
    expect(jsonLines(again)[0]).toMatchObject({ ok: false, detail: expect.stringContaining('already') });
    expect(readFileSync(backup).equals(bytes)).toBe(true);
  });

  it('with a pending redaction is copied without the text', async () => {
    const opened = await openStore(parseStore(store, 'store'), { create: false });
    const history = await opened.readStream('recommendation-busy');
    const { state = null, version = 0, lifecycle = null } = history.at(-1) ?? {};
    const redacted = { ...redaction(secret, ['/data/text']), state };
    await opened.append({
      ...commit([{ streamId: 'recommendation-busy', expectedVersion: version, events: [redacted] }]),
      lifecycle,
      recordedAt: new Date().toISOString(),
    });
    await opened.close();
    const without = join(temporaryFolder(), 'without.backup');
    const run = await on(store, 'backup', without, '--json');
    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(readFileSync(without).includes(SECRET)).toBe(false);
    // Text that was not redacted is present.
    expect(readFileSync(without).includes('Remark 1')).toBe(true);
    expect(await on(`sqlite:${without}`, 'export', 'busy', '--format', 'json')).toMatchObject({ code: 0 });
  });

  // The file is read before the store is opened.
  (kind === 'SQLite' ? it : itLong)('is not begun from a file that is no backup', async () => {
    const fresh = await freshStore(kind);
    const text = join(temporaryFolder(), 'letter');
    writeFileSync(text, 'Dear Sir or Madam,\n'.repeat(100));
    const run = await on(fresh, 'restore', text);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/is not a backup of a store/);
    expect((await on(fresh, 'status')).code).toBe(3);
  });

  it('is not made of an invalid backup, and nothing is left of it', async () => {
    const altered = join(temporaryFolder(), 'altered.backup');
    copyFileSync(backup, altered);
    const db = new Database(altered);
    db.exec("UPDATE events SET envelope = replace(envelope, 'wiltshire', 'somewhere') WHERE position = 1");
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    const fresh = await freshStore(kind);
    const run = await on(fresh, 'restore', altered, '--json');
    expect(run.code).toBe(1);
    expect(jsonLines(run)[0]).toMatchObject({
      ok: false,
      divergences: expect.arrayContaining([
        expect.objectContaining({ streamId: 'recommendation-730', version: 1 }),
      ]),
    });
    expect((await on(fresh, 'status')).code).toBe(3);
    // The failed restore does not block a later one of a valid backup.
    expect((await on(fresh, 'restore', backup)).code).toBe(0);
  });
});

describe('a backup', () => {
  it('has the content of the write-ahead log, where the process died', async () => {
    const service = await startService({ env: { DOCKET_STORE: 'sqlite:docket.sqlite' } });
    await service.as('inspector').issue({ id: 'late' });
    await service
      .as('inspector')
      .command('late', 'add-comment', { text: 'In the log beside it', visibility: 'public' });
    await service.kill9();
    const path = join(service.folder, 'docket.sqlite');
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);
    const file = join(service.folder, 'whole.backup');
    const run = await runDocket(['--store', `sqlite:${path}`, 'backup', file, '--json'], {
      folder: service.folder,
    });
    expect(jsonLines(run)[0]).toMatchObject({ ok: true });
    expect(readFileSync(file).includes('In the log beside it')).toBe(true);
    const again = join(service.folder, 'again.sqlite');
    // A manual copy, including its WAL, can be restored too.
    const byHand = join(service.folder, 'by-hand');
    for (const suffix of ['', '-wal']) copyFileSync(path + suffix, byHand + suffix);
    expect((await on(`sqlite:${again}`, 'restore', byHand)).code).toBe(0);
    expect(readFileSync(again).includes('In the log beside it')).toBe(true);
  });

  it('of an invalid store is not kept, and reports where', async () => {
    const own = await folderWithSample();
    const path = join(own, 'altered.sqlite');
    const sound = join(own, 'sound.backup');
    expect((await runDocket(['backup', sound], { folder: own })).code).toBe(0);
    copyFileSync(sound, path);
    const db = new Database(path);
    db.exec('DELETE FROM events WHERE position = 3');
    db.close();
    const file = join(own, 'kept.backup');
    const run = await on(`sqlite:${path}`, 'backup', file);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/the copy failed verification and was deleted:\n.*recommendation-730/);
    expect(readdirSync(own).filter((name) => name.includes('kept'))).toEqual([]);
  });

  it('is not made without a store, or without its folder', async () => {
    const own = temporaryFolder();
    const missing = await runDocket(['--store', `sqlite:${own}/none.sqlite`, 'backup', `${own}/x`], {
      folder: own,
    });
    expect(missing).toMatchObject({ code: 3, stdout: '' });
    const sampled = await folderWithSample();
    const nowhere = await runDocket(['backup', `${own}/no/x`], { folder: sampled });
    expect(nowhere).toMatchObject({ code: 1, stdout: '' });
    expect(nowhere.stderr).toMatch(/^docket: .*no\/x cannot be created: no such file or directory.*\n$/);
    expect(readdirSync(own)).toEqual([]);
  });

  it('is not restored onto the remains of another store', async () => {
    const own = await folderWithSample();
    const file = join(own, 'x.backup');
    expect((await runDocket(['backup', file], { folder: own })).code).toBe(0);
    const path = join(own, 'other.sqlite');
    writeFileSync(`${path}-wal`, 'left over');
    const run = await on(`sqlite:${path}`, 'restore', file);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toMatch(/other\.sqlite-wal was left by an earlier store; move it away/);
    expect(existsSync(path)).toBe(false);
  });

  it('can be restored from a medium that may only be read', async () => {
    const own = await folderWithSample();
    const medium = join(own, 'medium');
    mkdirSync(medium);
    const file = join(medium, 'x.backup');
    expect((await runDocket(['backup', file], { folder: own })).code).toBe(0);
    const before = readFileSync(file);
    const target = `sqlite:${join(own, 'target.sqlite')}`;
    expect((await on(target, 'restore', file)).code).toBe(0);
    expect(readdirSync(medium)).toEqual(['x.backup']);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});

describe('a backup or restore that is ended', () => {
  let store: string;
  let backup: string;
  /** A small backup, with which the next restore is checked. */
  let small: string;

  beforeAll(async () => {
    const many = temporaryFolder();
    store = `sqlite:${join(many, 'many.sqlite')}`;
    backup = join(many, 'many.backup');
    await backUpNew(store, 2_000, backup);
    small = join(many, 'small.backup');
    expect((await runDocket(['backup', small], { folder: await folderWithSample() })).code).toBe(0);
  }, 120_000);

  async function backUpNew(address: string, records: number, file: string): Promise<void> {
    const opened = await openStore(parseStore(address, 'store'), { create: true });
    const ids = Array.from({ length: records }, (_, index) => `r-${index}`);
    await recordMany(opened, ids, '2026-03-02', issuedEvent(), due('2026-05-01'));
    await opened.close();
    expect((await on(address, 'backup', file)).code).toBe(0);
  }

  const started = (...words: string[]) =>
    startNode([join(DIST, 'apps/cli/src/main.js'), ...words], settingsIn(folder), folder);

  it.each(['SIGINT', 'SIGKILL'] as const)('by %s leaves a whole file or none', async (signal) => {
    const own = temporaryFolder();
    const file = join(own, 'ended.backup');
    const run = started('--store', store, 'backup', file);
    // The restore has begun, and its store is not usable yet.
    await eventually(
      () => Promise.resolve(readdirSync(own)),
      (names) => names.length > 0,
    );
    const { code } = await run.end(signal);
    expect(existsSync(file)).toBe(false);
    if (signal === 'SIGKILL') return;
    expect(code).toBe(1);
    expect(run.stderr()).toBe('docket: stopped: the backup was not created\n');
    expect(readdirSync(own)).toEqual([]);
  });

  it.each(['SIGTERM', 'SIGKILL'] as const)('by %s leaves no store in a file', async (signal) => {
    const own = temporaryFolder();
    const run = started('--store', `sqlite:${join(own, 'target.sqlite')}`, 'restore', backup);
    await eventually(
      () => Promise.resolve(readdirSync(own)),
      (names) => names.length > 0,
    );
    await run.end(signal);
    expect(existsSync(join(own, 'target.sqlite'))).toBe(false);
    expect((await on(`sqlite:${join(own, 'target.sqlite')}`, 'restore', small)).code).toBe(0);
  });

  itLong.each(['SIGTERM', 'SIGKILL'] as const)(
    'by %s leaves no store on PostgreSQL, and the next is made',
    async (signal) => {
      const target = await freshStore('PostgreSQL');
      const client = await connectTo(target);
      const schema = new URL(target).searchParams.get('schema') ?? '';
      const schemas = async () =>
        (
          await client.query<{ nspname: string }>('SELECT nspname FROM pg_namespace WHERE nspname LIKE $1', [
            `${schema}%`,
          ])
        ).rows;
      const run = started('--store', target, 'restore', backup);
      await eventually(schemas, (found) => found.length > 0);
      await run.end(signal);
      expect((await on(target, 'status')).code).toBe(3);
      if (signal === 'SIGTERM') expect(await schemas()).toEqual([]);
      expect((await on(target, 'restore', small)).code).toBe(0);
      expect((await schemas()).map(({ nspname }) => nspname)).toEqual([schema]);
      await client.end();
    },
  );

  itLong(
    'on KurrentDB leaves an unusable part, and the next run continues it',
    async () => {
      // Fewer events suffice here: servers are slower than a file, and a KurrentDB before 25.1 appends stream by
      // stream.
      const own = temporaryFolder();
      const some = join(own, 'some.backup');
      await backUpNew(`sqlite:${join(own, 'some.sqlite')}`, hasKurrentdb('25.1') ? 1_500 : 300, some);
      const target = await freshStore('KurrentDB');
      const run = started('--store', target, 'restore', some);
      await eventually(
        () => on(target, 'status'),
        ({ stderr }) => stderr.includes('is being restored'),
        30_000,
      );
      await run.end('SIGKILL');
      const opened = await on(target, 'status');
      expect(opened.code).toBe(3);
      expect(opened.stderr).toMatch(
        /contains an unfinished restore; run docket restore again to continue it/,
      );
      expect(await on(target, 'restore', some)).toMatchObject({ code: 0, stderr: '' });
      expect((await on(target, 'verify')).code).toBe(0);
      expect((await on(target, 'restore', some)).code).toBe(1);
    },
    120_000,
  );
});
