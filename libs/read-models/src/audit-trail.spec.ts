import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { JsonObject } from '#event-sourcing/envelope';
import { InvalidCursorError } from '#projections/list-cursor';
import type { PageRequest } from '#projections/list-cursor';
import { ReadModelMissingError } from '#projections/read-model-database';
import { trailStream } from '#state-machines/audit-trail-events';
import type { TrailName } from '#state-machines/audit-trail-events';
import { onEachDatabase } from '#test/support/read-model-harness';
import type { EventOptions } from '#test/support/record-log';
import { auditTrailProjection, queryTrail } from './audit-trail.ts';
import type { TrailFilters } from './audit-trail.ts';

const DAY = '2026-01-01';

onEachDatabase('on $name', [auditTrailProjection], (models) => {
  const { log } = models;
  const page = <Name extends TrailName>(list: Name, query: TrailFilters & PageRequest = {}) =>
    queryTrail(models.database, list, { limit: 200, ...query });
  const positions = async (list: TrailName, query: TrailFilters & PageRequest = {}) =>
    (await page(list, query)).items.map(({ position }) => position);

  const append = (list: TrailName, type: string, data: JsonObject, options: EventOptions = {}) =>
    log.append(trailStream(list, options.effectiveOn ?? DAY), type, data, options);
  const refused = (data: JsonObject = {}, options: EventOptions = {}) => {
    const attempt = { command: 'start-progress', code: 'command-not-allowed', guard: null, record: '7' };
    return append('refusals', 'CommandRefused', { ...attempt, seenVersion: 2, ...data }, options);
  };
  const accessed = (data: JsonObject = {}, options: EventOptions = {}) => {
    const access = { kind: 'export', streamId: 'recommendation-7', version: 4, format: 'json' };
    return append('accesses', 'AccessRecorded', { ...access, ...data }, options);
  };
  const packed = (options: EventOptions = {}) => {
    const withheld = { count: 2, sha256: '0'.repeat(64) };
    const pack = { streamId: 'recommendation-7', version: 7, hash: '0'.repeat(64), withheld };
    return append('accesses', 'PackMade', pack, { subject: 'cy', ...options });
  };
  const ANN = { actor: { subject: 'ann', roles: ['inspector'] }, correlationId: 'spec' };
  const OF_7 = { record: '7', recordKind: 'inspection-recommendation' };

  describe('the lists', () => {
    test('given attempts and accesses among other events, then each list contains its own entries as they were recorded', async () => {
      log.issue('7');
      const one = refused({ guard: 'body-named' }, { subject: 'ann' });
      const other = accessed({}, { subject: 'ann' });
      log.append('person-ada', 'PersonNamed', { name: 'Ada' });
      await models.fold();
      const position = await log.lastPosition();
      const attempt = { command: 'start-progress', code: 'command-not-allowed', guard: 'body-named' };
      expect(await page('refusals')).toEqual({
        items: [
          { position: one.position, recordedAt: one.recordedAt, ...ANN, ...attempt, ...OF_7, seenVersion: 2 },
        ],
        ...{ nextCursor: null, position },
      });
      const file = { kind: 'export', version: 4, format: 'json', withheld: null };
      expect(await page('accesses')).toEqual({
        items: [{ position: other.position, recordedAt: other.recordedAt, ...ANN, ...OF_7, ...file }],
        ...{ nextCursor: null, position },
      });
    });

    test('given entries about no record, and packs, then members that do not apply are null', async () => {
      refused({ command: null, code: 'unknown-command', record: null, seenVersion: null });
      accessed({ kind: 'log', streamId: null, version: null, format: null });
      packed();
      await models.fold();
      expect((await page('refusals')).items).toMatchObject([
        { command: null, guard: null, record: null, recordKind: null, seenVersion: null },
      ]);
      expect((await page('accesses')).items).toMatchObject([
        { kind: 'pack', ...OF_7, version: 7, format: null, withheld: 2, actor: { subject: 'cy' } },
        { kind: 'log', record: null, recordKind: null, version: null, format: null, withheld: null },
      ]);
    });

    test('are narrowed by person, command, code, kind, record and day', async () => {
      const [second, third] = ['2026-01-02', '2026-01-03'].map((effectiveOn) => ({ effectiveOn }));
      const attempts = [
        refused({}, { subject: 'ann' }),
        refused({ command: 'issue', code: 'id-already-used' }, { subject: 'ann', ...second }),
        refused({ record: '8' }, { subject: 'bob', ...third }),
      ].map(({ position }) => position);
      const accesses = [
        accessed({ kind: 'internal' }, { subject: 'ann' }),
        accessed({ streamId: 'recommendation-8' }, { subject: 'ann', ...second }),
        packed(third),
      ].map(({ position }) => position);
      await models.fold();
      const cases: readonly (readonly [TrailName, TrailFilters, readonly number[]])[] = [
        ['refusals', {}, [2, 1, 0]],
        ['refusals', { subject: 'ann' }, [1, 0]],
        ['refusals', { command: 'issue' }, [1]],
        ['refusals', { code: 'command-not-allowed' }, [2, 0]],
        ['refusals', { recommendation: '8' }, [2]],
        ['refusals', { from: '2026-01-02' }, [2, 1]],
        ['refusals', { from: '2026-01-02', to: '2026-01-02', subject: 'ann' }, [1]],
        ['refusals', { subject: 'bob', command: 'issue' }, []],
        ['accesses', {}, [2, 1, 0]],
        ['accesses', { subject: 'ann' }, [1, 0]],
        ['accesses', { kind: 'pack' }, [2]],
        ['accesses', { recommendation: '7' }, [2, 0]],
        ['accesses', { recommendation: '7', recordKind: 'no such kind' }, []],
        ['accesses', { to: '2026-01-02', recommendation: '7' }, [0]],
      ];
      for (const [list, filters, expected] of cases) {
        const of = list === 'refusals' ? attempts : accesses;
        expect({ list, filters, positions: await positions(list, filters) }).toEqual({
          ...{ list, filters },
          positions: expected.map((index) => of[index]),
        });
      }
    });

    test('refuse a cursor of other filters, or of the other list', async () => {
      for (const append of [refused, refused, accessed, accessed]) append();
      await models.fold();
      const cursor = (await page('refusals', { limit: 1 })).nextCursor ?? '';
      await expect(page('refusals', { cursor, subject: 'ann' })).rejects.toThrow(InvalidCursorError);
      await expect(page('accesses', { cursor })).rejects.toThrow(InvalidCursorError);
    });

    test('refuse to be read before they are built', async () => {
      await expect(page('refusals')).rejects.toThrow(ReadModelMissingError);
    });

    test.each(['refusals', 'accesses'] as const)('of %s stop at an unknown event', async (list) => {
      append(list, 'RefusalForgiven', {});
      const stream = `Version 1 of ${trailStream(list, DAY)} is a RefusalForgiven`;
      await expect(models.fold()).rejects.toThrow(stream);
    });
  });

  test('wherever the log is cut into batches, the rows are the same', async () => {
    const choices = fc.array(fc.nat(2), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(choices, fc.nat(30), async (chosen, cut) => {
        log.clear();
        chosen.forEach((choice, index) => {
          if (choice === 0) log.issue(`r${index}`);
          else if (choice === 1) accessed({ streamId: `recommendation-r${index}` });
          else refused({ record: `r${index}` });
        });
        await models.expectSameRows(log, [cut]);
      }),
      { numRuns: models.kind.cases(15) },
    );
  });
});
