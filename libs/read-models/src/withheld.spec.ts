import { beforeEach, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Envelope } from '#event-sourcing/envelope';
import { onEachDatabase } from '#test/support/read-model-harness';
import { askingRedactions, foldInParts } from '#test/support/read-models';
import { deadlinesProjection } from './deadlines/deadlines-projection.ts';
import { historyProjection } from './history/history-projection.ts';
import { queryDeadlines } from './deadlines/deadlines-query.ts';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { registerProjection } from './register/register-projection.ts';
import { queryRegister, REGISTER_SORTS } from './register/register-query.ts';
import type { RegisterQuery } from './register/register-query.ts';

const today = '2026-11-24';
const PROJECTIONS = [registerProjection, deadlinesProjection, historyProjection];

onEachDatabase('on $name, rows that have not reached a redaction', PROJECTIONS, (models) => {
  const { log } = models;
  let database: ReadModelDatabase;

  beforeEach(() => {
    database = askingRedactions(models.database, log.events);
  });

  const page = async (query: Partial<RegisterQuery> = {}) =>
    (await queryRegister(database, { today, sort: 'id', ...query })).items;
  const ids = async (query: Partial<RegisterQuery>) => (await page(query)).map(({ id }) => id);

  test('show neither title nor report nor owner, and are not found or ordered by them', async () => {
    const report = { name: 'Quillfeather', publishedOn: '2026-01-01' };
    const issued = log.issue('a', { title: 'Brackenbury', report });
    const owned = log.add('a', 'OwnerAssigned', { owner: 'Ottoline' });
    log.issue('b', { title: 'Amber' });
    log.deadline('a', 'd1', '2026-12-31');
    await models.fold();
    expect(await page({ owner: ['Ottoline'] })).toMatchObject([{ title: 'Brackenbury', owner: 'Ottoline' }]);
    expect(await ids({ q: 'Brackenbury' })).toEqual(['a']);

    log.redact('a', issued, '/data/title', '/data/report/name');
    log.redact('a', owned, '/data/owner');
    expect(await page()).toMatchObject([
      { id: 'a', title: null, owner: null, report: { name: null, publishedOn: '2026-01-01' } },
      { id: 'b', title: 'Amber' },
    ]);
    expect(await ids({ owner: ['Ottoline'] })).toEqual([]);
    expect(await ids({ q: 'Brackenbury' })).toEqual([]);
    expect(await ids({ sort: 'title' })).toEqual(['b', 'a']);
    const { nextCursor } = await queryRegister(database, { today, sort: '-title', limit: 1 });
    expect(nextCursor).not.toBeNull();
    const { items } = await queryDeadlines(database, { today, recipients: null, limit: 10 });
    expect(items).toMatchObject([{ id: 'a', title: null }]);
  });

  test('are not revealed by the cursor of a page', async () => {
    const issued = log.issue('a', { title: 'Brackenbury' });
    log.issue('b', { title: 'Amber' });
    log.erase(log.issue('c'), '/data/title');
    await models.fold();
    log.redact('a', issued, '/data/title');
    for (const sort of REGISTER_SORTS) {
      for (let cursor: string | null = '', pages = 0; cursor !== null && pages < 4; pages += 1) {
        const answer = await queryRegister(database, {
          today,
          sort,
          limit: 1,
          ...(cursor !== '' && { cursor }),
        });
        const cursorText = Buffer.from(answer.nextCursor ?? '', 'base64url').toString();
        expect(JSON.stringify(answer) + cursorText).not.toContain('Brackenbury');
        cursor = answer.nextCursor;
      }
    }
  });

  test('show other texts of the same place, before or after', async () => {
    log.issue('a', { title: 'Amber' });
    const first = log.add('a', 'OwnerAssigned', { owner: 'Ottoline' });
    log.add('a', 'OwnerAssigned', { owner: 'Peverell', reason: 'r' });
    const said = log.comment('a', 'Featherstone');
    log.comment('a', 'Mordaunt');
    await models.fold();
    log.redact('a', first, '/data/owner');
    log.redact('a', said, '/data/text');
    expect(await page()).toMatchObject([{ title: 'Amber', owner: 'Peverell' }]);
    expect(await ids({ q: 'Featherstone' })).toEqual([]);
    expect(await ids({ q: 'Mordaunt Amber' })).toEqual(['a']);
  });

  test('return the same results as rows with texts, after any writes and redactions', async () => {
    const words = ['amber', 'basalt', 'cobalt'];
    const step = fc.record({
      type: fc.constantFrom('issue', 'comment', 'owner', 'amend', 'redact', 'redact'),
      record: fc.constantFrom('a', 'b'),
      word: fc.constantFrom(...words),
      which: fc.nat(),
      pointer: fc.constantFrom('/data/title', '/data/text', '/data/owner', '/data/report/name'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.nat(), async (steps, cut) => {
        await models.anew();
        const issued = new Set<string>();
        for (const { type, record, word, which, pointer } of steps) {
          if (!issued.has(record) || type === 'issue') {
            if (issued.has(record)) continue;
            issued.add(record);
            log.issue(record, {
              title: word,
              text: `the ${word}`,
              report: { name: word, publishedOn: '2026-01-01' },
            });
          } else if (type === 'comment') log.comment(record, word);
          else if (type === 'owner') log.add(record, 'OwnerAssigned', { owner: word });
          else if (type === 'amend') log.add(record, 'TextAmended', { text: word, reason: 'r' });
          else {
            const of = log.events.filter(({ streamId }) => streamId.endsWith(`-${record}`));
            log.redact(record, of[which % of.length] as Envelope, pointer);
          }
        }
        // Only redactions stay unfolded: if other new events are not folded, the rows do not contain them anyway.
        const firstTail = log.events.findLastIndex(({ type }) => type !== 'CommentRedacted') + 1;
        const folded = Math.min(log.events.length, firstTail + (cut % 3));
        const [behind, whole] = [models.database, await models.open()];
        await foldInParts(behind, registerProjection, [log.events.slice(0, folded)]);
        await foldInParts(whole, registerProjection, [log.events]);
        const seen = async (on: ReadModelDatabase, query: Partial<RegisterQuery>) =>
          (await queryRegister(on, { today, sort: 'id', ...query })).items.map(
            ({ id, title, owner, report }) => ({ id, title, owner, report }),
          );
        const queries: Partial<RegisterQuery>[] = [
          {},
          { sort: 'title' },
          { sort: '-title' },
          ...words.flatMap((word) => [{ q: word }, { owner: [word] }]),
        ];
        for (const query of queries) {
          expect(await seen(askingRedactions(behind, log.events), query)).toEqual(await seen(whole, query));
        }
      }),
      { numRuns: models.kind.cases(15) },
    );
  });
});
