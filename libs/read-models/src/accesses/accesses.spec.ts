import { describe, expect, test } from '@jest/globals';
import type { EventOptions } from '#test/support/record-log';
import { InvalidCursorError } from '#projections/list-cursor';
import { onEachDatabase } from '#test/support/read-model-harness';
import { accessesProjection } from './accesses-projection.ts';
import { queryAccesses } from './accesses-query.ts';
import type { AccessesQuery } from './accesses-query.ts';

onEachDatabase('on $name', [accessesProjection], (models) => {
  const { log } = models;
  const page = (query: Partial<AccessesQuery> = {}) =>
    queryAccesses(models.database, { limit: 200, ...query });
  const positions = async (query: Partial<AccessesQuery> = {}) =>
    (await page(query)).items.map(({ position }) => position);

  const given = (kind: string, record: string | null, options: EventOptions = {}) => {
    const streamId = record === null ? null : `recommendation-${record}`;
    const file = kind === 'export' ? { version: 4, format: 'json' } : { version: null, format: null };
    const day = options.effectiveOn ?? '2026-01-01';
    return log.append(`access-${day}`, 'AccessRecorded', { kind, streamId, ...file }, options);
  };
  const packed = (record: string) => {
    const withheld = { count: 2, sha256: '0'.repeat(64) };
    const data = { streamId: `recommendation-${record}`, version: 7, hash: '0'.repeat(64), withheld };
    return log.append('access-2026-01-03', 'PackMade', data, { subject: 'cy', effectiveOn: '2026-01-03' });
  };

  describe('what was given out', () => {
    test('given an export, a pack, the log and a count, then each is there as it was recorded', async () => {
      log.issue('7');
      const { position, recordedAt } = given('export', '7', { subject: 'ann' });
      packed('7');
      given('log', null, { subject: 'bob' });
      const window = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T00:00:59.000Z' };
      const counted = { subject: 'ann', count: 9, kinds: { export: 2, internal: 7 }, ...window };
      log.append('access-2026-01-01', 'AccessesCounted', counted);
      await models.fold();
      const { items, position: end } = await page();
      expect(end).toBe(await log.lastPosition());
      const none = { record: null, version: null, format: null, withheld: null };
      expect(items.slice(0, 4)).toMatchObject([
        { ...none, kind: 'internal', count: 7, actor: { subject: 'ann', roles: [] }, correlationId: null },
        { ...none, kind: 'export', count: 2 },
        { ...none, kind: 'log', count: 1, actor: { subject: 'bob' } },
        {
          kind: 'pack',
          record: '7',
          version: 7,
          format: null,
          withheld: 2,
          count: 1,
          actor: { subject: 'cy' },
        },
      ]);
      expect(items[4]).toEqual({
        position,
        recordedAt,
        actor: { subject: 'ann', roles: ['inspector'] },
        kind: 'export',
        record: '7',
        recordKind: 'inspection-recommendation',
        version: 4,
        format: 'json',
        withheld: null,
        count: 1,
        correlationId: 'spec',
      });
    });

    test('is narrowed by person, kind, record and day, and comes page by page', async () => {
      const first = given('internal', '7', { subject: 'ann', effectiveOn: '2026-01-01' }).position;
      const second = given('export', '8', { subject: 'ann', effectiveOn: '2026-01-02' }).position;
      const third = packed('7').position;
      await models.fold();
      expect(await positions()).toEqual([third, second, first]);
      expect(await positions({ subject: 'ann' })).toEqual([second, first]);
      expect(await positions({ kind: 'pack' })).toEqual([third]);
      expect(await positions({ record: '7' })).toEqual([third, first]);
      expect(await positions({ from: '2026-01-02' })).toEqual([third, second]);
      expect(await positions({ to: '2026-01-02', record: '7' })).toEqual([first]);
      const { nextCursor } = await page({ limit: 2 });
      expect(await positions({ limit: 2, cursor: nextCursor as string })).toEqual([first]);
      const other = page({ cursor: nextCursor as string, subject: 'ann' });
      await expect(other).rejects.toThrow(InvalidCursorError);
    });

    test('stops at an event that it does not know', async () => {
      log.append('access-2026-01-01', 'AccessForgiven', {});
      await expect(models.fold()).rejects.toThrow(/Version 1 of access-2026-01-01 is a AccessForgiven/);
    });
  });
});
