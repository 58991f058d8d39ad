import { inspect } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, test } from '@jest/globals';
import type { Client } from 'pg';
import { append, commit, draft, request } from '#test/support/event-commits';
import { collectLog, untilTrue } from '#test/support/event-streams';
import {
  connectTo,
  dropStore,
  freshAddress,
  openStoreAt,
  postgresqlUrl,
} from '#test/support/postgresql-stores';
import { keepingObserver } from '#test/support/observed';
import { layLine } from '#test/support/line';
import type { Line } from '#test/support/line';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { parsePostgresqlAddress } from '#postgresql/address';
import { APPENDS_WAITING_MAX } from './postgresql-event-store.ts';
import { TIMEOUTS } from '#postgresql/pool';
import type { PostgresqlEventStoreOptions } from './postgresql-event-store.ts';
import { lockSql } from './schema.ts';

const UNAVAILABLE = { name: 'StoreUnavailableError', code: 'store-unavailable' };

let server: string;
let address: string;
let schema: string;
const stores: EventStore[] = [];
const clients: Client[] = [];

beforeAll(async () => {
  server = await postgresqlUrl();
});

beforeEach(() => {
  address = freshAddress(server);
  schema = parsePostgresqlAddress(address).schema;
});

afterEach(async () => {
  for (const store of stores.splice(0)) await store.close();
  for (const client of clients.splice(0)) await client.end();
  await dropStore(address);
});

const open = async (options: Partial<PostgresqlEventStoreOptions> = {}, at = address) => {
  const store = await openStoreAt(at, options);
  stores.push(store);
  return store;
};

/** Opens a connection, as another process would. */
const beside = async () => {
  const client = await connectTo(address);
  clients.push(client);
  return client;
};

/** Makes the server run an action at the insert of each event whose text contains a word. */
async function atInsertOf(word: string, action: string): Promise<void> {
  const client = await beside();
  await client.query(`CREATE FUNCTION on_insert() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN IF NEW.envelope LIKE '%${word}%' THEN ${action} END IF; RETURN NEW; END $$`);
  await client.query(
    `CREATE TRIGGER on_insert BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION ${schema}.on_insert()`,
  );
}

const settled = (work: readonly Promise<unknown>[]) => Promise.allSettled(work);

describe('opening a PostgreSQL store', () => {
  it('creates nothing unless create is true', async () => {
    const { shown } = parsePostgresqlAddress(address);
    for (const options of [{ create: false }, { readOnly: true }]) {
      await expect(open(options)).rejects.toMatchObject({
        code: 'store-missing',
        message: `there is no event store at ${shown}`,
      });
    }
    const { rowCount } = await (
      await beside()
    ).query('SELECT FROM pg_namespace WHERE nspname = $1', [schema]);
    expect(rowCount).toBe(0);
  });

  it('makes its tables in an existing schema if it may not create one', async () => {
    const client = await beside();
    const role = `role_${schema}`;
    await client.query(`CREATE ROLE ${role} LOGIN PASSWORD 'p'`);
    await client.query(`CREATE SCHEMA ${schema} AUTHORIZATION ${role}`);
    const own = Object.assign(new URL(address), { username: role, password: 'p' });
    const store = await openStoreAt(own.href);
    await store.append(commit([append('s-1', 0, draft())]));
    await store.close();
    await client.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  });

  it('refuses a database whose encoding cannot represent every text', async () => {
    const client = await beside();
    const database = `latin_${schema}`;
    await client.query(`CREATE DATABASE ${database} ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0`);
    const there = Object.assign(new URL(address), { pathname: `/${database}` });
    await expect(open({}, there.href)).rejects.toThrow('encoding must be UTF8; it is LATIN1');
    await client.query(`DROP DATABASE ${database}`);
  });

  it.each<[string, (url: URL) => void, string]>([
    ['another password', (url) => (url.password = 'a-secret'), 'password authentication failed'],
    ['no such database', (url) => (url.pathname = '/nowhere'), 'database "nowhere" does not exist'],
    ['no server at the port', (url) => (url.port = '1'), 'ECONNREFUSED'],
    ['no such host', (url) => (url.hostname = 'nowhere.invalid'), 'nowhere.invalid'],
  ])('reports the error without the password: %s', async (_, change, reason) => {
    const url = new URL(address);
    url.password = 'a-secret';
    if (reason.startsWith('database')) url.password = new URL(server).password;
    change(url);
    const error = await open({}, url.href).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining(reason) });
    const text = inspect(error, { depth: 20, showHidden: true });
    expect(text).not.toContain(url.password);
    expect(text).not.toContain(decodeURIComponent(url.password));
  });
});

