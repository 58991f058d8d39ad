import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { jsonEvent, KurrentDBClient } from '@kurrent/kurrentdb-client';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '../memory-event-store.ts';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import type { SubscriptionDrop } from '#event-sourcing/store-observer';
import { copyStore } from '#use-cases/log/copy-store';
import { append, commit, draft, request } from '#test/support/event-commits';
import { collectLog, untilTrue } from '#test/support/event-streams';
import { makeCertificates } from '#test/support/kurrentdb/certificates';
import type { Certificates } from '#test/support/kurrentdb/certificates';
import { KurrentdbServer } from '#test/support/kurrentdb/server';
import type { ServerOptions } from '#test/support/kurrentdb/server';
import { lifecycles } from '#state-machines/lifecycles';
import { commentBlock, file, importCall } from '#test/support/register-imports';
import { importRecord } from '#use-cases/register-files/import-record';
import { onHastenedClock } from '#test/support/hastened-clock';
import { hasKurrentdb, isRealKurrentdb, needDouble } from '#test/support/journey-store';
import { freshKurrentdbAddress, kurrentdbUrl } from '#test/support/kurrentdb-stores';
import { parseKurrentdbAddress } from './address.ts';
import { Connection } from './connection.ts';
import { openKurrentdbEventStore } from './kurrentdb-event-store.ts';
import type { KurrentdbEventStoreOptions } from './kurrentdb-event-store.ts';
import { LogReader } from './log-reader.ts';
import { StreamNames } from './stream-names.ts';
import { Values } from './values.ts';
import { ValuesSweep } from './values-sweep.ts';

/** The factor for the long form of the tests. */
const TIMES = process.env['DOCKET_TEST_LONG'] === undefined ? 1 : 4;
const UNAVAILABLE = { name: 'StoreUnavailableError', code: 'store-unavailable' };

let server: KurrentdbServer;
/** The address of a store that no other test uses. */
let address: string;
const opened: EventStore[] = [];

/** The test doubles by their options. */
const servers = new Map<string, Promise<KurrentdbServer>>();

afterAll(async () => {
  for (const each of servers.values()) (await each).stop();
});

function startedOnce(options: ServerOptions): Promise<KurrentdbServer> {
  const key = JSON.stringify(options);
  const started = servers.get(key) ?? KurrentdbServer.start(options);
  servers.set(key, started);
  return started;
}

/**
 * Runs a block's cases on the test double with these options, or on the real server in `KURRENTDB_URL`, which has no
 * test controls.
 */
function onServer(options: ServerOptions | 'KURRENTDB_URL' = {}): void {
  const isReal = options === 'KURRENTDB_URL';
  if (!isReal) {
    beforeAll(async () => {
      server = await startedOnce(options);
    });
  }

  beforeEach(async () => {
    address = freshKurrentdbAddress(isReal ? await kurrentdbUrl() : server.url);
  });

  afterEach(async () => {
    if (!isReal) await server.reset();
    for (const store of opened.splice(0)) await store.close();
  });
}

async function open(options: Partial<KurrentdbEventStoreOptions> = {}, at = address): Promise<EventStore> {
  const store = await openKurrentdbEventStore({
    address: parseKurrentdbAddress(at),
    sealer: createSealer(),
    create: true,
    ...options,
  });
  opened.push(store);
  return store;
}

const keyed = (...appends: ReturnType<typeof append>[]) => commit(appends, { request: request() });

const textsOf = (events: readonly Envelope[]) => events.map(({ data }) => data['text']);

/** Follows the log into a list, and counts dropped subscriptions. */
async function follow(options: Partial<KurrentdbEventStoreOptions> = {}) {
  const seen: Envelope[] = [];
  const drops: SubscriptionDrop[] = [];
  const reports = {
    groupWritten: () => undefined,
    subscriptionDropped: (reason: SubscriptionDrop) => drops.push(reason),
  };
  const store = await open({ reports, ...options });
  const subscription = store.subscribe('0', async (batch) => {
    seen.push(...batch);
    await Promise.resolve();
  });
  return { seen, drops, subscription };
}

/** Returns all data that any user with a login can read on the server. */
async function onTheServer(): Promise<string> {
  const { connectionString } = parseKurrentdbAddress(address);
  const client = KurrentDBClient.connectionString(connectionString);
  const events: unknown[] = [];
  for await (const { event } of client.readAll()) events.push([event?.data, event?.metadata]);
  await client.dispose();
  return JSON.stringify(events);
}

