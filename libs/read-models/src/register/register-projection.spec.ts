import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { checkSearch } from '#test/support/read-models';
import { recordStream } from '#state-machines/inspection-recommendation/kind';
import { historyFrom } from '#test/support/record-log';
import { registerProjection } from './register-projection.ts';
import { onEqualDatabases } from '#test/support/read-model-harness';

onEqualDatabases('on $name', [registerProjection], (models) => {
  const { log } = models;

  describe('the register', () => {
    const row = async (id = 'a') => (await rows()).find((one) => one['stream'] === recordStream(id));
    const rows = () => models.rows('register');
    const texts = async () => (await models.rows('register_texts')).map(({ text }) => text);

    test('given an issue, then a row has its values', async () => {
      log.issue('a', { issue: 'i-1' }, { effectiveOn: '2026-02-01' });
      await models.fold();
      expect(await row()).toMatchObject({
        stream: 'recommendation-a',
        title: 'Title of a',
        recipient: 'avon',
        owner: null,
        status: 'awaiting-review',
        closed: 0,
        version: 1,
        issue: 'i-1',
        report_name: 'PEEL 2025',
        report_published_on: '2026-01-01',
        issued_on: '2026-02-01',
        updated_on: '2026-02-01',
        due_on: null,
        lifecycle_name: 'inspection-recommendation',
        lifecycle_version: 1,
      });
    });

    test('given a comment on a later day, then only the columns that it changes are written', async () => {
      log.issue('a');
      await models.fold();
      log.add(
        'a',
        'CommentAdded',
        { text: 'a comment', visibility: 'public' },
        { effectiveOn: '2026-07-01' },
      );
      const written: string[] = [];
      const { sql } = models.database;
      const noting: ReadModelDatabase = {
        ...models.database,
        sql: {
          ...sql,
          upsert(db, table, rows) {
            written.push(...rows.map(() => `${table.name}: all`));
            return sql.upsert(db, table, rows);
          },
          update(db, table, changed, rows) {
            written.push(...rows.map(() => `${table.name}: ${changed.join(', ')}`));
            return sql.update(db, table, changed, rows);
          },
        },
      };
      await models.foldInto(noting);
      const notices = ['notices: all', 'notice_audiences: all', 'notice_audiences: all'];
      expect(written).toEqual(['register: version, updated_on', ...notices, 'register_texts: all']);
      expect(await row()).toMatchObject({ version: 2, updated_on: '2026-07-01' });
    });

    test('given statuses, then the row contains the origin of the last one', async () => {
      log.issue('a', {}, { origin: 'import' });
      log.issue('b');
      log.comment('a', 'a comment');
      log.add('a', 'ClosureRequested', { statement: 'Done.' });
      await models.fold();
      expect((await rows()).map((each) => each['status_origin'])).toEqual(['import', 'command']);
      log.add('a', 'ProgressStarted', {});
      log.add('b', 'StatusRecorded.complete', {}, { origin: 'import' });
      await models.fold();
      expect((await rows()).map((each) => each['status_origin'])).toEqual(['command', 'import']);
    });

    test('given a comment that completes another one, then only the complete one is found, even in one batch', async () => {
      log.erase(log.issue('a'), '/data/title', '/data/text');
      const first = log.comment('a', 'work has be');
      await models.fold();
      const second = log.add('a', 'CommentAdded', {
        text: 'work has begun at la',
        visibility: 'public',
        completes: first.eventId,
      });
      const third = log.add('a', 'CommentAdded', {
        text: 'work has begun at last',
        visibility: 'public',
        completes: second.eventId,
      });
      await models.fold();
      expect(await texts()).toEqual(['PEEL 2025', 'work has begun at last']);
      for (const each of [first, second, third]) log.redact('a', each, '/data/text');
      await models.fold();
      expect(await texts()).toEqual(['PEEL 2025']);
    });

    test('given a backdated comment, then the date of the last change stays', async () => {
      log.issue('a', {}, { effectiveOn: '2026-01-01' });
      log.add('a', 'ProgressStarted', {}, { effectiveOn: '2026-03-01' });
      log.add('a', 'CommentAdded', { text: 'x', visibility: 'public' }, { effectiveOn: '2026-02-01' });
      await models.fold();
      expect(await row()).toMatchObject({ updated_on: '2026-03-01', version: 3 });
    });

    test('given other streams, then they leave no row', async () => {
      log.append('person-ada', 'PersonNamed', { name: 'Ada' });
      log.append('issue-i-1', 'RecommendationsIssued', { issue: 'i-1' });
      log.issue('a');
      await models.fold();
      expect(await rows()).toHaveLength(1);
    });

    test('given values that were erased, then they are null', async () => {
      const issued = log.issue('a');
      log.erase(issued, '/data/title', '/data/text', '/data/report/name');
      await models.fold();
      expect(await row()).toMatchObject({ title: null });
      expect(await texts()).toEqual([]);
    });

    test('the texts are the title, the current text, and comments, the internal ones last', async () => {
      log.issue('a');
      log.comment('a', 'in public');
      log.comment('a', 'among us', 'internal');
      await models.fold();
      expect(await texts()).toEqual(['Title of a', 'Text of a', 'PEEL 2025', 'in public', 'among us']);
      log.add('a', 'TextAmended', { text: 'a better text', reason: 'clearer' });
      await models.fold();
      expect(await texts()).toEqual(['Title of a', 'a better text', 'PEEL 2025', 'in public', 'among us']);
      log.add('a', 'TextAmended', { title: 'A better title', reason: 'clearer' });
      await models.fold();
      expect(await texts()).toEqual([
        'A better title',
        'a better text',
        'PEEL 2025',
        'in public',
        'among us',
      ]);
      expect(await row()).toMatchObject({ title: 'A better title' });
      log.add('a', 'TextAmended', { title: 'The best title', text: 'the best text', reason: 'clearer' });
      await models.fold();
      expect(await texts()).toEqual([
        'The best title',
        'the best text',
        'PEEL 2025',
        'in public',
        'among us',
      ]);
      await checkSearch(models.database, 'register_search');
    });

    test('given a redaction of an amended title, then the previous title does not come back', async () => {
      const issued = log.issue('a');
      const amended = log.add('a', 'TextAmended', { title: 'a name', reason: 'clearer' });
      log.redact('a', issued, '/data/title');
      await models.fold();
      expect(await row()).toMatchObject({ title: 'a name' });
      log.redact('a', amended, '/data/title');
      await models.fold();
      expect(await row()).toMatchObject({ title: null });
      expect(await texts()).toEqual(['Text of a', 'PEEL 2025']);
    });

    test('given a redaction, then the text is gone from row and search at once', async () => {
      const issued = log.issue('a');
      const comment = log.comment('a', 'a name');
      await models.fold();
      log.redact('a', comment, '/data/text');
      log.redact('a', issued, '/data/title');
      await models.fold();
      expect(await texts()).toEqual(['Text of a', 'PEEL 2025']);
      expect(await row()).toMatchObject({ title: null });
      await checkSearch(models.database, 'register_search');
    });

    test('given a redaction of a text that was amended since, then the amended text stays', async () => {
      const issued = log.issue('a');
      log.add('a', 'TextAmended', { text: 'amended', reason: 'clearer' });
      log.redact('a', issued, '/data/text');
      await models.fold();
      expect(await texts()).toEqual(['Title of a', 'amended', 'PEEL 2025']);
    });

    test('given a record whose events have a gap, then the projection throws and nothing is written', async () => {
      log.issue('a');
      log.append(
        'recommendation-a',
        'CommentAdded',
        { text: 'x' },
        { version: 3, state: log.events[0]!.state },
      );
      await expect(models.fold()).rejects.toThrow('Version 3 of recommendation-a comes after version 1');
      expect(await rows()).toEqual([]);
    });

    test('given a record’s event without a state, then the projection throws', async () => {
      log.append('recommendation-a', 'RecommendationIssued', {});
      await expect(models.fold()).rejects.toThrow('has no state');
    });
  });

  test('however the log is divided into batches, the rows are the same as if folded event by event', async () => {
    const history = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(history, fc.array(fc.integer({ min: 1, max: 12 })), async (choices, sizes) => {
        await models.expectSameRows(historyFrom(choices), sizes);
      }),
      { numRuns: models.kind.cases(25) },
    );
  });
});
