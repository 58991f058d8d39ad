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
import { TooManyRowsError } from './projection.ts';
import type { Projection } from './projection.ts';
import { oldestBehind, projectionStatus, waitForPosition } from './projection-status.ts';
import { registerProjection } from '#read-models/register/register-projection';
import { currentRegister } from '#read-models/register/register-source';
import { queryRegister } from '#read-models/register/register-query';
import type { Envelope } from '#event-sourcing/envelope';
import { StoreDamagedError } from '#event-sourcing/errors';
import { checkReadModel } from './check-read-models.ts';
import { liveBookmark } from './generations.ts';
import { forgetLog } from './same-log.ts';
import type { ProjectionRunner } from './runner.ts';
import type { RunnerOptions } from './runner-tasks.ts';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { textsProjection } from '#test/support/texts-projection';

const texts = textsProjection('texts');
const PROJECTIONS = [registerProjection, texts];
const NAMES = PROJECTIONS.map(({ name }) => name);
const TODAY = '2026-11-24';
const SOON_MS = 20_000;

/** Returns the register's projection, which fails at events that a test breaks until they are repaired. */
function breakable(projection: Projection = registerProjection) {
  const broken = new Set<string>();
  const isBroken: Projection = {
    ...projection,
    async apply(generation, batch) {
      await projection.apply(generation, batch);
      const event = batch.events.find(({ eventId }) => broken.has(eventId));
      if (event) throw new Error(`cannot fold ${event.eventId}`);
    },
  };
  return { projection: isBroken, broken };
}

const second: Projection = {
  ...registerProjection,
  version: registerProjection.version + 1,
  tables: registerProjection.tables.map((table) => ({ ...table, columns: { ...table.columns } })),
};

function casesOf(models: ReadModelsOf) {
  const { log, errors } = models;

  const runner = (options: Partial<RunnerOptions> = {}) => models.runner(options);
  const expectReached = async (names: readonly string[] = NAMES) => {
    const position = await log.lastPosition();
    expect(await waitForPosition(models.database, names, position, SOON_MS)).toBe(true);
  };
  const status = async (name = 'register') =>
    (await projectionStatus(models.database, await log.lastPosition())).find((one) => one.name === name)!;
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
  const ids = async (projection = registerProjection) =>
    (
      await queryRegister(models.database, { today: TODAY, sort: 'id' }, { ...currentRegister, projection })
    ).items.map(({ id }) => id);
  return { log, errors, runner, reached: expectReached, status, until, damagedAt, ids };
}

