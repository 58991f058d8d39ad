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
import { applyBatch } from '../apply-batch.ts';
import { createBuildingGeneration, indexGeneration, withLock } from '../generations.ts';
import { withReadContext } from '../limited-reads.ts';
import { projectionStatus, waitForPosition } from '../projection-status.ts';
import type { ReadModelDatabase } from '../read-model-database.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { currentRegister } from '#read-models/register/register-source';
import { queryRegister } from '#read-models/register/register-query';
import { openPostgresqlReadModels } from './open-read-models.ts';

const TODAY = '2026-11-24';
const UNAVAILABLE = { name: 'ReadModelsUnavailableError', code: 'read-models-unavailable' };

let server: string;
let address: string;
let schema: string;
const models = new ReadModelHarness([registerProjection]);
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
  models.adopt(await openPostgresqlReadModels(parsePostgresqlAddress(at), { ...TIMEOUTS, ...timeouts }));
const beside = async () => {
  const client = await connectTo(address);
  clients.push(client);
  return client;
};
const ids = async (database: ReadModelDatabase, projection = registerProjection) =>
  (
    await queryRegister(
      database,
      { today: TODAY, sort: 'id', limit: 200 },
      { ...currentRegister, projection },
    )
  ).items.map(({ id }) => id);
const runner = (database: ReadModelDatabase) => models.runner({ database });
/** Ends every other connection that uses the schema, as a shutdown of the server does. */
const cutOff = async (client: Client) => {
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = 'docket' AND pid IN (SELECT pid FROM pg_locks
         JOIN pg_class ON pg_class.oid = relation WHERE relnamespace = '${schema}'::regnamespace)`,
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
    expect((await client.query('SELECT FROM projections')).rowCount).toBe(0);
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
    await client.query('BEGIN; SELECT FROM projections FOR UPDATE');
    const waiting = await withLock(database, 'register', () => Promise.resolve()).catch(
      (error: unknown) => error,
    );
    expect(waiting).toMatchObject(UNAVAILABLE);
    expect(database.isTrouble(waiting)).toBe(true);
    await client.query('ROLLBACK; BEGIN; LOCK TABLE register_g1');
    await expect(ids(database)).rejects.toMatchObject(UNAVAILABLE);
    await client.query('ROLLBACK');
    expect(await ids(database)).toEqual(['a']);
  });

  test('give a transaction unlimited time only on request', async () => {
    const database = await open({ statement: 100, answer: 200 });
    const slow = sql`select pg_sleep(0.4)`;
    await expect(slow.execute(database.db)).rejects.toMatchObject(UNAVAILABLE);
    await database.db.transaction().execute(async (trx) => {
      await database.sql.liftTimeLimit(trx);
      await slow.execute(trx);
    });
    await expect(slow.execute(database.db)).rejects.toMatchObject(UNAVAILABLE);
  });

  test("pass the statistics of a generation's tables to the server when it is indexed", async () => {
    const database = await open();
    for (const id of 'abc') log.issue(id);
    await models.foldInto(database);
    const generation = await createBuildingGeneration(database, registerProjection);
    await applyBatch(database, registerProjection, generation, '0', log.events);
    const client = await beside();
    const isKnown = async () =>
      (
        await client.query<{ known: boolean }>(
          `SELECT count(*) > 0 AS known FROM pg_stats WHERE schemaname = $1 AND tablename = $2`,
          [schema, `register_g${generation}`],
        )
      ).rows[0]?.known;
    expect(await isKnown()).toBe(false);
    await indexGeneration(database, registerProjection, generation);
    expect(await isKnown()).toBe(true);
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
    expect(await waitForPosition(await open(), ['register'], await log.lastPosition(), 20_000)).toBe(true);
    const [status] = await projectionStatus(await open());
    expect(status).toMatchObject({ state: 'running', lag: 0 });
    for (const error of errors) expect(database.isTrouble(error)).toBe(true);
    await expect(runner(database).rebuild('register')).resolves.toMatchObject({
      comparison: { result: 'equal' },
      events: log.events.length,
    });
  });

  test('continue to be read if the connection is cut during a read', async () => {
    const url = new URL(address);
    const line = await layLine(Number(url.port), url.hostname);
    try {
      url.port = String(line.port);
      const database = await open({}, url.href);
      log.issue('a');
      await models.foldInto(database);
      for (const word of ['start transaction', 'from "register_g1"']) {
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

  test('are read without interruption while generations replace each other', async () => {
    const [writing, reading] = [await open(), await open()];
    for (let index = 0; index < 50; index += 1) log.issue(`r${String(index).padStart(2, '0')}`);
    await models.foldInto(writing);
    const expected = await ids(reading);
    const done = new AbortController();
    const rebuilding = (async () => {
      for (let round = 0; round < 2; round += 1) {
        expect(await runner(writing).rebuild('register')).toMatchObject({ comparison: { result: 'equal' } });
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
    const order: string[] = [];
    const ends: (() => void)[] = [];
    const read = (name: string) => {
      const begun = Promise.withResolvers<undefined>();
      const ended = other.read(async (trx) => {
        await trx.selectFrom('projections').select('name').execute();
        begun.resolve(undefined);
        await new Promise<void>((resolve) => ends.push(resolve));
        order.push(name);
      });
      return { begun: begun.promise, ended };
    };
    const before = read('before');
    await before.begun;
    const cut = database.truncateLog().then((isCut) => order.push(`cut: ${isCut}`));
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
    const gone = new AbortController();
    let statements = 0;
    const read = withReadContext(gone.signal, () =>
      database.read(async (trx) => {
        for (;;) {
          await trx.selectFrom('projections').select('name').execute();
          statements += 1;
          gone.abort();
        }
      }),
    );
    await expect(read).rejects.toMatchObject({ code: 'read-abandoned' });
    expect(statements).toBe(1);
    expect(await database.read((trx) => trx.selectFrom('jobs').selectAll().execute())).toEqual([]);
  });

  test('stop being read by the server when the caller disconnects', async () => {
    const database = models.adopt(
      await openPostgresqlReadModels(parsePostgresqlAddress(address), TIMEOUTS, 60_000),
    );
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
      expect(await database.read((trx) => trx.selectFrom('jobs').selectAll().execute())).toEqual([]);
  });

  test('contain nothing of a text that was erased', async () => {
    const database = await open();
    log.issue('a', { title: 'Xylophonist appointed', text: 'Quetzalcoatl' });
    const comment = log.comment('a', 'Rumpelstiltskin of the Pickwickians');
    await models.foldInto(database);
    const client = await beside();
    const tables = ['register_g1', 'register_texts_g1', 'register_titles_g1'];
    const all = async () => {
      const found: unknown[] = [];
      for (const table of tables) {
        found.push((await client.query(`SELECT t::text AS row FROM ${table} t`)).rows);
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
    expect(await database.truncateLog()).toBe(true);
  });
});

describe('the right to build beside the live generation', () => {
  test('belongs to one node per projection, until the node releases it or its connection ends', async () => {
    const [one, other] = [await open(), await open()];
    const claim = await one.claimBuilding('register');
    expect(claim).not.toBeNull();
    expect(await other.claimBuilding('register')).toBeNull();
    const another = await other.claimBuilding('deadlines');
    await claim?.release();
    await another?.release();
    const again = await untilClaimed(other);
    expect(await one.claimBuilding('register')).toBeNull();
    const client = await beside();
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = hashtext($1)::oid`,
      [`${schema}/register`],
    );
    await (await untilClaimed(one)).release();
    await again.release();
  });

  const untilClaimed = async (database: ReadModelDatabase) => {
    let claim: Awaited<ReturnType<ReadModelDatabase['claimBuilding']>> = null;
    await untilTrue(async () => (claim = await database.claimBuilding('register')) !== null);
    return claim!;
  };

  test('prevents a second node from building a newer version; it continues where the first ends', async () => {
    const newer = { ...registerProjection, version: registerProjection.version + 1 };
    for (const id of 'abc') log.issue(id);
    const [one, other] = [await open(), await open()];
    await models.foldInto(one);
    const claim = await one.claimBuilding('register');
    await models.runner({ database: other, projections: [newer] }).start();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect((await projectionStatus(one))[0]).toMatchObject({
      version: registerProjection.version,
      state: 'running',
    });
    await claim?.release();
    await untilTrue(async () => (await projectionStatus(one))[0]?.version === registerProjection.version + 1);
    expect(await ids(one, newer)).toEqual(['a', 'b', 'c']);
  });

  test('does not block a single catch-up indefinitely', async () => {
    const newer = { ...registerProjection, version: registerProjection.version + 1 };
    log.issue('a');
    const [one, other] = [await open(), await open()];
    await models.foldInto(one);
    const claim = await one.claimBuilding('register');
    const second = models.runner({ database: other, projections: [newer], claimPatienceMs: 1 });
    await expect(second.catchUp()).rejects.toThrow(
      /^The projection register is being built by another node, which has not started and has made no progress for \d+ s$/,
    );
    await claim?.release();
    await second.catchUp();
    expect((await projectionStatus(one))[0]).toMatchObject({ version: registerProjection.version + 1 });
  });
});
