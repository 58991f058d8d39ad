import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import type { EventOptions } from '#test/support/record-log';
import { InvalidCursorError } from '#projections/list-cursor';
import { ReadModelMissingError } from '#projections/read-model-database';
import { registerProjection } from '../register/register-projection.ts';
import { refusalsProjection } from './refusals-projection.ts';
import { queryRefusals } from './refusals-query.ts';
import type { RefusalsQuery } from './refusals-query.ts';
import { onEachDatabase } from '#test/support/read-model-harness';

onEachDatabase('on $name', [refusalsProjection], (models) => {
  const { log } = models;
  const page = (query: Partial<RefusalsQuery> = {}) =>
    queryRefusals(models.database, { limit: 200, ...query });
  const items = async (query: Partial<RefusalsQuery> = {}) => (await page(query)).items;
  const positions = async (query: Partial<RefusalsQuery> = {}) =>
    (await items(query)).map(({ position }) => position);

  const refused = (data: JsonObject = {}, options: EventOptions = {}) => {
    const given = { command: 'start-progress', code: 'command-not-allowed', guard: null, record: '7' };
    const day = options.effectiveOn ?? '2026-01-01';
    return log.append(`refusals-${day}`, 'CommandRefused', { ...given, seenVersion: 2, ...data }, options);
  };

  const counted = (subject: string | null, codes: Readonly<Record<string, number>>) => {
    const count = Object.values(codes).reduce((sum, one) => sum + one, 0);
    const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:59.000Z' };
    return log.append('refusals-2026-01-01', 'RefusalsCounted', { subject, count, codes, ...window });
  };

  describe('the refusals', () => {
    test('given a refused attempt among other events, then it is there as it was recorded', async () => {
      log.issue('7');
      const { position, recordedAt } = refused({ guard: 'status-awaiting-review' }, { subject: 'ann' });
      log.comment('7', 'a comment');
      log.append('person-ada', 'PersonNamed', { name: 'Ada' });
      await models.fold();
      expect(await page()).toEqual({
        items: [
          {
            position,
            recordedAt,
            actor: { subject: 'ann', roles: ['inspector'] },
            command: 'start-progress',
            code: 'command-not-allowed',
            guard: 'status-awaiting-review',
            record: '7',
            recordKind: 'inspection-recommendation',
            seenVersion: 2,
            count: 1,
            correlationId: 'spec',
          },
        ],
        nextCursor: null,
        position: await log.lastPosition(),
      });
    });

    test('given one about nothing, then its members are null', async () => {
      refused({ command: null, code: 'unknown-command', record: null, seenVersion: null });
      await models.fold();
      expect(await items()).toMatchObject([{ command: null, guard: null, record: null, seenVersion: null }]);
    });

    test('given counts, then there is one for each person and code, and none is anybody else’s', async () => {
      const { position } = counted('ann', { 'version-mismatch': 3, 'not-found': 40 });
      counted(null, { 'not-found': 7 });
      await models.fold();
      const count = { command: null, guard: null, record: null, seenVersion: null, correlationId: null };
      expect(await items()).toMatchObject([
        { ...count, actor: null, code: 'not-found', count: 7 },
        { ...count, position, actor: { subject: 'ann', roles: [] }, code: 'version-mismatch', count: 3 },
        { ...count, position, actor: { subject: 'ann', roles: [] }, code: 'not-found', count: 40 },
      ]);
      expect(await items({ subject: 'ann', code: 'not-found' })).toMatchObject([{ count: 40 }]);
    });

    test('are narrowed by person, command, code, record and day', async () => {
      const all = [
        refused({}, { subject: 'ann', effectiveOn: '2026-01-01' }),
        refused({ command: 'issue', code: 'id-already-used' }, { subject: 'ann', effectiveOn: '2026-01-02' }),
        refused({ record: '8' }, { subject: 'bob', effectiveOn: '2026-01-03' }),
      ].map(({ position }) => position);
      await models.fold();
      const [first, second, third] = all;
      expect(await positions()).toEqual([third, second, first]);
      expect(await positions({ subject: 'ann' })).toEqual([second, first]);
      expect(await positions({ command: 'issue' })).toEqual([second]);
      expect(await positions({ code: 'command-not-allowed' })).toEqual([third, first]);
      expect(await positions({ record: '8' })).toEqual([third]);
      expect(await positions({ from: '2026-01-02' })).toEqual([third, second]);
      expect(await positions({ to: '2026-01-02' })).toEqual([second, first]);
      expect(await positions({ from: '2026-01-02', to: '2026-01-02', subject: 'ann' })).toEqual([second]);
      expect(await positions({ subject: 'bob', command: 'issue' })).toEqual([]);
    });

    test('come page by page, also while more are refused', async () => {
      const all = Array.from({ length: 7 }, () => refused().position).reverse();
      await models.fold();
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const { items: part, nextCursor } = await page({ limit: 3, ...(cursor !== null && { cursor }) });
        seen.push(...part.map(({ position }) => position));
        cursor = nextCursor;
        refused();
        await models.fold();
      } while (cursor !== null);
      expect(seen).toEqual(all);
    });

    test('refuse a cursor of another list, or of none', async () => {
      refused();
      refused();
      await models.fold();
      const { nextCursor } = await page({ limit: 1 });
      const forged = Buffer.from(JSON.stringify([null, 'x', 'y'])).toString('base64url');
      for (const cursor of ['', 'x', forged])
        await expect(page({ cursor })).rejects.toThrow(InvalidCursorError);
      await expect(page({ cursor: nextCursor as string, subject: 'ann' })).rejects.toThrow(
        InvalidCursorError,
      );
    });

    test('refuse a limit that is none, and to be read before they are there', async () => {
      await expect(page({ limit: 0 })).rejects.toThrow(RangeError);
      await expect(page()).rejects.toThrow(ReadModelMissingError);
    });

    test('stop at an event that they do not know', async () => {
      log.append('refusals-2026-01-01', 'RefusalForgiven', {});
      await expect(models.fold()).rejects.toThrow(/Version 1 of refusals-2026-01-01 is a RefusalForgiven/);
    });

    test('are added to read models that were there before, from the beginning of the log', async () => {
      log.issue('7');
      const { position } = refused();
      await models.runner({ projections: [registerProjection] }).catchUp();
      await models.runner({ projections: [registerProjection, refusalsProjection] }).catchUp();
      expect(await positions()).toEqual([position]);
    });
  });

  test('wherever the log is cut into batches, the rows are the same', async () => {
    const choices = fc.array(fc.nat(3), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(choices, fc.nat(30), async (kinds, cut) => {
        log.clear();
        kinds.forEach((kind, index) => {
          if (kind === 0) log.issue(`r${index}`);
          else if (kind === 1) counted(index % 2 === 0 ? 'ann' : null, { a: index + 1, b: 1 });
          else refused({ record: `r${index}` });
        });
        await models.expectSameRows(log, [cut]);
      }),
      { numRuns: models.kind.cases(15) },
    );
  });
});
