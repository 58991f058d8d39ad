import { renameSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { append, commit, draft, request } from '#test/support/event-commits';
import { createSealer } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { temporaryFolder } from '#test/support/temporary-folder';
import { createDatabase, openWriter } from './database.ts';
import { LogReader } from './log-reader.ts';
import { LogWriter } from './log-writer.ts';
import type { WriteRequest } from './log-writer.ts';

let folder: string;
let path: string;
let opened: Database.Database[];

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'log.db');
  createDatabase(path);
  opened = [];
});

afterEach(() => {
  for (const db of opened) db.close();
});

const openDb = (): Database.Database => {
  const db = openWriter(path);
  opened.push(db);
  return db;
};

const openLogWriter = (db = openDb()) => new LogWriter(db, createSealer());

/** Returns the committed log, read through another connection. */
function log(): Envelope[] {
  const reader = new LogReader(new Database(path, { readonly: true }));
  try {
    const events: Envelope[] = [];
    // A page ends early if its events are large.
    for (let page = reader.log(0, 10_000); page.length > 0;) {
      events.push(...page);
      page = reader.log(Number(page.at(-1)!.position), 10_000);
    }
    return events;
  } finally {
    reader.close();
  }
}

const places = () => log().map(({ streamId, version }) => `${streamId} ${version}`);

const appending = (streamId: string, expectedVersion: number, ...texts: string[]): WriteRequest => ({
  append: commit([append(streamId, expectedVersion, ...texts.map((text) => draft(text)))]),
});

describe('a group of requests', () => {
  it('is one transaction, and each append succeeds or fails by itself', () => {
    const outcomes = openLogWriter().writeGroup([
      appending('s-1', 0, 'a', 'b'),
      appending('s-1', 0, 'conflicts'),
      appending('s-1', 2, 'c'),
      { erase: { streamId: 's-1', version: 1, pointers: ['/data/text'] } },
      { erase: { streamId: 's-9', version: 1, pointers: [] } },
      appending('s-2', 0, 'unsealable \ud800'),
      appending('s-2', 0, 'd'),
    ]);
    expect(outcomes).toMatchObject([
      { appended: { position: 1 } },
      { failed: { code: 'version-conflict', actualVersion: 2 } },
      { appended: { position: 3 } },
      { erased: true },
      { failed: { code: 'event-not-found' } },
      { failed: { name: 'TypeError' } },
      { appended: { position: 4 } },
    ]);
    expect(places()).toEqual(['s-1 1', 's-1 2', 's-1 3', 's-2 1']);
    expect(log()[0]!.data).not.toHaveProperty('text');
  });

  it('ends at its size limit; the rest forms the next', () => {
    const text = 'x'.repeat(3 * 1024 * 1024);
    const writer = openLogWriter();
    const requests = [0, 1, 2, 3, 4].map((version) => appending('s-1', version, text));
    const outcomes = writer.writeGroup(requests);
    expect(outcomes).toHaveLength(3);
    expect(writer.writeGroup(requests.slice(3))).toMatchObject([{ appended: {} }, { appended: {} }]);
    expect(places()).toHaveLength(5);
  });

  it('is written one by one after an unexpected error, and only its cause fails', () => {
    const db = openDb();
    db.exec(`CREATE TRIGGER broken BEFORE INSERT ON events WHEN NEW.envelope LIKE '%the cause%'
             BEGIN SELECT RAISE(ABORT, 'refused by a trigger'); END`);
    const writer = openLogWriter(db);
    const outcomes = writer.writeGroup([
      appending('s-1', 0, 'a'),
      appending('s-2', 0, 'b', 'the cause'),
      appending('s-1', 1, 'c'),
      appending('s-2', 0, 'd'),
    ]);
    expect(outcomes).toMatchObject([
      { appended: { position: 1 } },
      { failed: { message: 'refused by a trigger' } },
      { appended: { position: 2 } },
      { appended: { position: 3 } },
    ]);
    expect(places()).toEqual(['s-1 1', 's-1 2', 's-2 1']);
    expect(log()[1]!.previousHash).toBe(log()[0]!.hash);
  });
});

describe('a file that was moved or replaced while its writer is open', () => {
  const elsewhere = {
    failed: { code: 'store-unavailable', message: expect.stringContaining('was replaced or removed') },
  };

  it('accepts nothing more: no reader would find it', () => {
    const writer = openLogWriter(openDb());
    writer.writeGroup([appending('s-1', 0, 'a')]);
    for (const end of ['', '-wal', '-shm']) renameSync(`${path}${end}`, `${path}.away${end}`);
    expect(writer.writeGroup([appending('s-1', 1, 'b')])).toMatchObject([elsewhere]);
    createDatabase(path);
    expect(writer.writeGroup([appending('s-1', 1, 'b')])).toMatchObject([elsewhere]);
    expect(places()).toEqual([]);
  });
});

describe('a full disk', () => {
  it('is also reported if the rollback fails, and later commands run in their own transaction', () => {
    const db = openDb();
    let failures = 0;
    const prepare = db.prepare.bind(db);
    db.prepare = ((sql: string) => {
      const statement = prepare(sql);
      if (sql !== 'ROLLBACK') return statement;
      const run = statement.run.bind(statement);
      statement.run = () => {
        // The statement fails once, as on a broken disk, and the transaction is still open.
        if (failures++ === 0) throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR' });
        return run();
      };
      return statement;
    }) as typeof db.prepare;
    const writer = openLogWriter(db);
    db.exec("CREATE TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(FAIL, 'full'); END");
    const outcomes = writer.writeGroup([appending('s-1', 0, 'a')]);
    expect(outcomes).toMatchObject([{ failed: { message: 'full' } }]);
    db.exec('DROP TRIGGER full');
    expect(failures).toBeGreaterThan(0);
    expect(writer.writeGroup([appending('s-1', 0, 'a')])).toMatchObject([{ appended: { position: 1 } }]);
    expect(places()).toEqual(['s-1 1']);
  });
});