describe('opening a store', () => {
  onServer();

  it('creates one if it may, once, and finds it again', async () => {
    await expect(open({ create: false })).rejects.toMatchObject({ name: 'StoreMissingError' });
    const stores = await Promise.all([open(), open(), open({})]);
    await stores[0].append(commit([append('s-1', 0, draft())]));
    expect(await collectLog(await open({ create: false }))).toHaveLength(1);
  });

  it('sees nothing of another store on the same server', async () => {
    const one = await open();
    const other = await open({}, freshKurrentdbAddress(server.url));
    await one.append(keyed(append('s-1', 0, draft())));
    await other.append(keyed(append('s-1', 0, draft('other'))));
    expect(textsOf(await collectLog(one))).toEqual(['a text']);
    expect(textsOf(await collectLog(other))).toEqual(['other']);
    expect(textsOf(await other.readStream('s-1'))).toEqual(['other']);
  });

  it.each([
    ['no server at the port', 'kurrentdb://ann:a-secret@127.0.0.1:1?tls=false&maxDiscoverAttempts=3'],
    ['no such host', 'kurrentdb://ann:a-secret@nowhere.invalid?tls=false&maxDiscoverAttempts=3'],
  ])('reports the error without the password: %s', async (_, nowhere) => {
    const error = await open({}, nowhere).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ ...UNAVAILABLE, message: expect.stringContaining('kurrentdb://ann@') });
    expect((error as Error).message).not.toContain('a-secret');
  });

  it.each(['tlsCAFile=%2Fnope', 'userCertFile=%2Fnope&userKeyFile=%2Fnope', 'userCertFile=%2Fnope'])(
    'names the parameters where a file cannot be used: %s',
    async (files) => {
      const error = await open({}, `kurrentdb://ann:a-secret@localhost:1?${files}`).catch(
        (caught: unknown) => caught,
      );
      expect(error).toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining('tlsCAFile, userCertFile'),
      });
      expect(JSON.stringify(error, Object.getOwnPropertyNames(error as Error))).not.toContain('a-secret');
    },
  );

  it('creates no store for a user who may not read the whole log, and names the metadata that must list the user', async () => {
    server.faults.lock('$all');
    await expect(open()).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining(`$all's metadata: {"$acl":{"$r":["USER"]}}`),
    });
    server.faults.unlock('$all');
    await expect(open({ create: false })).rejects.toMatchObject({ name: 'StoreMissingError' });
  });

  it('refuses streams in an unknown format', async () => {
    const { connectionString, prefix } = parseKurrentdbAddress(address);
    const client = KurrentDBClient.connectionString(connectionString);
    await client.appendToStream(`${prefix}:store`, {
      id: randomUUID(),
      contentType: 'application/json',
      type: 'StoreCreated',
      data: { form: 1 },
      metadata: undefined,
    });
    await client.dispose();
    await expect(open()).rejects.toThrow('has form 1 instead of 2');
  });
});

