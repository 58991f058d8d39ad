import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Kysely, SqliteDialect } from 'kysely';
import { keyOf } from './filters.ts';
import { InvalidCursorError, pageReader } from './list-cursor.ts';
import type { ListKey, ListOrder, PageRequest } from './list-cursor.ts';

interface Item {
  readonly day: string;
  readonly id: string;
  readonly number: number;
}

const LIST: ListKey = { of: 'items' };
const ORDERS: [string, ListOrder, (one: Item, other: Item) => number][] = [
  [
    'by a day, and by ids where that is the same',
    { by: 'day', id: 'id' },
    (one, other) => (`${one.day} ${one.id}` < `${other.day} ${other.id}` ? -1 : 1),
  ],
  ['the newest first', { newestBy: 'number' }, (one, other) => other.number - one.number],
];

describe.each(ORDERS)('a list that is ordered %s', (_, order, compare) => {
  let db: Kysely<{ items: Item }>;

  beforeEach(() => {
    const connection = new Database(':memory:');
    connection.exec('create table items (day text, id text, number integer)');
    db = new Kysely({ dialect: new SqliteDialect({ database: connection }) });
  });
  afterEach(() => db.destroy());

  let count = 0;
  const add = async (days: readonly number[]): Promise<Item[]> => {
    const items = days.map((day) => {
      count += 1;
      return { day: `2026-01-0${day}`, id: `i-${(count * 7) % 1_000}`, number: count };
    });
    await db.insertInto('items').values(items).execute();
    return items;
  };
  const page = (request: PageRequest, list = LIST) =>
    pageReader(order, list, request)(db.selectFrom('items').selectAll());

  async function everyPage(limit: number, between = () => Promise.resolve()): Promise<readonly Item[]> {
    const { rows, nextCursor } = await page({ limit });
    const found = [...rows];
    for (let cursor = nextCursor; cursor !== null;) {
      await between();
      const next = await page({ limit, cursor });
      expect(next.rows.length).toBeGreaterThan(0);
      found.push(...next.rows);
      cursor = next.nextCursor;
    }
    return found;
  }

  const someDays = fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 12 });

  test('shows each row once and in order, page by page, however many rows a page has', async () => {
    await fc.assert(
      fc.asyncProperty(someDays, fc.integer({ min: 1, max: 13 }), async (days, limit) => {
        await db.deleteFrom('items').execute();
        const items = await add(days);
        expect(await everyPage(limit)).toEqual(items.toSorted(compare));
      }),
      { numRuns: 50 },
    );
  });

  test('moves no row from one page to the next by writes in between', async () => {
    const items = await add([1, 2, 2, 3, 3, 3]);
    const found = await everyPage(2, async () => {
      await add([1, 2]);
    });
    const ids = items.toSorted(compare).map(({ id }) => id);
    expect(found.map(({ id }) => id).filter((id) => ids.includes(id))).toEqual(ids);
  });

  test('accepts only cursors that it returned, with the same filters', async () => {
    await add([1, 2, 3]);
    const requestFor = (...bodies: string[]) => ({ filters: keyOf({ bodies, kind: undefined }) });
    const { nextCursor } = await page({ limit: 1 }, requestFor('avon', 'kent'));
    const cursor = nextCursor as string;
    expect((await page({ cursor }, requestFor('kent', 'avon'))).rows).toHaveLength(2);
    const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const odd = [null, {}, [], ['a', 'b', 'c'], [1, 2, 3], [null, 'x', 'y'], ['2026-01-01', 'a']];
    for (const wrong of ['', 'x', '%%%', 'null', ...odd.map(encoded)])
      expect(() => pageReader(order, LIST, { cursor: wrong })).toThrow(InvalidCursorError);
    for (const other of [requestFor('avon'), LIST])
      expect(() => pageReader(order, other, { cursor })).toThrow(InvalidCursorError);
    fc.assert(
      fc.property(fc.string(), (typed) => {
        expect(() => pageReader(order, LIST, { cursor: typed })).toThrow(InvalidCursorError);
      }),
    );
  });

  test.each([0, -1, 1.5])('has no page of %d', (limit) => {
    expect(() => pageReader(order, LIST, { limit })).toThrow(RangeError);
  });
});