test('given connections that end under load, again and again, then each acknowledged command is stored once', async () => {
  const nodes = [await open(), await open()];
  const acknowledged = new Map<string, string[]>();
  let failures = 0;
  let isLoaded = true;
  const appended = async (store: EventStore, keyed: ReturnType<typeof commit>): Promise<void> => {
    for (;;) {
      try {
        const { events } = await store.append(keyed);
        acknowledged.set(
          keyed.command.id,
          events.map(({ eventId }) => eventId),
        );
        return;
      } catch (error) {
        expect(error).toMatchObject(UNAVAILABLE);
        failures += 1;
      }
    }
  };
  const writers = Array.from({ length: 8 }, async (_, index) => {
    for (let version = 0; isLoaded; version += 2)
      await appended(
        nodes[index % 2]!,
        commit([append(`s-${index}`, version, draft(), draft())], { request: request() }),
      );
  });
  const client = await beside();
  for (let round = 0; round < 5; round += 1) {
    const [before, failed] = [acknowledged.size, failures];
    await untilTrue(() => acknowledged.size > before + writers.length);
    while (failures === failed)
      await client.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND query LIKE '%${schema}%'`);
  }
  isLoaded = false;
  await Promise.all(writers);
  const stored = Map.groupBy(await collectLog(nodes[0]!), ({ command }) => command.id);
  expect(new Map([...stored].map(([id, events]) => [id, events.map(({ eventId }) => eventId)]))).toEqual(
    acknowledged,
  );
});

describe('a group of appends', () => {
  it('is one transaction', async () => {
    const store = await open();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) => store.append(commit([append(`s-${index}`, 0, draft())]))),
    );
    const { rows } = await (
      await beside()
    ).query('SELECT count(DISTINCT xmin::text)::int AS transactions, count(*)::int AS events FROM events');
    expect(rows).toEqual([{ transactions: 1, events: 200 }]);
  });

  it('ends at its size limit; the rest forms the next', async () => {
    const store = await open();
    const text = 'x'.repeat(3 * 1024 * 1024);
    await Promise.all(
      [0, 1, 2, 3, 4].map((version) => store.append(commit([append('s-1', version, draft(text))]))),
    );
    const { rows } = await (
      await beside()
    ).query('SELECT count(*)::int AS events FROM events GROUP BY xmin::text ORDER BY 1');
    expect(rows).toEqual([{ events: 2 }, { events: 3 }]);
  });

  it('is written one by one after a row that the server refuses, and only its cause fails', async () => {
    const store = await open();
    await atInsertOf('the cause', "RAISE EXCEPTION 'refused by a trigger';");
    const results = await settled([
      store.append(commit([append('s-1', 0, draft('a'))])),
      store.append(commit([append('s-2', 0, draft('b'), draft('the cause'))])),
      store.append(commit([append('s-1', 1, draft('c'))])),
      store.append(commit([append('s-2', 0, draft('d'))])),
    ]);
    expect(results).toMatchObject([
      { status: 'fulfilled' },
      { status: 'rejected', reason: { message: 'refused by a trigger' } },
      { status: 'fulfilled' },
      { status: 'fulfilled' },
    ]);
    const log = await collectLog(store);
    expect(log.map(({ data }) => data['text'])).toEqual(['a', 'c', 'd']);
    expect(log[1]!.previousHash).toBe(log[0]!.hash);
  });

  it('refuses more than its queue can contain', async () => {
    const store = await open();
    const results = await settled(
      Array.from({ length: APPENDS_WAITING_MAX + 5 }, (_, index) =>
        store.append(commit([append(`s-${index}`, 0)])),
      ),
    );
    const refused = results.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5);
    for (const result of refused) expect(result).toMatchObject({ reason: UNAVAILABLE });
    await store.append(commit([append('s-1', 0, draft())]));
  });

  it('is on disk before its results are returned, even if the connection is set not to wait for that', async () => {
    const hasty = new URL(address);
    hasty.searchParams.set('options', '-c synchronous_commit=off');
    const store = await open({}, hasty.href);
    await atInsertOf('setting', "RAISE EXCEPTION 'it is %', current_setting('synchronous_commit');");
    await expect(store.append(commit([append('s-1', 0, draft('setting'))]))).rejects.toThrow('it is on');
  });
});

describe('time-outs', () => {
  const timeouts = { ...TIMEOUTS, lock: 200, statement: 400 };

  it('end the wait for a lock that another process owns; nothing is stored, and the next append succeeds', async () => {
    const store = await open({ timeouts });
    const client = await beside();
    await client.query('BEGIN');
    await client.query(lockSql(schema));
    const results = await settled([0, 1, 2].map((n) => store.append(commit([append(`s-${n}`, 0, draft())]))));
    for (const result of results) {
      expect(result).toMatchObject({
        status: 'rejected',
        reason: { ...UNAVAILABLE, message: expect.stringContaining('lock timeout') },
      });
    }
    expect(await collectLog(store)).toEqual([]);
    await client.query('ROLLBACK');
    await store.append(commit([append('s-0', 0, draft())]));
  });

  it('end a slow statement; nothing of its group is stored, and the next append succeeds', async () => {
    const store = await open({ timeouts });
    await atInsertOf('slow', 'PERFORM pg_sleep(30);');
    const results = await settled([
      store.append(commit([append('s-1', 0, draft('slow'))])),
      store.append(commit([append('s-2', 0, draft('beside it'))])),
    ]);
    for (const result of results) expect(result).toMatchObject({ status: 'rejected', reason: UNAVAILABLE });
    expect(await collectLog(store)).toEqual([]);
    await store.append(commit([append('s-2', 0, draft())]));
  });

  it('end the wait for a server that does not respond', async () => {
    const store = await open({ timeouts: { ...TIMEOUTS, statement: 20_000, answer: 300 } });
    await atInsertOf('slow', 'PERFORM pg_sleep(5);');
    await expect(store.append(commit([append('s-1', 0, draft('slow'))]))).rejects.toMatchObject(UNAVAILABLE);
    const client = await beside();
    await client.query('SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = to_regclass($1)', [
      `${schema}.events`,
    ]);
  });
});

describe('a connection that is lost', () => {
  let line: Line;
  let overLine: string;

  beforeEach(async () => {
    const { hostname, port } = new URL(server);
    line = await layLine(Number(port), hostname);
    overLine = Object.assign(new URL(address), { hostname: '127.0.0.1', port: String(line.port) }).href;
  });

  afterEach(() => line.close());

  it.each(['heard', 'unheard'] as const)(
    'during a commit leaves a keyed command that is found when it is repeated: %s',
    async (heard) => {
      const store = await open({}, overLine);
      await store.append(commit([append('s-1', 0, draft())]));
      const keyed = commit([append('s-1', 1, draft('once'))], { request: request() });
      line.cutAt('COMMIT', heard);
      await expect(store.append(keyed)).rejects.toMatchObject(UNAVAILABLE);
      expect(line.isArmed()).toBe(false);
      const again = await store.append(keyed);
      expect(again.repeated).toBe(heard === 'heard');
      const log = await collectLog(store);
      expect(log.map(({ version }) => version)).toEqual([1, 2]);
      expect(again.events).toMatchObject([{ eventId: log[1]!.eventId, position: log[1]!.position }]);
      await store.append(commit([append('s-1', 2, draft())]));
    },
  );

  it.each(['BEGIN', 'docket-log', 'docket-command'])('at %s fails that call alone', async (word) => {
    const store = await open({}, overLine);
    const calls: Readonly<Record<string, () => Promise<unknown>>> = {
      BEGIN: () => store.append(commit([append('s-1', 0, draft())])),
      'docket-log': () => store.readAll(),
      'docket-command': () => store.findCommand(commit([]).command.id),
    };
    line.cutAt(word, 'unheard');
    await expect(calls[word]!()).rejects.toMatchObject(UNAVAILABLE);
    await calls[word]!();
  });

  it('is reported for a subscription, which continues to read', async () => {
    const { observer: reports, drops } = keepingObserver();
    const store = await open({ reports }, overLine);
    const other = await open();
    await other.append(commit([append('s-1', 0, draft())]));
    let seen = 0;
    line.cutAt('docket-log', 'unheard');
    const subscription = store.subscribe('0', async (batch) => {
      seen += batch.length;
      await Promise.resolve();
    });
    await untilTrue(() => seen === 1);
    expect(drops).toEqual(['read']);
    await subscription.close();
    await store.close();
    expect(drops).toHaveLength(1);
  });

  it('does not end a subscription, which misses and repeats nothing', async () => {
    const store = await open();
    const seen: Envelope[] = [];
    const subscription = store.subscribe('0', async (batch) => {
      seen.push(...batch);
      await Promise.resolve();
    });
    const client = await beside();
    const other = await open();
    for (let version = 0; version < 5; version++) {
      await other.append(commit([append('s-1', version, draft())]));
      await untilTrue(() => seen.length > version);
      const { rows } = await client.query<{ ended: boolean }>(
        `SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity
         WHERE pid <> pg_backend_pid() AND query LIKE '%${schema}%'`,
      );
      expect(rows.length).toBeGreaterThan(0);
      // The other store's connections were closed too, and are opened again.
      await untilTrue(() =>
        other.lastPosition().then(
          () => true,
          () => false,
        ),
      );
    }
    expect(seen).toEqual(await collectLog(other));
    await subscription.close();
    await expect(subscription.ended).resolves.toBeUndefined();
  });
});

describe('a group of appends', () => {
  it('is reported with its commits and events, without refused ones', async () => {
    const { observer: reports, groups } = keepingObserver();
    const store = await open({ reports });
    const many = Array.from({ length: 20 }, (_, index) => append(`s-${index}`, 0, draft(), draft()));
    await settled([...many, append('s-1', 7, draft())].map((each) => store.append(commit([each]))));
    expect(groups).toEqual([{ commits: 20, events: 40 }]);
    await settled([store.append(commit([append('s-1', 7, draft())]))]);
    expect(groups).toHaveLength(1);
  });
});

describe('following the log', () => {
  it('can be ended while it begins to read', async () => {
    const store = await openStoreAt(address);
    store.subscribe('0', () => Promise.resolve());
    await store.close();
  });
});

describe('the stored text', () => {
  it('has no erased value in any row, nor in its files once the table is rewritten', async () => {
    const store = await open();
    await store.append(commit([append('s-1', 0, draft('a secret of two'), draft('kept'))]));
    const [before] = await store.readStream('s-1');
    await store.erase('s-1', 1, ['/data/text']);
    const client = await beside();
    const { rows } = await client.query<{ envelope: string }>(
      'SELECT envelope FROM events ORDER BY position',
    );
    expect(rows[0]!.envelope).not.toContain('a secret');
    expect(rows[0]!.envelope).not.toContain(before!.salts['/data/text']);
    expect(rows[1]!.envelope).toContain('kept');
    const inFiles = async () => {
      await client.query('CHECKPOINT');
      const found = await client.query<{ found: boolean }>(
        `SELECT position('a secret of two'::bytea IN pg_read_binary_file(pg_relation_filepath('events'))) > 0 AS found`,
      );
      return found.rows[0]!.found;
    };
    expect(await inFiles()).toBe(true);
    // VACUUM keeps rows that a transaction of another session, such as autovacuum, could still read.
    await untilTrue(async () => {
      await client.query('VACUUM FULL events');
      return !(await inFiles());
    });
  });
});