describe('an append whose response is lost, or that is not accepted', () => {
  onServer();

  it.each([
    [
      'a keyed one',
      (version: number) => keyed(append('s-1', version, draft('once')), append('s-2', version, draft())),
    ],
    ['one without a key', (version: number) => commit([append('s-1', version, draft('once'))])],
  ])('is stored once, and its result is returned: %s', async (_, make) => {
    const store = await open();
    for (const version of [0, 1]) {
      server.arm('loseAnswers', { calls: 1, on: 'append' });
      const { events, repeated } = await store.append(make(version));
      const stored = (await collectLog(store)).slice(-events.length);
      expect(events.map(({ eventId }) => eventId)).toEqual(stored.map(({ eventId }) => eventId));
      expect(events.map(({ position }) => position)).toEqual(stored.map(({ position }) => position));
      expect(repeated).toBe(false);
    }
    expect(await store.readStream('s-1')).toMatchObject([{ version: 1 }, { version: 2 }]);
  });

  it('is retried while the server is not ready', async () => {
    const store = await open();
    server.arm('fail', { calls: 2, on: 'append' });
    await store.append(commit([append('s-1', 0, draft())]));
    server.arm('denyLeadership', { calls: 1 });
    await store.append(commit([append('s-1', 1, draft())]));
    expect(await collectLog(store)).toHaveLength(2);
  });

  it('fails after a while; nothing is stored, and a retry succeeds', async () => {
    const store = await open();
    const once = keyed(append('s-1', 0, draft()));
    server.arm('fail', { calls: null, on: 'append' });
    await onHastenedClock(() => expect(store.append(once)).rejects.toMatchObject(UNAVAILABLE));
    expect(await collectLog(store)).toEqual([]);
    await server.reset();
    expect(await store.append(once)).toMatchObject({ repeated: false });
  });

  it('fails like reads while the server is gone, and recovers when it is back', async () => {
    const store = await open();
    const { seen, drops, subscription } = await follow();
    await store.append(commit([append('s-1', 0, draft())]));
    await untilTrue(() => seen.length === 1);
    server.kill(0);
    const lost = commit([append('s-1', 1, draft())]);
    await onHastenedClock(() => expect(store.append(lost)).rejects.toMatchObject(UNAVAILABLE));
    await expect(store.readStream('s-1')).rejects.toMatchObject(UNAVAILABLE);
    await server.revive(0);
    await untilTrue(() =>
      store.append(commit([append('s-1', 1, draft())])).then(
        () => true,
        () => false,
      ),
    );
    await untilTrue(() => seen.length === 2);
    expect(seen).toEqual(await collectLog(store));
    expect(drops).toContain('read');
    await subscription.close();
    await expect(subscription.ended).resolves.toBeUndefined();
  }, 60_000);
});

describe('a subscription', () => {
  onServer();

  it('misses and repeats nothing if reads fail, and reads the events of other stores once', async () => {
    const store = await open();
    const other = await open({}, freshKurrentdbAddress(server.url));
    const { seen, drops, subscription } = await follow();
    for (let version = 0; version < 4; version++) {
      server.arm('fail', { calls: 4, on: 'read' });
      await untilTrue(() => drops.length > version);
      await store.append(commit([append('s-1', version, draft(`text ${version}`))]));
      await untilTrue(() => seen.length > version);
    }
    await other.append(commit([append('s-1', 0, ...Array.from({ length: 600 }, () => draft()))]));
    const isAtRest = async () => {
      const before = server.store.walked;
      await sleep(300);
      return server.store.walked - before < 100;
    };
    await untilTrue(isAtRest);
    await store.append(commit([append('s-1', 4, draft())]));
    await untilTrue(() => seen.length === 5);
    expect(seen).toEqual(await collectLog(store));
    await subscription.close();
  });
});

describe('the end of a log after many events of other stores', () => {
  onServer();
  const OTHERS = 2_000;

  it('is found without reading those events again', async () => {
    const { connectionString } = parseKurrentdbAddress(address);
    const client = KurrentDBClient.connectionString(connectionString);
    const others = async () => {
      const events = Array.from({ length: OTHERS }, () => jsonEvent({ type: 'Other', data: {} }));
      await client.appendToStream(`other-${randomUUID()}`, events);
    };
    const store = await open();
    /** Returns how many records the server reads for one call of `lastEvent`. */
    const walkedFor = async (expected: number): Promise<number> => {
      const last = (await collectLog(store)).at(-1);
      const between = server.store.walked;
      expect(await store.lastPosition()).toBe(last?.position ?? '0');
      expect(last?.version ?? 0).toBe(expected);
      return server.store.walked - between;
    };
    await others();
    await walkedFor(0);
    await store.append(commit([append('s-1', 0, draft())]));
    await walkedFor(1);
    await others();
    // The records are new at the first call, and their end is known only after the second call.
    await walkedFor(1);
    await walkedFor(1);
    expect(await walkedFor(1)).toBeLessThan(OTHERS / 10);
    await store.append(commit([append('s-1', 1, draft())]));
    expect(await walkedFor(2)).toBeLessThan(OTHERS / 10);
    expect(await store.lastEvent()).toMatchObject({ version: 2, data: { text: 'a text' } });
    await client.dispose();
  });

  it('is found by a node that has not read while others wrote more than a page', async () => {
    const [one, other] = [await open(), await open()];
    expect(await one.lastPosition()).toBe('0');
    const many = Array.from({ length: 400 }, () => draft());
    await other.append(commit([append('s-1', 0, ...many)]));
    expect(await one.lastPosition()).toBe(await other.lastPosition());
    expect(await one.lastEvent()).toMatchObject({ version: 400 });
  });
});

