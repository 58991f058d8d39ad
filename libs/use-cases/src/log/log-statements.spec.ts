import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import { envelopeHash } from '#audit/forms';
import { SEALER_MODULE } from '#audit/seal';
import { systemRandom } from '#event-sourcing/random';
import type { Envelope } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { openSqliteEventStore } from '#event-store/sqlite/sqlite-event-store';
import { CheckpointMemory, IN_MEMORY } from '#platform/checkpoints/checkpoint-memory';
import { loadOrCreateCheckpointKey } from '#platform/checkpoints/checkpoint-key';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { ProjectionRunner } from '#projections/runner';
import { openSqliteReadModels } from '#projections/sqlite/open-read-models';
import { treeProjection } from '#read-models/tree/tree-projection';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { event, issuedEvent, recordMany, recordOn } from '#test/support/records';
import { temporaryFolder } from '#test/support/temporary-folder';
import { makeCheckpoint } from '../audit/make-checkpoint.ts';
import { recordPackMade } from '../audit/pack-proofs.ts';
import { verifyStore } from './verify-store.ts';

const ORIGIN = 'docket.example/log';
const DAY_MS = 86_400_000;
const START = Date.parse('2026-11-26T12:00:00Z');
const callAt = (now: number) => ({
  actor: { subject: 'ann', roles: ['administrator'] },
  now,
  correlationId: 'spec',
});

let path: string;
let store: EventStore;
let database: ReadModelDatabase;
let memory: CheckpointMemory;

beforeEach(async () => {
  path = join(temporaryFolder(), 'log.sqlite');
  store = await openSqliteEventStore({ path, sealerModule: SEALER_MODULE, create: true });
  database = openSqliteReadModels(':memory:');
  memory = new CheckpointMemory(IN_MEMORY);
  await recordMany(store, ['a', 'b', 'c'], '2016-01-10', issuedEvent());
});
afterEach(async () => {
  memory.close();
  await database.close();
  await store.close();
});

const fold = () => new ProjectionRunner({ store, database, projections: [treeProjection] }).catchUp();

async function sign(now = START, record?: readonly Envelope[]) {
  await fold();
  return signFolded(now, record);
}

async function signFolded(now = START, record?: readonly Envelope[]) {
  const key = await loadOrCreateCheckpointKey(join(path, '..', 'key.pem'));
  const signer = { origin: ORIGIN, key, others: [] };
  const context = {
    store,
    random: systemRandom,
    database,
    signer,
    memory: memory.of(ORIGIN),
    storeName: 'here',
  };
  return makeCheckpoint(context, { ...callAt(now), ...(record && { record }) });
}

async function pack(id: string) {
  const { streamId, version, hash } = (await store.readStream(recordStream(id))).at(-1)!;
  const withheld = { count: 0, sha256: '0'.repeat(64) };
  const data = { streamId, version, hash, withheld, adoptions: [] };
  await recordPackMade({ store, random: systemRandom }, data, callAt(START));
}

/**
 * Lets an operator who has the store change its events in log order, number their positions and versions anew, and seal all of them
 * again, with the indexes that reads use.
 */
function rewrite(change: (events: Envelope[]) => readonly Envelope[]): void {
  const db = new Database(path);
  const select = 'SELECT e.envelope, e.stream FROM events e ORDER BY e.position';
  const rows = db.prepare<[], { envelope: string; stream: number }>(select).all();
  const streams = new Map(
    rows.map(({ envelope, stream }) => [(JSON.parse(envelope) as Envelope).streamId, stream]),
  );
  const heads = new Map<string, Envelope>();
  db.exec('DELETE FROM events');
  const insert = db.prepare(
    'INSERT INTO events (position, stream, version, command_id, envelope) VALUES (?, ?, ?, ?, ?)',
  );
  for (const [index, event] of change(
    rows.map(({ envelope }) => JSON.parse(envelope) as Envelope),
  ).entries()) {
    const head = heads.get(event.streamId);
    const next = { ...event, version: (head?.version ?? 0) + 1, previousHash: head?.hash ?? null };
    const sealed = { ...next, hash: envelopeHash({ ...next, position: '' }) };
    heads.set(event.streamId, sealed);
    insert.run(index + 1, streams.get(event.streamId), sealed.version, null, JSON.stringify(sealed));
  }
  db.exec('DELETE FROM streams WHERE id NOT IN (SELECT stream FROM events)');
  db.close();
}

const commented = event('CommentAdded', '2016-01-11', { text: 'Done.', visibility: 'public' });
const isOf = ({ streamId }: Envelope, id: string): boolean => streamId === recordStream(id);
const swapped = (events: Envelope[]) => [events[1]!, events[0]!, ...events.slice(2)];
const deleted = (events: Envelope[]) => events.filter((event) => !isOf(event, 'b'));
const altered = (events: Envelope[]) =>
  events.map((event) => (isOf(event, 'b') ? { ...event, effectiveOn: '2016-01-09' } : event));
const added = (events: Envelope[]) => [events[0]!, events.at(-1)!, ...events.slice(1, -1)];

