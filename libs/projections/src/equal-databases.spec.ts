import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sql } from 'kysely';
import { addDays } from '#lifecycle/plain-date';
import { DEADLINE_STATES } from '#state-machines/capabilities/deadlines';
import { DATABASE_KINDS } from '#test/support/read-model-databases';
import { cut, foldInParts, liveRows } from '#test/support/read-models';
import { historyFrom, RecordLog } from '#test/support/record-log';
import { deadlinesProjection } from '#read-models/deadlines/deadlines-projection';
import { historyProjection } from '#read-models/history/history-projection';
import { LISTED_STATES, queryDeadlines } from '#read-models/deadlines/deadlines-query';
import { dueRecords } from '#read-models/deadlines/due-records';
import { followerBookmark, saveFollowerBookmark } from './following/follower-bookmark.ts';
import type { ReadModelDatabase } from './read-model-database.ts';
import { redactionsAfter, redactionsProjection } from '#read-models/redactions/redactions-projection';
import { auditTrailProjection, queryTrail } from '#read-models/audit-trail';
import { registerProjection } from '#read-models/register/register-projection';
import { queryRegister, REGISTER_SORTS } from '#read-models/register/register-query';
import { queryStatistics } from '#read-models/register/statistics-query';

const PROJECTIONS = [
  registerProjection,
  deadlinesProjection,
  historyProjection,
  redactionsProjection,
  auditTrailProjection,
];

interface Page {
  readonly items: readonly unknown[];
  readonly nextCursor: string | null;
}

/** Returns every page of a list with its cursors. */
async function pages(read: (cursor: { cursor?: string }) => Promise<Page>): Promise<Page[]> {
  const found: Page[] = [];
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await read(cursor === undefined ? {} : { cursor });
    found.push(page);
    cursor = page.nextCursor;
  }
  return found;
}

/** Returns a history that contains all inputs of read models, with thresholds and refusals interspersed. */
function wholeHistoryFrom(choices: readonly number[]): RecordLog {
  const log = new RecordLog();
  for (const [index, event] of historyFrom(choices).events.entries()) {
    const { streamId, type, data, state, lifecycle, effectiveOn, recordedAt, actor } = event;
    const more = { state, lifecycle, effectiveOn, recordedAt, subject: actor.subject };
    log.append(streamId, type, data, more);
    const choice = choices[index % choices.length] ?? 0;
    if (type === 'DeadlineSet') {
      for (const crossed of ['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'].slice(
        0,
        choice % 4,
      )) {
        const on = addDays(data['dueOn'], choice % 40);
        log.append(streamId, crossed, { ...data, dateVersion: 1 }, { ...more, effectiveOn: on });
      }
    }
    if (choice % 5 === 0) {
      const refused = {
        command: 'start-progress',
        code: `c${choice % 3}`,
        guard: null,
        record: 'a',
        seenVersion: 2,
      };
      log.append('refusals-2026-01-01', 'CommandRefused', refused, { subject: `s${choice % 2}` });
      const access = { kind: 'export', streamId: 'recommendation-a', version: choice, format: 'json' };
      log.append('access-2026-01-01', 'AccessRecorded', access, { subject: `s${choice % 2}` });
    }
  }
  return log;
}