describe('an erased value', () => {
  onServer();
  const SECRET = 'a secret of two';

  it('is returned by no node any more, and is removed from the log by the next scavenge', async () => {
    const [one, other] = [await open(), await open()];
    await one.append(commit([append('s-1', 0, draft(SECRET), draft('kept'))]));
    const [before] = await other.readStream('s-1');
    expect(before?.data['text']).toBe(SECRET);
    expect(textsOf(await other.readAll())).toEqual([SECRET, 'kept']);
    await one.erase('s-1', 1, ['/data/text']);
    for (const node of [one, other, await open()]) {
      expect(textsOf(await node.readStream('s-1'))).toEqual([undefined, 'kept']);
      expect(textsOf(await node.readAll())).toEqual([undefined, 'kept']);
      const [event] = await node.readStream('s-1', { limit: 1 });
      expect(event?.salts).toEqual({});
    }
    const { seen, subscription } = await follow();
    await untilTrue(() => seen.length === 2);
    expect(textsOf(seen)).toEqual([undefined, 'kept']);
    await subscription.close();
    expect(await onTheServer()).toContain(SECRET);
    server.store.scavenge();
    const left = await onTheServer();
    expect(left).not.toContain(SECRET);
    expect(left).not.toContain(before!.salts['/data/text']);
    expect(textsOf(await (await open()).readAll())).toEqual([undefined, 'kept']);
  });

  it.each([
    ['before it began', 'fail'],
    ['when it was done', 'loseAnswers'],
  ] as const)('is erased when an erasure is repeated because its response was lost: %s', async (_, fault) => {
    const store = await open();
    await store.append(commit([append('s-1', 0, draft(SECRET))]));
    server.arm(fault, { calls: 1, on: 'append' });
    await expect(store.erase('s-1', 1, ['/data/text'])).rejects.toMatchObject(UNAVAILABLE);
    await store.erase('s-1', 1, ['/data/text']);
    expect(textsOf(await store.readStream('s-1'))).toEqual([undefined]);
    server.store.scavenge();
    expect(await onTheServer()).not.toContain(SECRET);
  });

  it('is erased by two concurrent erasures of different values, and stays erased when both are repeated', async () => {
    const stores = [await open(), await open()];
    const versions = Array.from({ length: 10 }, (_, index) => index + 1);
    await stores[0]!.append(
      commit([append('s-1', 0, ...versions.map((version) => draft(`${SECRET} ${version}`)))]),
    );
    await Promise.all(versions.map((version) => stores[version % 2]!.erase('s-1', version, ['/data/text'])));
    for (const store of stores) {
      await Promise.all(versions.map((version) => store.erase('s-1', version, ['/data/text'])));
    }
    expect(new Set(textsOf(await stores[0]!.readAll()))).toEqual(new Set([undefined]));
    server.store.scavenge();
    expect(await onTheServer()).not.toContain(SECRET);
  });
});

