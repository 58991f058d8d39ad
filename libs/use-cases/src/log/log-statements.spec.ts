import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { eventId } from '#audit/event-hashes';
import { envelopeHash } from '#audit/forms';
import { SEALER_MODULE } from '#audit/seal';
import { checkpointOfNote } from '#audit/tlog/checkpoint';
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
import type { RecordToPack } from '../audit/compare-log.ts';
import { makeCheckpoint } from '../audit/make-checkpoint.ts';
import { recordPackMade } from '../audit/pack-proofs.ts';
import { headOf } from './log-statements.ts';
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
  database = openSqliteReadModels(':memory:', [treeProjection]);
  memory = new CheckpointMemory(IN_MEMORY);
  await recordMany(store, ['a', 'b', 'c'], '2016-01-10', issuedEvent());
});
afterEach(async () => {
  memory.close();
  await database.close();
  await store.close();
});

const fold = () => new ProjectionRunner({ store, database }).catchUp();

async function sign(now = START, record?: RecordToPack) {
  await fold();
  return signFolded(now, record);
}

async function signFolded(now = START, record?: RecordToPack) {
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

  /** Fills three tiles of leaves, of which the last checkpoint covers all, and adds record `r`, whose versions are in the first and last. */
  async function fillAndSign(): Promise<void> {
    await recordOn(store, 'r', '2016-01-10', issuedEvent());
    await recordOn(store, 'r', '2016-01-11', commented);
    await recordOn(store, 'r', '2016-01-11', commented);
    for (let batch = 0; batch < 8; batch += 1)
      await recordMany(
        store,
        Array.from({ length: 100 }, (_, index) => `r-${batch}-${index}`),
        '2016-01-10',
        issuedEvent(),
      );
    await sign();
    await fold();
  }

  /** Returns a change of rows without computing any hash again. */
  const edit = (sql: string) => () => {
    const db = new Database(path);
    db.pragma('foreign_keys = OFF');
    db.exec(sql);
    db.close();
  };
  const exchange = (a: number, b: number) =>
    edit(`UPDATE events SET position = -1 WHERE position = ${a}; UPDATE events SET position = ${a} WHERE position = ${b};
      UPDATE events SET position = ${b} WHERE position = -1`);
  const resealed = (change: typeof swapped) => () => {
    rewrite(change);
  };
  const another = (events: Envelope[]) =>
    events.map((event) =>
      isOf(event, 'r') && event.version === 2 ? { ...event, effectiveOn: '2016-01-09' } : event,
    );

  test.each<[string, () => void, string]>([
    ['two old events in each other’s position', exchange(2, 3), 'at position 2'],
    ['a deleted old event', edit('DELETE FROM events WHERE position = 2'), 'at position 3'],
    ['an altered old event', resealed(altered), 'at position 2'],
    ['an added old event', resealed(added), 'at position'],
  ])(
    'given %s in a long log, then it refuses within a week of signing once an hour',
    async (_, change, place) => {
      await fillAndSign();
      // The first part of the log was compared just now, so it is due again in six days.
      for (let hour = 1; hour <= 3; hour += 1) await signFolded(START + (hour * DAY_MS) / 24);
      change();
      let hour = 3;
      const signHourly = async () => {
        while (hour < 7 * 24) await signFolded(START + ((hour += 1) * DAY_MS) / 24);
      };
      await expect(signHourly()).rejects.toMatchObject(refused(place));
      // It keeps refusing.
      await expect(signFolded(START + (hour * DAY_MS) / 24)).rejects.toMatchObject(refused(place));
    },
  );

  test.each<[string, () => void, string]>([
    ['two events in each other’s position', exchange(5, 6), 'at position 5'],
    ['an event in the position of another record’s', exchange(3, 4), 'at position 3'],
    ['an altered event', resealed(another), 'version 2 of recommendation-r'],
    [
      'an altered text',
      edit(`UPDATE events SET envelope = replace(envelope, 'Done.', 'Lost.') WHERE position = 5`),
      'version 2 of recommendation-r',
    ],
    ['an added event', resealed((events) => [...events, events[4]!]), 'version 4 of recommendation-r'],
    ['a deleted event', edit('DELETE FROM events WHERE position = 5'), 'version 3 of recommendation-r'],
    [
      'its last event deleted',
      edit('DELETE FROM events WHERE position = 6'),
      'after version 2 of recommendation-r',
    ],
  ])('given a record to pack with %s, then it refuses at once', async (_, change, place) => {
    await fillAndSign();
    // The part to compare next is not that of the record.
    change();
    const events = await store.readStream(recordStream('r'));
    await expect(signFolded(START + 1, { events, known: 3 })).rejects.toThrow(place);
    const other = await store.readStream(recordStream('r-7-99'));
    expect(await signFolded(START + 1, { events: other, known: 1 })).toMatchObject({ result: 'unchanged' });
  });
});

describe('an operator with the log’s key', () => {
  test('given every checkpoint replaced after an alteration, then only a kept checkpoint reveals it', async () => {
    const outcome = await sign();
    if (outcome.result === 'empty') throw new Error('nothing was signed');
    const kept = headOf(checkpointOfNote(outcome.note));
    await recordOn(store, 'd', '2016-01-11', issuedEvent());
    rewrite((events) => altered(events.filter(({ streamId }) => streamId !== CHECKPOINTS_STREAM)));
    // It forgets what it signed, and signs the log with the same key as if it were new.
    memory.close();
    await database.close();
    memory = new CheckpointMemory(IN_MEMORY);
    database = openSqliteReadModels(':memory:', [treeProjection]);
    await sign();
    expect(await verifyStore(store, lifecycles, [])).toMatchObject({
      ok: true,
      checkpoint: 4,
      divergences: [],
    });
    expect(await verifyStore(store, lifecycles, [], { kept })).toMatchObject({
      firstDivergence: { code: 'head' },
      divergenceCount: 1,
    });
  });

  test('given a second history of a record in the log, signed, then verification shows it', async () => {
    const db = new Database(path);
    const row = db.prepare<[], { envelope: string }>('SELECT envelope FROM events WHERE position = 2').get();
    const second = { ...(JSON.parse(row!.envelope) as Envelope), effectiveOn: '2016-01-09' };
    const id = randomUUID();
    const renamed = { ...second, eventId: eventId(id, 0), command: { ...second.command, id, digest: null } };
    const sealed = { ...renamed, hash: envelopeHash({ ...renamed, position: '' }) };
    db.prepare('INSERT INTO streams (id, stream_id) VALUES (1000, ?)').run(`${sealed.streamId} `);
    db.prepare('INSERT INTO events (position, stream, version, envelope) VALUES (4, 1000, 1, ?)').run(
      JSON.stringify(sealed),
    );
    db.close();
    await recordOn(store, 'd', '2016-01-11', issuedEvent());
    await sign();
    const { divergences } = await verifyStore(store, lifecycles, []);
    expect(divergences).toContainEqual(
      expect.objectContaining({ streamId: recordStream('b'), version: 1, code: 'version' }),
    );
  });
});