onEachSharedDatabase('the runner on $name', PROJECTIONS, (models) => {
  const { log, errors, runner, reached, status, until, ids } = casesOf(models);

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

  describe('rebuilds', () => {
    test('and leaves no table of the previous generation', async () => {
      log.issue('a');
      await runner().catchUp();
      await runner().rebuild('register');
      await runner().rebuild('register');
      const { db, sql: dialect } = models.database;
      // Only tables of this schema count, because tests that run in parallel drop their own.
      const { rows } = await sql<{ name: string }>`select name from ${dialect.tables}`.execute(db);
      const generations = new Set(rows.map(({ name }) => /_g\d+/.exec(name)?.[0]));
      expect(generations).toEqual(new Set([undefined, '_g1', '_g3']));
    });

    test('and reports the rows in which the live generation was wrong', async () => {
      for (const id of 'abcd') log.issue(id);
      await runner().catchUp();
      const { db } = models.database;
      await db
        .updateTable('register_g1' as never)
        .set({ title: 'forged' } as never)
        .where('stream' as never, '=', 'recommendation-b' as never)
        .execute();
      await db
        .deleteFrom('register_g1' as never)
        .where('stream' as never, '=', 'recommendation-c' as never)
        .execute();
      await db
        .updateTable('register_g1' as never)
        .set({ stream: 'recommendation-x' } as never)
        .where('stream' as never, '=', 'recommendation-d' as never)
        .execute();
      const { comparison } = await runner().rebuild('register');
      expect(comparison).toEqual({
        result: 'different',
        differences: [
          {
            ...{ table: 'register', missing: 1, extra: 2, changed: 1 },
            examples: ['x', 'c', 'd', 'b'].map(recordStream),
          },
        ],
      });
      expect(await ids()).toEqual(['a', 'b', 'c', 'd']);
    });

    test('a live generation whose tables were lost', async () => {
      log.issue('a');
      await runner().catchUp();
      await models.database.db.schema.dropTable('register_g1').execute();
      const { comparison } = await runner().rebuild('register');
      expect(comparison).toMatchObject({
        result: 'not-comparable',
        reason: expect.stringMatching(/no such table|does not exist/),
      });
      expect(await ids()).toEqual(['a']);
    });

    test('while events come in, and misses none', async () => {
      for (let index = 0; index < 100; index += 1) log.issue(`r${index}`);
      const one = runner();
      await one.start();
      await reached();
      const done = new AbortController();
      const writing = (async () => {
        for (let index = 0; !done.signal.aborted; index += 1) {
          log.comment(`r${index % 100}`, 'meanwhile');
          // This loop is slower than the fold.
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
      })();
      const { comparison } = await one.rebuild('register');
      done.abort();
      await writing;
      expect(comparison).toEqual({ result: 'equal' });
      await reached();
      const rows = await liveRows(models.database, registerProjection);
      await runner().rebuild('register');
      expect(await liveRows(models.database, registerProjection)).toEqual(rows);
      expect(errors).toEqual([]);
    });

    test('and if two run at once, the later one replaces the earlier one', async () => {
      log.issue('a');
      await runner().catchUp();
      const later = runner();
      let rebuilding: ReturnType<ProjectionRunner['rebuild']> | undefined;
      const earlier = runner().rebuild('register', () => {
        rebuilding ??= later.rebuild('register');
      });
      await expect(earlier).rejects.toMatchObject({ code: 'rebuild-superseded' });
      expect(await rebuilding).toMatchObject({ comparison: { result: 'equal' } });
      expect(await ids()).toEqual(['a']);
    });
  });

  describe('a new version of a projection', () => {
    test('is built on start beside the old version, which serves queries until then', async () => {
      log.issue('a');
      await runner().catchUp();
      const { projection, broken } = breakable(second);
      broken.add(log.events[0]!.eventId);
      await runner({ projections: [projection] }).start();
      await until(async () => (await status()).state === 'stuck');
      expect(await status()).toMatchObject({
        version: registerProjection.version,
        error: { position: log.events[0]!.position },
      });
      expect(await ids()).toEqual(['a']);
      broken.clear();
      await until(async () => (await status()).version === second.version);
      expect(await status()).toMatchObject({ state: 'running', lag: 0 });
      log.issue('b');
      await reached(['register']);
      expect(await ids(second)).toEqual(['a', 'b']);
      // A process with old code gets this error and not rows that it does not know.
      await expect(ids()).rejects.toThrow(/register was built by a newer version of Docket/);
    });
  });

  const generations = () =>
    models.database.db.selectFrom('generations').select(['projection as name', 'events']).execute();

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
        for (const { name, events: counted } of await generations()) {
          expect([name, counted]).toEqual([name, events.length]);
        }
        for (const { name } of PROJECTIONS) {
          expect(await runner().rebuild(name)).toMatchObject({ comparison: { result: 'equal' } });
        }
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
    test('and lets other work run between parts of events that change many rows', async () => {
      const parts: string[] = [];
      const heavy: Projection = {
        ...registerProjection,
        async apply(generation, batch) {
          const [first] = batch.events;
          if (batch.rowsMax !== undefined && batch.events.length > 1 && first !== undefined)
            throw new TooManyRowsError(first.position);
          parts.push(`register ${batch.events.length}`);
          await registerProjection.apply(generation, batch);
        },
      };
      const light: Projection = {
        ...texts,
        async apply(generation, batch) {
          parts.push(`texts ${batch.events.length}`);
          await texts.apply(generation, batch);
        },
      };
      log.issue('a');
      await runner({ projections: [heavy, light] }).start();
      await reached();
      parts.length = 0;
      for (let comment = 0; comment < 20; comment++) log.comment('a', `comment ${comment}`);
      await reached();
      expect(parts.filter((part) => part === 'register 1')).toHaveLength(20);
      expect(parts.indexOf('texts 20')).toBeLessThan(parts.lastIndexOf('register 1'));
      expect(await models.rows('register')).toMatchObject([{ stream: 'recommendation-a', version: 21 }]);
      expect(errors).toEqual([]);
    });

    test('of a real store', async () => {
      const store = new MemoryEventStore(createSealer());
      const one = runner({ store });
      await one.start();
      const issued = draft('Keep records', {
        type: 'RecommendationIssued',
        data: { title: 'T', text: 'Keep' },
      });
      await store.append(commit([append('recommendation-a', 0, issued, draft('a comment'))]));
      expect(await waitForPosition(models.database, NAMES, '2', SOON_MS)).toBe(true);
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

    test('reads each page once for all projections; one that throws does not delay the others', async () => {
      for (let index = 0; index < 1_100; index += 1) log.issue(`r${index}`);
      const { projection, broken } = breakable();
      broken.add(log.events[1_050]!.eventId);
      const read: string[] = [];
      const store: RunnerOptions['store'] = {
        readAll(options) {
          read.push(options?.after ?? '0');
          return log.readAll(options);
        },
        readStream: (...args) => log.readStream(...args),
        lastPosition: () => log.lastPosition(),
        subscribe: (after, handler) => log.subscribe(after, handler),
      };
      const failing = runner({ store, projections: [projection, texts] });
      await expect(failing.catchUp()).rejects.toThrow('cannot fold');
      expect(await models.rows('texts')).toHaveLength(1_100);
      expect(await status()).toMatchObject({ state: 'stuck', position: log.events[1_049]!.position });
      expect(new Set(read).size).toBe(read.length);
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
        await expect(runner().rebuild('register')).rejects.toMatchObject(ahead);
        expect(await liveRows(models.database, registerProjection)).toEqual(rows);
      });

      test('and follows it once the other is forgotten', async () => {
        await forgetLog(models.database);
        log.issue('d');
        await runner().start();
        await reached();
        expect(await ids()).toEqual([...new Set(log.events.map(({ streamId }) => streamId.at(-1)))].sort());
        expect(errors).toEqual([]);
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
    const check = () => checkReadModel(log, models.database, registerProjection);

    test('finds correct rows correct, and leaves nothing of the check', async () => {
      for (const id of 'abc') log.issue(id);
      await runner().catchUp();
      const rows = await liveRows(models.database, registerProjection);
      expect(await check()).toEqual({ name: 'register', events: 3, comparison: { result: 'equal' } });
      expect(await liveRows(models.database, registerProjection)).toEqual(rows);
      expect((await status()).rebuild).toBeUndefined();
    });

    test('covers rows only up to their position', async () => {
      log.issue('a');
      await runner().catchUp();
      log.issue('b');
      expect(await check()).toMatchObject({ events: 1, comparison: { result: 'equal' } });
    });

    test('names changed rows', async () => {
      log.issue('a');
      await runner().catchUp();
      const { generation } = (await liveBookmark(models.database.db, 'register'))!;
      await sql`update ${sql.table(`register_g${generation}`)} set status = 'complete'`.execute(
        models.database.db,
      );
      expect(await check()).toMatchObject({
        comparison: {
          result: 'different',
          differences: [{ table: 'register', changed: 1, examples: ['recommendation-a'] }],
        },
      });
    });

    test('does not compare missing read models', async () => {
      expect(await check()).toMatchObject({ comparison: { result: 'not-comparable' } });
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
    test('stops it at that event, and reports it; the others continue', async () => {
      const { projection, broken } = breakable();
      log.issue('a');
      log.issue('b');
      const bad = log.comment('a', 'bad');
      broken.add(bad.eventId);
      log.issue('c');
      await runner({ projections: [projection, texts] }).start();
      await reached(['texts']);
      await until(async () => (await status()).state === 'stuck');
      expect(await status()).toMatchObject({
        position: log.events[1]!.position,
        lag: 2,
        error: { detail: `cannot fold ${bad.eventId}`, position: bad.position },
      });
      expect(await status('texts')).toMatchObject({ lag: 0, state: 'running' });
      expect(await ids()).toEqual(['a', 'b']);
      log.issue('d');
      await reached(['texts']);
      expect(await ids()).toEqual(['a', 'b']);
    });

    test('continues from there once it is repaired, and skips nothing', async () => {
      const { projection, broken } = breakable();
      await runner({ projections: [projection, texts] }).start();
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
      expect(await ids()).toEqual(['a', 'b', 'c']);
      log.issue('d');
      await reached();
    });

    test('reports how old its unapplied events are, and nothing for the other projections', async () => {
      const { projection, broken } = breakable();
      await runner({ projections: [projection, texts] }).start();
      log.issue('a');
      await reached();
      const { position } = await status();
      const bad = log.comment('a', 'bad');
      broken.add(bad.eventId);
      log.issue('b');
      await reached(['texts']);
      await until(async () => (await status()).state === 'stuck');
      const all = await projectionStatus(models.database, await log.lastPosition());
      expect(await oldestBehind(log, all)).toEqual(new Map([[position, bad.recordedAt]]));
      broken.clear();
      await reached();
      expect(await oldestBehind(log, [await status()])).toEqual(new Map());
    });

    test('is stuck again after a restart, and at the same event', async () => {
      const { projection, broken } = breakable();
      log.issue('a');
      const bad = log.comment('a', 'bad');
      broken.add(bad.eventId);
      const first = runner({ projections: [projection] });
      await first.start();
      await until(async () => (await status()).state === 'stuck');
      await first.stop();
      await runner({ projections: [projection] }).start();
      log.issue('b');
      await until(() => Promise.resolve(errors.length > 5));
      expect(await status()).toMatchObject({ state: 'stuck', error: { position: bad.position } });
      expect((await status()).lag).toBeGreaterThan(0);
    });
  });

  describe('rebuilds', () => {
    test('beside the live generation, and finds it equal', async () => {
      for (const id of 'abc') log.issue(id);
      log.comment('a', 'custody');
      await runner().catchUp();
      const before = await liveRows(models.database, registerProjection);
      const progress: number[] = [];
      const outcome = await runner().rebuild('register', ({ events }) => progress.push(events));
      expect(outcome).toEqual({
        name: 'register',
        version: registerProjection.version,
        position: await log.lastPosition(),
        events: 4,
        comparison: { result: 'equal' },
      });
      expect(progress).toEqual([4]);
      expect(await liveRows(models.database, registerProjection)).toEqual(before);
      expect((await queryRegister(models.database, { today: TODAY, q: 'custody' })).items).toHaveLength(1);
      expect(await status()).toMatchObject({ state: 'running', lag: 0 });
    });

    test('a live generation that is behind, after catching it up', async () => {
      log.issue('a');
      await runner().catchUp();
      log.issue('b');
      const { comparison, events } = await runner().rebuild('register');
      expect({ comparison, events }).toEqual({ comparison: { result: 'equal' }, events: 2 });
    });

    test('a stuck generation, with fixed code', async () => {
      const { projection, broken } = breakable();
      log.issue('a');
      broken.add(log.comment('a', 'bad').eventId);
      await expect(runner({ projections: [projection] }).catchUp()).rejects.toThrow('cannot fold');
      await expect(runner({ projections: [projection] }).rebuild('register')).rejects.toMatchObject({
        code: 'rebuild-failed',
        position: log.events[1]!.position,
      });
      expect(await status()).toMatchObject({ state: 'stuck', lag: 1 });
      expect((await status()).rebuild).toBeUndefined();
      const { comparison } = await runner().rebuild('register');
      expect(comparison).toEqual({ result: 'equal' });
      expect(await status()).toMatchObject({ state: 'running', lag: 0 });
    });

    test('and includes the later folds of the live generation', async () => {
      log.issue('a');
      await runner().catchUp();
      let isEnd = false;
      const store: RunnerOptions['store'] = {
        async readAll(options) {
          const batch = await log.readAll(options);
          if (!isEnd) {
            // The rebuild has reached the end of the log.
            isEnd = true;
            log.issue('late');
            await runner().catchUp();
          }
          return batch;
        },
        readStream: (...args) => log.readStream(...args),
        subscribe: (after, handler) => log.subscribe(after, handler),
        lastPosition: () => log.lastPosition(),
      };
      const outcome = await runner({ store }).rebuild('register');
      expect(outcome).toMatchObject({ events: 2, comparison: { result: 'equal' } });
      expect(await ids()).toEqual(['a', 'late']);
    });

    test('refuses an unknown projection', async () => {
      await expect(runner().rebuild('registry')).rejects.toThrow('Projections: register, texts');
    });
  });

  describe('a new version of a projection', () => {
    test('serves queries and waits from its own rows, never from those of the old version', async () => {
      log.issue('a');
      log.issue('b');
      await runner().catchUp();
      const { projection, broken } = breakable(second);
      broken.add(log.events[1]!.eventId);
      expect(await waitForPosition(models.database, [registerProjection], '2', 0)).toBe(true);
      await expect(ids(second)).rejects.toThrow(/register is being built for this version/);
      await runner({ projections: [projection] }).start();
      await until(async () => (await status()).state === 'stuck');
      await expect(ids(second)).rejects.toMatchObject({ code: 'read-model-missing' });
      expect(await waitForPosition(models.database, [second], '1', 0)).toBe(false);
      broken.clear();
      expect(await waitForPosition(models.database, [second], '2', SOON_MS)).toBe(true);
      expect(await ids(second)).toEqual(['a', 'b']);
    });

    test('reports its position before an event that the store cannot read, while the old one answers', async () => {
      log.issue('a');
      const bad = log.issue('b');
      await runner().catchUp();
      const { store, mend } = damagedAt(bad);
      await runner({ store, projections: [second] }).start();
      await until(async () => (await status()).state === 'stuck');
      expect(await status()).toMatchObject({
        version: registerProjection.version,
        error: { position: bad.position },
        rebuild: { version: second.version, position: log.events[0]!.position },
      });
      expect(await ids()).toEqual(['a', 'b']);
      await expect(ids(second)).rejects.toThrow(
        `is being built for this version of the program, and has reached position ${log.events[0]!.position} of the log`,
      );
      mend();
      await until(async () => (await status()).version === second.version);
      expect(await status()).toMatchObject({ state: 'running', lag: 0 });
    });

    test('is not changed by a runner that has only the old code', async () => {
      log.issue('a');
      await runner({ projections: [second] }).catchUp();
      await runner({ projections: PROJECTIONS }).start();
      log.issue('b');
      await reached(['texts']);
      expect(await status()).toMatchObject({ version: second.version, lag: 1 });
    });
  });

  describe('waiting for a position', () => {
    test('returns false after the timeout', async () => {
      await runner().catchUp();
      expect(await waitForPosition(models.database, NAMES, '0', 0)).toBe(true);
      expect(await waitForPosition(models.database, NAMES, '1', 0)).toBe(false);
      expect(await waitForPosition(models.database, ['unheard-of'], '0', 0)).toBe(false);
    });

    test('refuses an invalid position', async () => {
      await expect(waitForPosition(models.database, [], 'soon', 0)).rejects.toThrow(RangeError);
    });
  });

  test('the lag counts events, however the store counts positions', async () => {
    for (const id of 'abcd') log.issue(id);
    await runner().catchUp();
    expect((await projectionStatus(models.database)).map(({ lag }) => lag)).toEqual([0, 0]);
    for (const id of 'efg') log.issue(id);
    await runner({ projections: [texts] }).catchUp();
    expect(await status('register')).toMatchObject({ lag: 3 });
    expect(await status('texts')).toMatchObject({ lag: 0 });
    log.issue('h');
    expect((await status('texts')).lag).toBeGreaterThan(0);
  });
});