describe('one command without a key on two nodes at once', () => {
  onServer();

  it('is stored once, and events that follow on either are chained to the stored ones', async () => {
    const nodes = [await open(), await open()];
    await nodes[0]!.append(commit([append('s-1', 0, draft())]));
    for (let round = 0; round < 5; round++) {
      const version = 1 + round * 3;
      const id = randomUUID();
      const results = await Promise.allSettled(
        nodes.map((node) => node.append(commit([append('s-1', version, draft('both'))], { id }))),
      );
      expect(results.map(({ status }) => status)).toContain('fulfilled');
      await nodes[0]!.append(commit([append('s-1', version + 1, draft())]));
      await nodes[1]!.append(commit([append('s-1', version + 2, draft())]));
    }
    const events = await collectLog(nodes[0]!);
    expect(events.map(({ version }) => version)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
    for (const [index, { previousHash }] of events.entries()) {
      expect(previousHash).toBe(events[index - 1]?.hash ?? null);
    }
  });
});

const VERSIONS = ['24.10.0', '25.1.0', ...(isRealKurrentdb() ? (['KURRENTDB_URL'] as const) : [])] as const;

describe.each(VERSIONS)('on a server of version %s', (version) => {
  const isReal = version === 'KURRENTDB_URL';
  onServer(isReal ? version : { version });
  const isSingle = isReal ? !hasKurrentdb('25.1') : version === '24.10.0';

  it('a keyed command is stored once, and its repetition is reported as one', async () => {
    const store = await open();
    const once = keyed(append('s-1', 0, draft('a'), draft('b')));
    const first = await store.append(once);
    expect(await store.append(once)).toEqual({ repeated: true, events: await collectLog(store) });
    expect(first.events.map(({ version: number }) => number)).toEqual([1, 2]);
    await expect(store.append(commit([append('s-1', 0, draft())]))).rejects.toMatchObject({
      name: 'VersionConflictError',
      actualVersion: 2,
    });
    expect(await collectLog(store)).toHaveLength(2);
  });

  it('a command that is sent to several nodes at the same moment is stored once', async () => {
    const stores = await Promise.all(Array.from({ length: 4 }, () => open()));
    if (!isReal) server.faults.interleave(2);
    for (let round = 0; round < 3 * (isSingle ? TIMES : 1); round++) {
      const once = keyed(append(`s-${round}`, 0, draft('a'), draft('b')));
      const answers = await Promise.all(stores.map((store) => store.append(once)));
      const stored = await stores[0]!.readStream(`s-${round}`);
      expect(stored).toHaveLength(2);
      for (const { events } of answers) {
        expect(events.map(({ eventId }) => eventId)).toEqual(stored.map(({ eventId }) => eventId));
      }
      expect(answers.filter(({ repeated }) => !repeated)).toHaveLength(1);
      expect(await stores[1]!.findCommand(once.command.id)).toEqual(stored);
    }
  });

  it('polls until reads show why the server refuses an append', async () => {
    if (isReal) needDouble();
    const store = await open();
    server.arm('refuse', { calls: 7 });
    await store.append(commit([append('s-1', 0, draft())]));
    expect(await collectLog(store)).toHaveLength(1);
  });

  it('checks streams that need only have a version, before it appends', async () => {
    const store = await open();
    await store.append(commit([append('checked', 0, draft())]));
    const wrong = commit([append('s-1', 0, draft()), append('checked', 0)]);
    await expect(store.append(wrong)).rejects.toMatchObject({
      name: 'VersionConflictError',
      streamId: 'checked',
    });
    expect(await collectLog(store)).toHaveLength(1);
    await store.append(commit([append('s-1', 0, draft()), append('checked', 1)]));
    expect(await collectLog(store)).toHaveLength(2);
  });

  it(isSingle ? 'is opened only where its address accepts it' : 'is opened', async () => {
    const strict = address.replace('acceptOlder=true', 'acceptOlder=false');
    if (!isSingle) {
      expect(await collectLog(await open({}, strict))).toEqual([]);
      return;
    }
    await expect(open({}, strict)).rejects.toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringMatching(/25\.1.*acceptOlder=true/),
    });
    await expect(open({ readOnly: true, create: false })).rejects.toMatchObject({
      name: 'StoreMissingError',
    });
    await open();
    // Opening a read-only store requires no append.
    await open({ readOnly: true, create: false }, strict);
  });

  it(
    isSingle ? 'refuses a command that appends to several streams' : 'appends to several streams',
    async () => {
      const store = await open();
      const both = commit([append('s-1', 0, draft()), append('s-2', 0, draft())]);
      if (isSingle) {
        await expect(store.append(both)).rejects.toMatchObject({ name: 'StoreIncapableError' });
        expect(await collectLog(store)).toEqual([]);
        return;
      }
      await store.append(both);
      expect((await collectLog(store)).map(({ streamId }) => streamId)).toEqual(['s-1', 's-2']);
    },
  );

  it('keeps no text of commands that lost a race', async () => {
    // A real server scavenges at any time.
    if (isReal) needDouble();
    const stores = [await open(), await open()];
    server.faults.interleave(7);
    for (let version = 0; version < (isSingle ? 5 * TIMES : 5); version++) {
      const racing = stores.map((store, node) =>
        store.append(keyed(append('s-1', version, draft(`node ${node} at ${version}`)))),
      );
      expect((await Promise.allSettled(racing)).map(({ status }) => status).toSorted()).toEqual([
        'fulfilled',
        'rejected',
      ]);
    }
    const stored = textsOf(await collectLog(stores[0]!));
    server.store.scavenge();
    const found = (await onTheServer()).match(/node \d at \d+/g);
    expect(new Set(found)).toEqual(new Set(stored));
  });

  it('appends the sealed events of another store in order', async () => {
    const source = await open({}, freshKurrentdbAddress(isReal ? await kurrentdbUrl() : server.url));
    for (const [streamId, at] of [
      ['a', 0],
      ['b', 0],
      ['a', 1],
      ['b', 1],
    ] as const) {
      await source.append(keyed(append(streamId, at, draft(`${streamId} ${at}`))));
    }
    const events = await collectLog(source);
    const store = await open();
    await store.appendSealed(events);
    expect(textsOf(await collectLog(store))).toEqual(textsOf(events));
    expect(await store.findCommand(events[2]!.command.id)).toMatchObject([{ hash: events[2]!.hash }]);
  });
});