describe('the same log, in the read models of each database', () => {
  let databases: ReadModelDatabase[] = [];

  beforeAll(async () => {
    databases = await Promise.all(DATABASE_KINDS.map((kind) => kind.open()));
  }, 60_000);
  afterAll(() => Promise.all(databases.map((database) => database.close())));

  /** Runs a query on each database, checks that the answers are equal, and returns the answer. */
  const same = async <Answer>(query: (database: ReadModelDatabase) => Promise<Answer>): Promise<Answer> => {
    const [one, ...others] = await Promise.all(databases.map(query));
    for (const other of others) expect(other).toEqual(one);
    return one as Answer;
  };

  test('has the same rows and the same answers, for any batches and any query', async () => {
    const words = fc.constantFrom(
      'custody',
      'zurich',
      'NAIVE',
      'resp',
      '"o o"',
      'title',
      'o\0o',
      '"quoted"',
      'text of a',
      '…',
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(), { minLength: 10, maxLength: 60 }),
        fc.array(fc.integer({ min: 1, max: 20 })),
        fc.nat(400),
        words,
        async (choices, sizes, offset, q) => {
          const { events } = wholeHistoryFrom(choices);
          const today = addDays('2026-01-01', offset);
          for (const [index, database] of databases.entries()) {
            await empty(database);
            // One database folds each event separately, the other folds batches.
            const parts = cut(events, index === 0 ? [] : [...sizes, Infinity]);
            for (const projection of PROJECTIONS) await foldInParts(database, projection, parts);
          }
          for (const projection of PROJECTIONS) await same((database) => liveRows(database, projection));
          await everyQueryOfTheRegister(today, q);
          await everyOtherQuery(today);
        },
      ),
      { numRuns: 3 * Number(process.env['DOCKET_CASES_TIMES'] ?? 1) },
    );
  }, 60_000);

  const everyQueryOfTheRegister = async (today: string, q: string) => {
    const filters = [
      {},
      { q },
      { recipients: ['kent'] },
      { recipient: ['avon'], q },
      { recipient: ['avon', 'kent'], deadline: ['none', 'overdue'] as const },
      { status: ['being-progressed'] },
      { owner: ['bob'] },
      { issue: ['i-1'] },
      ...DEADLINE_STATES.map((deadline) => ({ deadline: [deadline] })),
    ];
    for (const [index, sort] of REGISTER_SORTS.entries()) {
      for (const filter of index === 0 ? filters : filters.slice(0, 2)) {
        await same((database) =>
          pages((cursor) => queryRegister(database, { today, sort, limit: 2, ...filter, ...cursor })),
        );
      }
    }
  };

  const everyOtherQuery = async (today: string) => {
    for (const recipients of [null, ['avon'], []]) {
      await same((database) => queryStatistics(database, { today, recipients }));
      for (const state of [undefined, ...LISTED_STATES]) {
        const query = { today, recipients, limit: 2, ...(state && { state }) };
        await same((database) => pages((cursor) => queryDeadlines(database, { ...query, ...cursor })));
      }
    }
    const filters = [{}, { subject: 's1' }, { code: 'c0' }, { recommendation: 'a' }, { from: today }];
    for (const filter of filters) {
      await same((database) =>
        pages((cursor) => queryTrail(database, 'refusals', { limit: 2, ...filter, ...cursor })),
      );
    }
    for (const filter of [{}, { subject: 's1' }, { kind: 'export' }, { recommendation: 'b' }]) {
      await same((database) =>
        pages((cursor) => queryTrail(database, 'accesses', { limit: 2, ...filter, ...cursor })),
      );
    }
    await same((database) => redactionsAfter(database, null, 100));
    await same((database) => dueRecords(database, { asOf: today, after: null, limit: 100 }));
    await same((database) =>
      dueRecords(database, {
        asOf: today,
        after: { stream: 'recommendation-b', sweepOn: '2026-02-15' },
        limit: 2,
      }),
    );
  };

  test('after a follower has handled an event', async () => {
    expect(await same((database) => followerBookmark(database, 'eraser'))).toBe('0');
    for (const position of ['1', '20']) {
      await same((database) => saveFollowerBookmark(database, 'eraser', position));
      expect(await same((database) => followerBookmark(database, 'eraser'))).toBe(position);
    }
  });
});

/** Removes everything that was folded into a database. */
async function empty(database: ReadModelDatabase): Promise<void> {
  const { db } = database;
  for (const { name, live } of await db.selectFrom('projections').select(['name', 'live']).execute()) {
    const { tables, searches = [] } = PROJECTIONS.find((projection) => projection.name === name)!;
    for (const table of [...tables, ...searches]) {
      await db.schema.dropTable(`${table.name}_g${live}`).execute();
    }
  }
  await sql`delete from projections`.execute(db);
  await sql`delete from generations`.execute(db);
}
