import { sql } from 'kysely';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { createSealer } from '#audit/seal';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { append, commit, draft } from '#test/support/event-commits';
import { onEachSharedDatabase, onEqualDatabases } from '#test/support/read-model-harness';
import type { ReadModelsOf } from '#test/support/read-model-harness';
import { liveRows } from '#test/support/read-models';
import { historyFrom } from '#test/support/record-log';
import type { Projection } from './projection.ts';
import { oldestBehind, readModelsStatus, waitForPosition } from './read-models-status.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister } from '#read-models/register/register-query';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreDamagedError } from '#event-sourcing/errors';
import type { RunnerOptions } from './runner.ts';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { textsProjection } from '#test/support/texts-projection';

const texts = textsProjection('texts');
const PROJECTIONS = [registerProjection, texts];
const TODAY = '2026-11-24';
const SOON_MS = 20_000;

/** Returns the projections, of which the register's fails at events that a test breaks until they are repaired. */
function breakable() {
  const broken = new Set<string>();
  const isBroken: Projection = {
    ...registerProjection,
    async apply(models, batch) {
      await registerProjection.apply(models, batch);
      const event = batch.events.find(({ eventId }) => broken.has(eventId));
      if (event) throw new Error(`cannot fold ${event.eventId}`);
    },
  };
  return { projections: [isBroken, texts], broken };
}

function casesOf(models: ReadModelsOf) {
  const { log, errors } = models;

  const runner = (options: Parameters<ReadModelsOf['runner']>[0] = {}) => models.runner(options);
  const expectReached = async () => {
    expect(await waitForPosition(models.database, await log.lastPosition(), SOON_MS)).toBe(true);
  };
  const status = async () => readModelsStatus(models.database, await log.lastPosition());
  const until = async (isSo: () => Promise<boolean>) => {
    for (const end = Date.now() + SOON_MS; !(await isSo());) {
      if (Date.now() > end) throw new Error('It did not come to that');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  };
  /** Returns the log with an event that cannot be read until it is repaired. */
  const damagedAt = ({ position, streamId, version }: Envelope) => {
    let isDamaged = true;
    const store: RunnerOptions['store'] = {
      async readAll(options) {
        const page = await log.readAll(options);
        const at = isDamaged ? page.findIndex((event) => event.position === position) : -1;
        if (at === 0) throw new StoreDamagedError({ position, streamId, version }, 'no JSON');
        return at < 0 ? page : page.slice(0, at);
      },
      readStream: (...args) => log.readStream(...args),
      lastPosition: () => log.lastPosition(),
      subscribe: (after, handler) => log.subscribe(after, handler),
    };
    const mend = (): void => {
      isDamaged = false;
    };
    return { store, mend };
  };
  const ids = async () =>
    (await queryRegister(models.database, { today: TODAY, sort: 'id' })).items.map(({ id }) => id);
  return { log, errors, runner, reached: expectReached, status, until, damagedAt, ids };
}

onEachSharedDatabase('the runner on $name', PROJECTIONS, (models) => {
  const { log, errors, runner, reached, status, ids } = casesOf(models);

  describe('follows the log', () => {
    test('from the beginning, and on', async () => {
      log.issue('a');
      await runner().start();
      await reached();
      expect(await ids()).toEqual(['a']);
      log.issue('b');
      await reached();
      expect(await ids()).toEqual(['a', 'b']);
      expect(await models.rows('texts')).toHaveLength(2);
      expect(errors).toEqual([]);
    });

    test('from the beginning again, when the database was deleted', async () => {
      log.issue('a');
      const first = runner();
      await first.start();
      await reached();
      await first.stop();
      await models.removed();
      await runner().start();
      await reached();
      expect(await ids()).toEqual(['a']);
    });
  });

  test('several runners on one database count each event once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(), { minLength: 10, maxLength: 60 }), async (choices) => {
        await models.anew();
        const { events } = historyFrom(choices);
        const connections = [models.database, await models.open(), await models.open()];
        const own = connections.map((database) => runner({ database }));
        await Promise.all(own.slice(0, 2).map((one) => one.start()));
        for (const [index, event] of events.entries()) {
          log.append(event.streamId, event.type, event.data, event);
          if (index % 7 === 0) await new Promise((resolve) => setImmediate(resolve));
          if (index === 9) await own[0]?.stop();
          if (index === 9) await own[2]?.start();
        }
        await reached();
        await Promise.all(own.map((one) => one.stop()));
        const rows = await Promise.all(PROJECTIONS.map((each) => liveRows(models.database, each)));
        expect(await status()).toMatchObject({ events: events.length, lag: 0 });
        expect(await models.check(models.database)).toEqual({ events: events.length, differences: [] });
        expect(await Promise.all(PROJECTIONS.map((each) => liveRows(models.database, each)))).toEqual(rows);
      }),
      { numRuns: models.kind.cases(6) },
    );
    expect(errors).toEqual([]);
  });
});