describe.each(['24.10.0', '26.1.0'] as const)('on a server of version %s with small limits', (version) => {
  onServer({ version, appendMax: 20_000 });

  it('an append that is too long is refused with the setting that limits it', async () => {
    const store = await open();
    const long = commit([append('s-1', 0, draft('x'.repeat(12_000)), draft('y'.repeat(12_000)))]);
    await expect(store.append(long)).rejects.toMatchObject({
      name: 'StoreIncapableError',
      message: expect.stringMatching(/MaxAppendSize of 20000 bytes; raise --max-append-size/),
    });
    expect(await collectLog(store)).toEqual([]);
  });

  it('an append whose events are too long, but not its texts, leaves no text behind', async () => {
    const store = await open();
    const many = Array.from({ length: 40 }, (_, index) => draft(`too many ${index}`));
    await expect(store.append(commit([append('s-1', 0, ...many)]))).rejects.toMatchObject({
      name: 'StoreIncapableError',
    });
    expect(await collectLog(store)).toEqual([]);
    server.store.scavenge();
    expect(await onTheServer()).not.toContain('too many');
  });

  it('a copy is appended in parts', async () => {
    const source = new MemoryEventStore(createSealer());
    await source.append(
      commit([append('s-1', 0, ...Array.from({ length: 60 }, () => draft('x'.repeat(500))))]),
    );
    const events = await collectLog(source);
    const store = await open();
    await store.appendSealed(events);
    expect((await collectLog(store)).map(({ hash }) => hash)).toEqual(events.map(({ hash }) => hash));
  });
});

describe('a register file of 1,100 comments on a server of version 24.10.0', () => {
  onServer({ version: '24.10.0' });

  it('is refused before the server stores any of its texts', async () => {
    const store = await open();
    const comments = Array.from({ length: 1_100 }, (_, index) =>
      commentBlock('1st May 2016', `Said ${index}.`),
    );
    const imported = importRecord(store, lifecycles, importCall(file(...comments)));
    await expect(imported).rejects.toMatchObject({ name: 'StoreIncapableError' });
    expect(await collectLog(store)).toEqual([]);
    expect(await onTheServer()).not.toMatch(/Said \d/);
    await importRecord(store, lifecycles, importCall(file(...comments.slice(0, 100))));
    expect(await collectLog(store)).toHaveLength(102);
  });
});

describe('a copy to a server of version 24.10.0', () => {
  onServer({ version: '24.10.0' });

  it('returns its end inside a command, and continues there', async () => {
    const source = new MemoryEventStore(createSealer());
    const { command } = commit([]);
    await source.append(commit([append('a-1', 0, draft()), append('b-1', 0, draft())], { id: command.id }));
    const store = await open();
    const { prefix } = parseKurrentdbAddress(address);
    server.faults.lock(`${prefix}.b`);
    await onHastenedClock(() =>
      expect(copyStore(source, store)).rejects.toMatchObject({
        ...UNAVAILABLE,
        message: expect.stringContaining(`only part of command ${command.id}: run the copy again`),
      }),
    );
    expect((await collectLog(store)).map(({ streamId }) => streamId)).toEqual(['a-1']);
    server.faults.unlock(`${prefix}.b`);
    expect(await copyStore(source, store)).toMatchObject({ ok: true, events: 2, copied: 1 });
  });
});