describe('cached heads', () => {
  it('are dropped when another process has written', () => {
    const [one, other] = [openLogWriter(), openLogWriter()];
    one.writeGroup([appending('s-1', 0, 'a')]);
    expect(other.writeGroup([appending('s-1', 1, 'b')])).toMatchObject([{ appended: { position: 2 } }]);
    // After a conflict this would not test anything: the unique index would refuse the append, and the heads would be
    // read again.
    expect(one.writeGroup([appending('s-1', 2, 'c')])).toMatchObject([{ appended: { position: 3 } }]);
    expect(other.writeGroup([appending('s-1', 2, 'conflicts')])).toMatchObject([
      { failed: { code: 'version-conflict', actualVersion: 3 } },
    ]);
    const hashes = log().map(({ hash }) => hash);
    expect(log().map(({ previousHash }) => previousHash)).toEqual([null, ...hashes.slice(0, 2)]);
  });

  it('are kept through checkpoints and erasures of their own process', () => {
    const db = openDb();
    const writer = openLogWriter(db);
    writer.writeGroup([appending('s-1', 0, 'a')]);
    db.pragma('wal_checkpoint(TRUNCATE)');
    const headsRead = countRuns(db, 'ORDER BY e.version DESC');
    const counted = openLogWriter(headsRead.db);
    counted.writeGroup([appending('s-1', 1, 'b')]);
    counted.writeGroup([{ erase: { streamId: 's-1', version: 1, pointers: ['/data/text'] } }]);
    db.pragma('wal_checkpoint(RESTART)');
    counted.writeGroup([appending('s-1', 2, 'c')]);
    expect(headsRead.count()).toBe(1);
    expect(places()).toHaveLength(3);
  });
});

describe('a full or failing disk', () => {
  it('fails the whole group and stores nothing of it', () => {
    const db = openDb();
    const writer = openLogWriter(db);
    writer.writeGroup([appending('s-1', 0, 'a')]);
    const pages = db.pragma('page_count', { simple: true }) as number;
    db.pragma(`max_page_count = ${pages + 1}`);
    const outcomes = writer.writeGroup([appending('s-2', 0, 'b'), appending('s-1', 1, 'x'.repeat(100_000))]);
    const failed = { code: 'store-unavailable', message: expect.stringContaining('full') };
    expect(outcomes).toMatchObject([{ failed }, { failed }]);
    expect(places()).toEqual(['s-1 1']);
    db.pragma(`max_page_count = ${pages + 1_000}`);
    writer.writeGroup([appending('s-2', 0, 'b'), appending('s-1', 1, 'c')]);
    expect(places()).toEqual(['s-1 1', 's-2 1', 's-1 2']);
  });

  it('stores all or nothing of a group, whichever of its statements fails', () => {
    const group = (): WriteRequest[] => [
      appending('s-1', 1, 'b'),
      {
        append: commit([append('s-2', 0, draft('c')), append('s-3', 0, draft('d'))], { request: request() }),
      },
      { erase: { streamId: 's-1', version: 1, pointers: ['/data/text'] } },
    ];
    openLogWriter().writeGroup([appending('s-1', 0, 'a')]);
    const before = log();
    let statements = 0;
    for (let nth = 1; ; nth++) {
      const failing = failNth(openDb(), nth);
      const writer = openLogWriter(failing.db);
      const outcomes = writer.writeGroup(group());
      if (!failing.failed()) break;
      statements++;
      for (const outcome of outcomes)
        expect(outcome).toMatchObject({ failed: { code: 'store-unavailable' } });
      expect(log()).toEqual(before);
    }
    // The least are: begin, data_version, a head and two look-ups, three rows, two new streams, find, rewrite, commit.
    expect(statements).toBeGreaterThanOrEqual(11);
    expect(places()).toEqual(['s-1 1', 's-1 2', 's-2 1', 's-3 1']);
  });
});

type Run = (...parameters: unknown[]) => unknown;

/** Returns a database that passes the SQL of each statement to `before` when it runs. */
function watched(db: Database.Database, before: (sql: string) => void): Database.Database {
  const watchedStatement = (statement: Database.Statement): Database.Statement =>
    new Proxy(statement, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name, target);
        if (typeof member !== 'function') return member;
        return (...parameters: unknown[]) => {
          if (name === 'run' || name === 'get' || name === 'all') before(statement.source);
          const result = (member as Run).apply(target, parameters);
          return result === target ? watchedStatement(target) : result;
        };
      },
    });
  return new Proxy(db, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target);
      if (name === 'prepare') return (sql: string) => watchedStatement(db.prepare(sql));
      return typeof member === 'function' ? (member as Run).bind(target) : member;
    },
  });
}

function countRuns(db: Database.Database, sqlPart: string) {
  let count = 0;
  const counting = watched(db, (sql) => {
    if (sql.includes(sqlPart)) count++;
  });
  return { db: counting, count: () => count };
}

function failNth(db: Database.Database, nth: number) {
  let runs = 0;
  let failed = false;
  const failing = watched(db, () => {
    if (++runs !== nth) return;
    failed = true;
    throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_WRITE' });
  });
  return { db: failing, failed: () => failed };
}