describe('the whole log, verified after its operator changed and resealed it', () => {
  const found = async (code: string) => {
    const { divergences } = await verifyStore(store, lifecycles, []);
    return divergences.filter((each) => each.code === code);
  };

  test('given nothing, then it is valid, and its last checkpoint was computed again', async () => {
    await sign();
    await pack('a');
    await recordOn(store, 'd', '2016-01-11', issuedEvent());
    await sign();
    rewrite((events) => events);
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({ ok: true, events: 7, checkpoint: 6 });
  });

  test.each([
    ['two events in each other’s position', swapped],
    ['a deleted record', deleted],
    ['an altered event', altered],
    ['an added event', added],
  ])('given %s below a checkpoint, then its root differs, with every later one', async (_, change) => {
    await sign();
    await recordOn(store, 'd', '2016-01-11', issuedEvent());
    await sign();
    await recordOn(store, 'e', '2016-01-11', issuedEvent());
    rewrite(change);
    const differing = await found('checkpoint');
    expect(differing.map(({ streamId, version }) => [streamId, version])).toEqual([
      [CHECKPOINTS_STREAM, 1],
      [CHECKPOINTS_STREAM, 2],
    ]);
  });

  test('given a checkpoint that states another root, then it alone is named', async () => {
    await sign();
    await recordOn(store, 'd', '2016-01-11', issuedEvent());
    await sign();
    rewrite((events) =>
      events.map((event) =>
        event.type === 'CheckpointSigned' && event.data['size'] === 3
          ? { ...event, data: { ...event.data, root: 'A'.repeat(43) + '=' } }
          : event,
      ),
    );
    const [first, ...more] = await found('checkpoint');
    expect(first).toMatchObject({ streamId: CHECKPOINTS_STREAM, version: 1, position: '4' });
    expect(more).toHaveLength(1);
  });

  test('given a record that had more events than its pack, then the pack is named', async () => {
    await recordOn(store, 'a', '2016-01-11', commented);
    await pack('a');
    rewrite((events) =>
      events.map((event) =>
        event.type === 'PackMade'
          ? { ...event, data: { ...event.data, version: 1, hash: events[0]!.hash } }
          : event,
      ),
    );
    expect(await found('pack')).toMatchObject([
      { streamId: expect.stringMatching(/^access-/), detail: expect.stringContaining('was at version 2') },
    ]);
  });

  test('given an event of the record that was moved before its pack, then the pack is named', async () => {
    await pack('a');
    await recordOn(store, 'a', '2016-01-11', commented);
    rewrite((events) => [...events.slice(0, 3), events[4]!, events[3]!]);
    expect(await found('pack')).toMatchObject([{ detail: expect.stringContaining('was at version 2') }]);
  });
});

describe('a signer whose operator changed and resealed the log', () => {
  const refused = (words: string) => ({
    code: 'checkpoint-refused',
    message: expect.stringContaining(words) as unknown,
  });

  test.each([
    ['two events in each other’s position', swapped, 'at position 1'],
    ['a deleted record', deleted, 'at position 2'],
    ['an altered event', altered, 'at position 2'],
    ['an added event', added, 'at position 2'],
  ])(
    'given %s since the last checkpoint, then it refuses and names the position',
    async (_, change, place) => {
      await recordOn(store, 'd', '2016-01-11', issuedEvent());
      await recordOn(store, 'e', '2016-01-11', issuedEvent());
      await fold();
      rewrite(change);
      await expect(signFolded()).rejects.toMatchObject(refused(place));
      expect(await store.readStream(CHECKPOINTS_STREAM)).toEqual([]);
    },
  );

  test('given an altered old event in a long log, then it refuses within a week of signing once an hour', async () => {
    for (let batch = 0; batch < 12; batch += 1)
      await recordMany(
        store,
        Array.from({ length: 100 }, (_, index) => `r-${batch}-${index}`),
        '2016-01-10',
        issuedEvent(),
      );
    await sign();
    // Every older event was compared just now, so the next one is due in a week.
    for (let hour = 1; hour <= 3; hour += 1) await sign(START + (hour * DAY_MS) / 24);
    rewrite(altered);
    let hour = 3;
    const signHourly = async () => {
      while (hour < 7 * 24) await sign(START + ((hour += 1) * DAY_MS) / 24);
    };
    await expect(signHourly()).rejects.toMatchObject(refused('at position 2'));
    // It keeps refusing.
    await expect(sign(START + (hour * DAY_MS) / 24)).rejects.toMatchObject(refused('at position 2'));
  });

  test('given an altered record that is to be packed, then it refuses at once', async () => {
    for (let batch = 0; batch < 4; batch += 1)
      await recordMany(
        store,
        Array.from({ length: 100 }, (_, index) => `r-${batch}-${index}`),
        '2016-01-10',
        issuedEvent(),
      );
    await sign();
    // The next tile to compare is not that of the record.
    rewrite(altered);
    const events = await store.readStream(recordStream('b'));
    await expect(sign(START + 1, events)).rejects.toMatchObject(
      refused('the log did not have this event there'),
    );
    const other = await store.readStream(recordStream('r-3-99'));
    expect(await sign(START + 1, other)).toMatchObject({ result: 'unchanged' });
  });
});