// The outcome is the same on both databases; PostgreSQL runs the longer form.
onEqualDatabases('the runner on $name, whatever is in the database', PROJECTIONS, (models) => {
  const { log, errors, runner, reached, status, until, damagedAt, ids } = casesOf(models);

  describe('follows the log', () => {
    test('of a real store', async () => {
      const store = new MemoryEventStore(createSealer());
      const one = runner({ store });
      await one.start();
      const issued = draft('Keep records', {
        type: 'RecommendationIssued',
        data: { title: 'T', text: 'Keep' },
      });
      await store.append(commit([append('recommendation-a', 0, issued, draft('a comment'))]));
      expect(await waitForPosition(models.database, '2', SOON_MS)).toBe(true);
      expect(await queryRegister(models.database, { today: TODAY, q: 'comment' })).toMatchObject({
        items: [{ id: 'a' }],
      });
      await one.stop();
      await store.close();
    });

    test('from its position, after a stop', async () => {
      log.issue('a');
      const first = runner();
      await first.start();
      await reached();
      await first.stop();
      log.comment('a', 'while it was stopped');
      await runner().start();
      await reached();
      expect(await queryRegister(models.database, { today: TODAY })).toMatchObject({
        items: [{ id: 'a', version: 2 }],
      });
      expect(await status()).toMatchObject({ lag: 0, state: 'running' });
      expect(errors).toEqual([]);
    });

    test('until its current end when asked to catch up once', async () => {
      for (let index = 0; index < 1_100; index += 1) log.issue(`r${index}`);
      await runner().catchUp();
      expect(await models.rows('texts')).toHaveLength(1_100);
      expect(await status()).toMatchObject({ lag: 0, position: await log.lastPosition() });
    });

    describe.each<[string, () => void, RegExp]>([
      ['has lost its end', () => log.events.splice(1), /have folded 3 events, .* the log does not have it/],
      ['is empty', () => log.events.splice(0), /the log does not have it/],
      [
        'has a different event there',
        () => (log.events[2] = { ...log.events[2]!, hash: 'other' }),
        /a different event there \(other\)/,
      ],
      [
        'has it at another position',
        () => (log.events[2] = { ...log.events[2]!, position: `${BigInt(log.events[2]!.position) + 1n}` }),
        /has it at position \d+/,
      ],
    ])('when the log %s', (_, change, message) => {
      beforeEach(async () => {
        for (const id of 'abc') log.issue(id);
        await runner().catchUp();
        change();
      });

      test('refuses, reports its findings, and keeps the rows as they are', async () => {
        const rows = await liveRows(models.database, registerProjection);
        const ahead = { code: 'read-models-ahead', message: expect.stringMatching(message) as unknown };
        await expect(runner().start()).rejects.toMatchObject(ahead);
        await expect(runner().catchUp()).rejects.toMatchObject(ahead);
        await expect(models.rebuild(models.database)).rejects.toMatchObject(ahead);
        expect(await liveRows(models.database, registerProjection)).toEqual(rows);
      });
    });

    test('after the store could not be read', async () => {
      let failures = 3;
      const store: RunnerOptions['store'] = {
        readAll: (options) => log.readAll(options),
        readStream: (...args) => log.readStream(...args),
        lastPosition: () => log.lastPosition(),
        subscribe: (after, handler) => {
          if (failures-- > 0) throw new Error('the store cannot be reached');
          return log.subscribe(after, handler);
        },
      };
      await runner({ store }).start();
      await until(() => Promise.resolve(errors.length === 3));
      log.issue('a');
      await reached();
      expect(errors).toHaveLength(3);
    });
  });

  describe('checked against the log', () => {
    const check = () => models.check(models.database);

    test('finds correct rows correct, and leaves nothing of the check', async () => {
      for (const id of 'abc') log.issue(id);
      await runner().catchUp();
      const rows = await liveRows(models.database, registerProjection);
      expect(await check()).toEqual({ events: 3, differences: [] });
      expect(await liveRows(models.database, registerProjection)).toEqual(rows);
      expect((await status()).rebuild).toBeUndefined();
    });

    test('covers rows only up to their position', async () => {
      log.issue('a');
      await runner().catchUp();
      log.issue('b');
      expect(await check()).toEqual({ events: 1, differences: [] });
    });

    test('names changed, superfluous and missing rows', async () => {
      for (const id of 'abcd') log.issue(id);
      await runner().catchUp();
      await models.database.use(({ db }) =>
        db.transaction().execute(async (trx) => {
          await sql`update register set title = 'forged' where stream = ${recordStream('b')}`.execute(trx);
          await sql`delete from register where stream = ${recordStream('c')}`.execute(trx);
          await sql`update register set stream = ${recordStream('x')} where stream = ${recordStream('d')}`.execute(
            trx,
          );
        }),
      );
      expect(await check()).toEqual({
        events: 4,
        differences: [
          { table: 'register', wrong: 2, missing: 2, examples: ['b', 'c', 'd'].map(recordStream) },
        ],
      });
    });

    test('names a full-text index without one of its texts', async () => {
      for (const id of 'ab') log.issue(id);
      await runner().catchUp();
      const isFile = models.kind.name === 'SQLite';
      const lose = isFile
        ? [
            "insert into texts_search (texts_search, rowid, text) select 'delete', id, text from texts where id = 1",
          ]
        : ['alter table texts alter lexemes drop expression', "update texts set lexemes = '' where id = 1"];
      await models.database.use(async ({ db }) => {
        for (const statement of lose) await sql.raw(statement).execute(db);
      });
      const difference = isFile
        ? { table: 'texts_search', wrong: 0, missing: 0, examples: [] }
        : { table: 'texts', wrong: 1, missing: 0, examples: ['1'] };
      expect(await check()).toEqual({ events: 2, differences: [difference] });
    });

    test('does not compare missing read models', async () => {
      expect(await check()).toBeNull();
    });
  });

  describe('when an event cannot be read', () => {
    test('it stops before it, reports it, and continues once it is repaired', async () => {
      log.issue('a');
      const bad = log.issue('b');
      log.issue('c');
      const { store, mend } = damagedAt(bad);
      await expect(runner({ store }).catchUp()).rejects.toMatchObject({ code: 'store-damaged' });
      expect(await ids()).toEqual(['a']);
      expect(await status()).toMatchObject({ state: 'stuck', error: { position: bad.position } });
      mend();
      await runner({ store }).catchUp();
      expect(await ids()).toEqual(['a', 'b', 'c']);
      expect(await status()).toMatchObject({ state: 'running' });
    });
  });

  describe('when a projection throws', () => {
    test('all stop at that event, report it, and queries read what is folded', async () => {
      const { projections, broken } = breakable();
      log.issue('a');
      log.issue('b');
      const bad = log.comment('a', 'bad');
      broken.add(bad.eventId);
      log.issue('c');
      await runner({ projections }).start();
      await until(async () => (await status()).state === 'stuck');
      expect(await status()).toMatchObject({
        position: log.events[1]!.position,
        error: { detail: `register: cannot fold ${bad.eventId}`, position: bad.position },
      });
      expect(await oldestBehind(log, await status())).toBe(bad.recordedAt);
      await until(async () => (await ids()).length === 2);
      expect(await models.rows('texts')).toHaveLength(2);
    });

    test('all continue from there once it is repaired, and skip nothing', async () => {
      const { projections, broken } = breakable();
      await runner({ projections }).start();
      log.issue('a');
      broken.add(log.comment('a', 'bad').eventId);
      log.issue('b');
      await until(async () => (await status()).state === 'stuck');
      broken.clear();
      log.issue('c');
      await reached();
      const { error, ...mended } = await status();
      expect(error).toBeUndefined();
      expect(mended).toMatchObject({ state: 'running', lag: 0 });
      expect(await oldestBehind(log, await status())).toBeNull();
      expect(await ids()).toEqual(['a', 'b', 'c']);
      log.issue('d');
      await reached();
    });

    test('all are stuck again after a restart, and at the same event', async () => {
      const { projections, broken } = breakable();
      log.issue('a');
      const bad = log.comment('a', 'bad');
      broken.add(bad.eventId);
      const first = runner({ projections });
      await first.start();
      await until(async () => (await status()).state === 'stuck');
      await first.stop();
      await runner({ projections }).start();
      log.issue('b');
      await until(() => Promise.resolve(errors.length > 5));
      expect(await status()).toMatchObject({ state: 'stuck', error: { position: bad.position } });
      expect((await status()).lag).toBeGreaterThan(0);
    });
  });

  describe('waiting for a position', () => {
    test('returns false after the timeout', async () => {
      expect(await waitForPosition(models.database, '0', 0)).toBe(false);
      await runner().catchUp();
      expect(await waitForPosition(models.database, '0', 0)).toBe(true);
      expect(await waitForPosition(models.database, '1', 0)).toBe(false);
    });

    test('refuses an invalid position', () => {
      expect(() => waitForPosition(models.database, 'soon', 0)).toThrow(RangeError);
    });
  });

  test('the lag counts events, however the store counts positions', async () => {
    for (const id of 'abcd') log.issue(id);
    await runner().catchUp();
    expect(await readModelsStatus(models.database)).toMatchObject({ lag: 0 });
    for (const id of 'efg') log.issue(id);
    expect((await status()).lag).toBeGreaterThan(0);
  });
});
