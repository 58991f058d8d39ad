import { afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { inspect } from 'node:util';
import { sql } from 'kysely';
import type { Client } from 'pg';
import { layLine } from '#test/support/line';
import { connectTo, dropStore, freshAddress, postgresqlUrl } from '#test/support/postgresql-stores';
import { untilTrue } from '#test/support/event-streams';
import { parsePostgresqlAddress } from '#postgresql/address';
import { TIMEOUTS } from '#postgresql/pool';
import { ReadModelHarness } from '#test/support/read-model-harness';
import { withReadContext } from '../limited-reads.ts';
import { makeLiveSet } from '../model-sets.ts';
import { digestOf } from '../read-models-on.ts';
import { readModelsStatus, truncateLogs, waitForPosition } from '../read-models-status.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import { openPostgresqlReadModels } from './open-read-models.ts';

const TODAY = '2026-11-24';
const UNAVAILABLE = { name: 'ReadModelsUnavailableError', code: 'read-models-unavailable' };

let server: string;
let address: string;
let schema: string;
const PROJECTIONS = [registerProjection];
/** The schema of the first set. */
const setOf = (of: string): string => `${of}_${digestOf(PROJECTIONS).slice(0, 6)}_1`;
const models = new ReadModelHarness(PROJECTIONS);
const { log, errors } = models;
const clients: Client[] = [];

beforeAll(async () => {
  server = await postgresqlUrl();
});
beforeEach(() => {
  address = freshAddress(server);
  ({ schema } = parsePostgresqlAddress(address));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
  await dropStore(address);
});

const open = async (timeouts = {}, at = address) =>
  models.adopt(
    await openPostgresqlReadModels(parsePostgresqlAddress(at), PROJECTIONS, { ...TIMEOUTS, ...timeouts }),
  );
const beside = async () => {
  const client = await connectTo(address);
  clients.push(client);
  return client;
};
const ids = async (database: ReadModelDatabase) =>
  (await queryRegister(database, { today: TODAY, sort: 'id', limit: 200 })).items.map(({ id }) => id);
const runner = (database: ReadModelDatabase) => models.runner({ database });
/** Ends every other connection that uses the schema, as a shutdown of the server does. */
const cutOff = async (client: Client) => {
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'docket' AND pid IN (SELECT pid FROM pg_locks
         JOIN pg_class ON pg_class.oid = relation WHERE relnamespace::regnamespace::text LIKE '${schema}%')`,
  );
  return rowCount ?? 0;
};

describe('read models on PostgreSQL', () => {
  test('refuse tables of another build, and of another application, and leave them as they are', async () => {
    await (await open()).close();
    const client = await beside();
    await client.query('INSERT INTO read_model_versions VALUES (99, now())');
    await expect(open()).rejects.toMatchObject({
      code: 'read-models-unusable',
      message: expect.stringContaining('was created by another build of Docket: its schema is 99'),
    });
    await client.query('DROP TABLE read_model_versions');
    await expect(open()).rejects.toThrow('the schema contains tables of another application');
    expect((await client.query('SELECT FROM model_sets')).rowCount).toBe(0);
  });

  test('report a server that cannot be reached, or refuses, without the password', async () => {
    const { password } = new URL(server);
    for (const change of [
      (url: URL) => (url.port = '1'),
      (url: URL) => (url.password = `wrong${password}`),
      (url: URL) => (url.pathname = '/nowhere'),
    ]) {
      const url = new URL(address);
      change(url);
      const error: unknown = await open({}, url.href).catch((reason: unknown) => reason);
      expect(error).toMatchObject({ code: 'read-models-unusable' });
      expect(String(error)).toContain(parsePostgresqlAddress(url.href).shown);
      expect(inspect(error, { depth: 9 })).not.toContain(password);
    }
  });

  test('fail on a lock that others own, and on a slow statement, with no further effect', async () => {
    const database = await open({ lock: 50, statement: 200 });
    log.issue('a');
    await models.foldInto(database);
    const client = await beside();
    await client.query(`SET search_path TO "${setOf(schema)}"`);
    await client.query('BEGIN; SELECT FROM bookmark FOR UPDATE');
    log.issue('b');
    const waiting = await models.foldInto(database).catch((error: unknown) => error);
    expect(waiting).toMatchObject(UNAVAILABLE);
    expect(database.isTrouble(waiting)).toBe(true);
    await client.query('ROLLBACK; BEGIN; LOCK TABLE register');
    await expect(ids(database)).rejects.toMatchObject(UNAVAILABLE);
    await client.query('ROLLBACK');
    expect(await ids(database)).toEqual(['a']);
  });

  test('give a transaction unlimited time only on request', async () => {
    const database = await open({ statement: 100, answer: 200 });
    const slow = sql`select pg_sleep(0.4)`;
    await expect(slow.execute(database.db)).rejects.toMatchObject(UNAVAILABLE);
    await makeLiveSet(database);
    await database.use(({ db }) =>
      db.transaction().execute(async (trx) => {
        await database.sql.liftTimeLimit(trx);
        await slow.execute(trx);
      }),
    );
    await expect(slow.execute(database.db)).rejects.toMatchObject(UNAVAILABLE);
  });

  test('pass the statistics of their tables to the server when they are indexed', async () => {
    const database = await open();
    for (const id of 'abc') log.issue(id);
    await runner(database).catchUp();
    const client = await beside();
    const { rowCount } = await client.query('SELECT FROM pg_stats WHERE schemaname = $1 AND tablename = $2', [
      setOf(schema),
      'register',
    ]);
    expect(rowCount).toBeGreaterThan(0);
  });

  test('are not unavailable because of a wrong statement', async () => {
    const database = await open();
    const error = await database.db
      .selectFrom('nowhere' as never)
      .selectAll()
      .execute()
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: '42P01' });
    expect(database.isTrouble(error)).toBe(false);
  });

  test('continue to be folded if the connection is lost repeatedly: nothing is stuck, lost, or counted twice', async () => {
    const database = await open();
    const client = await beside();
    await runner(database).start();
    let cuts = 0;
    for (let index = 0; index < 300; index += 1) {
      log.issue(`r${index}`);
      if (index % 20 === 0) {
        cuts += await cutOff(client);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }
    while (cuts === 0) {
      log.comment('r0', 'one more');
      cuts += await cutOff(client);
    }
    expect(await waitForPosition(await open(), await log.lastPosition(), 20_000)).toBe(true);
    expect(await readModelsStatus(await open())).toMatchObject({ state: 'running', lag: 0 });
    for (const error of errors) expect(database.isTrouble(error)).toBe(true);
    expect(await models.check(database)).toEqual({ events: log.events.length, differences: [] });
  });

  test('continue to be read if the connection is cut during a read', async () => {
    const url = new URL(address);
    const line = await layLine(Number(url.port), url.hostname);
    try {
      url.port = String(line.port);
      const database = await open({}, url.href);
      log.issue('a');
      await models.foldInto(database);
      for (const word of ['start transaction', 'from "register"']) {
        line.cutAt(word, 'unheard');
        await expect(ids(database)).rejects.toMatchObject(UNAVAILABLE);
        expect(line.isArmed()).toBe(false);
        expect(await ids(database)).toEqual(['a']);
      }
    } finally {
      await models.end();
      await line.close();
    }
  });

  test('are read without interruption while sets replace each other', async () => {
    const [writing, reading] = [await open(), await open()];
    for (let index = 0; index < 50; index += 1) log.issue(`r${String(index).padStart(2, '0')}`);
    await models.foldInto(writing);
    const expected = await ids(reading);
    const done = new AbortController();
    const rebuilding = (async () => {
      for (let round = 0; round < 2; round += 1) {
        await models.rebuild(writing);
      }
      done.abort();
    })();
    let reads = 0;
    while (!done.signal.aborted) {
      expect(await ids(reading)).toEqual(expected);
      reads += 1;
    }
    await rebuilding;
    expect(reads).toBeGreaterThan(0);
  });

  test('are free of erased texts when the reads that began before have ended, without waiting for other reads', async () => {
    const [database, other] = [await open(), await open()];
    await makeLiveSet(database);
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const read = (name: string) => {
      const begun = Promise.withResolvers<undefined>();
      const ended = other.read(async (trx) => {
        await trx.selectFrom('bookmark').select('position').execute();
        begun.resolve(undefined);
        await new Promise<void>((resolve) => ends.push(resolve));
        order.push(name);
      });
      return { begun: begun.promise, ended };
    };
    const before = read('before');
    await before.begun;
    const cut = truncateLogs(database).then((isCut) => order.push(`cut: ${isCut}`));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const meanwhile = read('meanwhile');
    await meanwhile.begun;
    ends[0]?.();
    await Promise.all([before.ended, cut]);
    expect(order).toEqual(['before', 'cut: true']);
    ends[1]?.();
    await meanwhile.ended;
  });

  test('stop being read when the caller disconnects', async () => {
    const database = await open();
    await makeLiveSet(database);
    const gone = new AbortController();
    let statements = 0;
    const read = withReadContext(gone.signal, () =>
      database.read(async (trx) => {
        for (;;) {
          await trx.selectFrom('bookmark').select('position').execute();
          statements += 1;
          gone.abort();
        }
      }),
    );
    await expect(read).rejects.toMatchObject({ code: 'read-abandoned' });
    expect(statements).toBe(1);
    expect(await database.read((trx) => trx.selectFrom('bookmark').select('events').execute())).toEqual([
      { events: 0 },
    ]);
  });

  test('stop being read by the server when the caller disconnects', async () => {
    const database = models.adopt(
      await openPostgresqlReadModels(parsePostgresqlAddress(address), PROJECTIONS, TIMEOUTS, 60_000),
    );
    await makeLiveSet(database);
    const client = await beside();
    const mark = `of ${schema}`;
    const activeQueries = async () => {
      const { rowCount } = await client.query(
        "SELECT FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND strpos(query, $1) > 0",
        [mark],
      );
      return rowCount;
    };
    const gone = new AbortController();
    const read = expect(
      withReadContext(gone.signal, () =>
        database.read((trx) => sql`select pg_sleep(60) /* ${sql.raw(mark)} */`.execute(trx)),
      ),
    ).rejects.toMatchObject({ code: 'read-abandoned' });
    await untilTrue(async () => (await activeQueries()) === 1);
    gone.abort();
    await read;
    // The server reports the end a moment later.
    await untilTrue(async () => (await activeQueries()) === 0);
    expect(database.readCounts()).toMatchObject({ busy: 0, waiting: 0, tooSlow: 0 });
    // A late cancellation must not end the next reads.
    for (let n = 0; n < 10; n += 1)
      expect(await database.read((trx) => trx.selectFrom('bookmark').select('events').execute())).toEqual([
        { events: 0 },
      ]);
  });

  test('contain nothing of a text that was erased', async () => {
    const database = await open();
    log.issue('a', { title: 'Xylophonist appointed', text: 'Quetzalcoatl' });
    const comment = log.comment('a', 'Rumpelstiltskin of the Pickwickians');
    await models.foldInto(database);
    const client = await beside();
    const tables = ['register', 'register_texts', 'register_titles'];
    const all = async () => {
      const found: unknown[] = [];
      for (const table of tables) {
        found.push((await client.query(`SELECT t::text AS row FROM "${setOf(schema)}".${table} t`)).rows);
      }
      return JSON.stringify(found).toLowerCase();
    };
    expect(await all()).toContain('rumpelstiltskin');
    log.redact('a', comment, '/data/text');
    log.redact('a', log.events[0]!, '/data/title', '/data/text');
    await models.foldInto(database);
    for (const word of ['rumpelstiltskin', 'pickwickians', 'xylophonist', 'quetzalcoatl']) {
      expect(await all()).not.toContain(word);
    }
    expect(await truncateLogs(database)).toBe(true);
  });
});
