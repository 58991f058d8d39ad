import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { onEachDatabase } from '#test/support/read-model-harness';
import { historyFrom } from '#test/support/record-log';
import { registerProjection } from './register-projection.ts';
import { queryRegister, REGISTER_SORTS } from './register-query.ts';
import { TOTAL_MAX } from './register-pages.ts';
import type { RegisterItem, RegisterPage, RegisterQuery, RegisterSort } from './register-query.ts';

onEachDatabase('on $name', [registerProjection], (models) => {
  const { log } = models;
  const TODAY = '2026-11-24';
  const page = (query: Partial<RegisterQuery>, cursor: string | null = null) =>
    queryRegister(models.database, { today: TODAY, ...query, ...(cursor !== null && { cursor }) });

  /** Reads all pages in one direction, starting from a page. */
  async function walk(
    query: Partial<RegisterQuery>,
    first: RegisterPage,
    direction: 'nextCursor' | 'previousCursor',
    between?: () => Promise<void>,
  ): Promise<RegisterPage[]> {
    const pages = [first];
    for (let last = first; last[direction] !== null; pages.push(last)) {
      await between?.();
      last = await page(query, last[direction]);
      if (pages.length > 100) throw new Error('The pages do not end');
    }
    return pages;
  }

  const idsOf = (pages: readonly RegisterPage[]) => pages.map(({ items }) => items.map(({ id }) => id));

  describe('a list, page by page', () => {
    test('in any order, is the same backwards as forwards', async () => {
      const queries = fc.record({
        sort: fc.constantFrom(...REGISTER_SORTS),
        limit: fc.integer({ min: 1, max: 3 }),
      });
      const histories = fc.array(fc.nat(), { minLength: 30, maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(histories, queries, async (choices, query) => {
          await models.anew();
          historyFrom(choices, log);
          // These records have no title, recipient or date, so they come last in every order.
          for (const id of 'xyz') log.erase(log.issue(id, { recipient: null }), '/data/title');
          await models.fold();
          const whole = (await page({ ...query, limit: 200 })).items;
          expectInOrder(whole, query.sort);
          const there = await walk(query, await page(query), 'nextCursor');
          expect(there.flatMap(({ items }) => items)).toEqual(whole);
          const back = await walk(query, there.at(-1) as RegisterPage, 'previousCursor');
          expect(there[0]?.previousCursor).toBeNull();
          expect(back.map(({ items }) => items)).toEqual(there.map(({ items }) => items).reverse());
          const again = await walk(query, back.at(-1) as RegisterPage, 'nextCursor');
          expect(again.map(({ items }) => items)).toEqual(there.map(({ items }) => items));
        }),
        { numRuns: models.kind.cases(25) },
      );
    });

    test('by titles that are longer than an index entry, is in the order of the titles', async () => {
      const long = '—'.repeat(600);
      for (const [id, end] of Object.entries({ b: 'z', a: 'z', c: 'y', d: '' }))
        log.issue(id, { title: `${long}${end}` });
      log.issue('e', { title: '—' });
      await models.fold();
      for (const [sort, order] of [
        ['title', ['e', 'd', 'c', 'a', 'b']],
        ['-title', ['b', 'a', 'c', 'd', 'e']],
      ] as const) {
        const there = await walk({ sort, limit: 1 }, await page({ sort, limit: 1 }), 'nextCursor');
        expect(idsOf(there).flat()).toEqual(order);
        const back = await walk({ sort, limit: 2 }, await page({ sort, limit: 2 }), 'nextCursor');
        expect(idsOf(back).flat()).toEqual(order);
      }
    });

    test('during writes, shows every earlier record once in each direction', async () => {
      const names = ['bb', 'dd', 'ff', 'hh', 'kk', 'mm', 'pp'];
      for (const id of names) log.issue(id);
      await models.fold();
      let count = 0;
      const write = async () => {
        for (const letter of 'agz') log.issue(`${letter}${count}`);
        log.add('hh', 'OwnerAssigned', { owner: `bob-${count}` });
        count += 1;
        await models.fold();
      };
      const query = { sort: 'id', limit: 3 } as const;
      const there = await walk(query, await page(query), 'nextCursor', write);
      const were = (pages: readonly RegisterPage[]) =>
        idsOf(pages)
          .flat()
          .filter((id) => names.includes(id));
      expect(were(there)).toEqual(names);
      const last = there.at(-1) as RegisterPage;
      const back = await walk(query, last, 'previousCursor', write);
      expect(were([...back].reverse())).toEqual(names);
      const all = idsOf(back.slice(1)).flat();
      expect(new Set(all).size).toBe(all.length);
    });

    test('a page with no records left links to its neighbours', async () => {
      for (const id of 'abcd') log.issue(id, { recipient: 'avon' });
      await models.fold();
      const query = { sort: 'id', limit: 2, recipient: ['avon'] } as const;
      const [first, second] = await walk(query, await page(query), 'nextCursor');
      const move = async (...ids: string[]) => {
        for (const id of ids) log.add(id, 'RecipientAssigned', { recipient: 'kent' });
        await models.fold();
      };
      await move('c', 'd');
      const gone = await page(query, first?.nextCursor);
      expect(gone).toMatchObject({ items: [], nextCursor: null, total: 2 });
      expect(idsOf([await page(query, gone.previousCursor)])).toEqual([['a', 'b']]);
      log.add('c', 'RecipientAssigned', { recipient: 'avon' });
      await move('a', 'b');
      const before = await page(query, second?.previousCursor);
      expect(before).toMatchObject({ items: [], previousCursor: null });
      expect(idsOf([await page(query, before.nextCursor)])).toEqual([['c']]);
    });

    test('reports the number of records on all pages, exactly up to a thousand', async () => {
      for (let index = 0; index < TOTAL_MAX; index += 1) log.issue(`r${index}`);
      await models.fold();
      const { items, nextCursor, ...of } = await page({ limit: 7 });
      expect(of).toMatchObject({ total: TOTAL_MAX });
      expect(await page({ limit: 7 }, nextCursor)).toMatchObject({ total: TOTAL_MAX });
      expect(await page({ owner: ['bob'] })).toMatchObject({ items: [], total: 0 });
      log.issue('one-more');
      await models.fold();
      const more = await page({ limit: 7 });
      expect([more.total, more.totalAtLeast]).toEqual([undefined, TOTAL_MAX]);
      expect(items).toHaveLength(7);
    });
  });
});

/** Checks that items are sorted; those without a value must come last. */
function expectInOrder(items: readonly RegisterItem[], sort: RegisterSort): void {
  if (sort === 'relevance') {
    expectInOrder(items, '-updatedOn');
    return;
  }
  const name = sort.replace('-', '') as Exclude<RegisterSort, `-${string}` | 'relevance'>;
  const values = items.map((item) => item[name]);
  const present = values.filter((value) => value !== null);
  expect(values.slice(present.length).every((value) => value === null)).toBe(true);
  const sorted = [...present].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  expect(present).toEqual(sort.startsWith('-') ? sorted.reverse() : sorted);
}