describe('texts whose events a server of version 24.10.0 never received', () => {
  onServer({ version: '24.10.0' });

  /** Leaves texts behind, as a node does that fails between the two appends. */
  async function leaveTexts(text: string): Promise<void> {
    const store = await open();
    await store.append(commit([append('s-1', 0, draft('kept'))]));
    const { prefix } = parseKurrentdbAddress(address);
    server.faults.lock(`${prefix}.`);
    const late = commit([append('s-1', 1, draft(text))]);
    await onHastenedClock(() => expect(store.append(late)).rejects.toMatchObject(UNAVAILABLE));
    server.faults.unlock(`${prefix}.`);
    await store.close();
    expect(await onTheServer()).toContain(text);
  }

  async function isGone(text: string): Promise<boolean> {
    server.store.scavenge();
    return !(await onTheServer()).includes(text);
  }

  it('are deleted by the next node that starts, after others replaced them', async () => {
    await leaveTexts('left behind');
    const writing = await open();
    await writing.append(commit([append('s-1', 1, draft('instead'))]));
    await open();
    await untilTrue(() => isGone('left behind'));
    expect(textsOf(await collectLog(writing))).toEqual(['kept', 'instead']);
    expect((await Array.fromAsync(writing.inspect())).flatMap(({ faults }) => faults)).toEqual([]);
  });

  it('are deleted when their events can no longer arrive', async () => {
    await leaveTexts('left behind');
    const parsedAddress = parseKurrentdbAddress(address);
    const connection = new Connection(parsedAddress);
    const names = new StreamNames(parsedAddress.prefix);
    const values = new Values(connection, names);
    const parts = { names, values, reader: new LogReader(connection, names, values), isTogether: false };
    await new ValuesSweep(connection, { ...parts, undecidedMs: 0 }).sweep(new AbortController().signal);
    await connection.close();
    expect(await isGone('left behind')).toBe(true);
    expect(textsOf(await collectLog(await open()))).toEqual(['kept']);
  });
});

describe('a cluster', () => {
  onServer({ nodes: 3 });

  it.each(['dies', 'leads no longer'])(
    'is followed to its new leader when the previous one %s',
    async (how) => {
      const store = await open();
      const { seen, subscription } = await follow();
      await store.append(commit([append('s-1', 0, draft())]));
      await untilTrue(() => seen.length === 1);
      if (how === 'dies') server.kill(0);
      server.makeLeader(1);
      await store.append(commit([append('s-1', 1, draft())]));
      await untilTrue(() => seen.length === 2);
      expect(seen).toEqual(await collectLog(store));
      await subscription.close();
    },
  );
});

describe('a server with a login', () => {
  const USER = { user: 'ann', password: 'p@ss/w%rd:' };
  let certificates: Certificates;

  beforeAll(async () => {
    certificates = await makeCertificates();
    server = await KurrentdbServer.start({ tls: certificates, credentials: USER });
  });

  afterAll(() => {
    server.stop();
    certificates.remove();
  });

  /** Returns an address with the host name, because certificates are issued for names. */
  const addressFor = (password: string): string => {
    const url = new URL(freshKurrentdbAddress(`kurrentdb://localhost:${server.ports[0]}?tls=true`));
    url.searchParams.set('tlsCAFile', certificates.authorityFile);
    return url.href.replace('//', `//${USER.user}:${encodeURIComponent(password)}@`);
  };

  it('is written and read over TLS, with any password', async () => {
    const store = await open({}, addressFor(USER.password));
    await store.append(keyed(append('s-1', 0, draft()), append('s-2', 0, draft())));
    expect(await collectLog(store)).toHaveLength(2);
    const seen: Envelope[] = [];
    const subscription = store.subscribe('0', async (batch) => {
      seen.push(...batch);
      await Promise.resolve();
    });
    await untilTrue(() => seen.length === 2);
    await subscription.close();
    await store.close();
  });

  it('is unavailable with a different password, and no password is shown', async () => {
    const error = await open({}, addressFor('a-guess')).catch((caught: unknown) => caught);
    expect(error).toMatchObject({
      ...UNAVAILABLE,
      message: expect.stringContaining('kurrentdb://ann@localhost'),
    });
    expect((error as Error).message).not.toContain('a-guess');
  });
});
