import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import { commandContext, INSPECTOR, ServiceParts, viewer } from '#test/support/use-cases';
import { attemptIssue } from '../records/issue-records.ts';
import { attemptFile, attemptImport } from './attempt-import.ts';
import { divideFile } from './import-file.ts';
import { RECORD_BYTES_MAX } from './import-record.ts';
import type { BroughtRecord } from './attempt-import.ts';
import { fileToImport } from '#test/support/register-imports';
import { recommendation, recordStream } from '#state-machines/inspection-recommendation/kind';
import { StoreIncapableError } from '#event-sourcing/errors';

const parts = new ServiceParts();
const SOURCE = 'Plan (plan-1)\n\nText.\n\n[on]1st June 2016 [status]In progress[/status][/on]';

const bring = (who = INSPECTOR, more: Partial<BroughtRecord> = {}) => {
  const file = fileToImport(SOURCE, { recipient: 'avon', ...more });
  return attemptImport(parts, commandContext(who), file);
};
const issue = (who = INSPECTOR, more: object = {}) => {
  const report = { name: 'PEEL 2026', publishedOn: '2026-01-05' };
  const body = { id: 'r-1', title: 'A title', text: 'A text.', recipients: ['avon'], report };
  return attemptIssue(parts, commandContext(who), recommendation, { ...body, ...more });
};

describe('an import', () => {
  test('is executed for permitted users, under their own name', async () => {
    const outcome = await bring();
    expect(outcome).toMatchObject({ id: 'plan-1', outcome: 'created' });
    const events = await parts.stream('plan-1');
    expect(events).toHaveLength(outcome.events);
    for (const { actor } of events) expect(actor).toEqual({ subject: 'a-inspector', roles: ['inspector'] });
    expect(await parts.refused()).toEqual([]);
  });

  test.each([
    ['another role', viewer('approver'), {}, 'role-not-permitted'],
    ['their own body', { ...INSPECTOR, organisations: ['avon'] }, {}, 'role-not-permitted'],
    ['no register record', INSPECTOR, { source: Buffer.from([0x7f, 0, 1]) }, 'not-a-register-record'],
  ])('is refused for %s: it is recorded, and nothing is appended', async (_, who, more, code) => {
    await expect(bring(who, { id: 'plan-1', ...more })).rejects.toMatchObject({ code });
    expect(await parts.stream('plan-1')).toEqual([]);
    expect(await parts.refused()).toMatchObject([{ command: 'import', code, record: null, by: who.subject }]);
  });

  test('for a preview appends nothing, and is not an attempt', async () => {
    expect(await bring(INSPECTOR, { dryRun: true })).toMatchObject({ outcome: 'created' });
    await expect(bring(viewer('approver'), { dryRun: true })).rejects.toMatchObject({
      code: 'role-not-permitted',
    });
    expect(await parts.store.lastPosition()).toBe('0');
  });
});

describe('the import of a file with several records', () => {
  const file = async (
    who = INSPECTOR,
    source = `${SOURCE}
${SOURCE.replace('plan-1', 'plan-2')}`,
  ) => {
    const { source: bytes, ...about } = fileToImport(source, { recipient: 'avon' });
    const brought = { ...(await divideFile(bytes)), ...about, previewed: null };
    return attemptFile(parts, () => commandContext(who), brought);
  };

  test('is an attempt for each of them: a refused one is recorded, and the others are imported', async () => {
    const { events } = await bring(INSPECTOR, { recipient: 'kent' });
    await expect(file()).resolves.toMatchObject({
      records: [
        { id: 'plan-1', title: 'Plan', outcome: 'refused', code: 'history-differs' },
        { id: 'plan-2', title: 'Plan', outcome: 'created' },
      ],
    });
    expect(await parts.refused()).toMatchObject([
      { command: 'import', code: 'history-differs', record: 'plan-1' },
    ]);
    expect(await parts.stream('plan-1')).toHaveLength(events);
  });

  test('is refused once where all of it is refused', async () => {
    await expect(file(viewer('approver'))).rejects.toMatchObject({ code: 'role-not-permitted' });
    expect(await parts.refused()).toMatchObject([
      { command: 'import', code: 'role-not-permitted', record: null },
    ]);
  });

  test('refuses by its line a title without text, and imports the records around it', async () => {
    const second = SOURCE.replace('plan-1', 'HMIC 2').replace('Text.\n\n', '');
    const third = SOURCE.replace('plan-1', '3/2015');
    const refusal = {
      code: 'not-a-register-record',
      detail: expect.stringMatching(/^At line 6 .*without text/),
    };
    await expect(file(INSPECTOR, `${SOURCE}\n${second}\n${third}`)).resolves.toMatchObject({
      records: [
        { line: 1, id: 'plan-1', outcome: 'created' },
        { line: 6, title: 'Plan (HMIC 2)', outcome: 'refused', ...refusal },
        { line: 9, title: 'Plan (3/2015)', outcome: 'created' },
      ],
    });
    expect(await parts.stream('plan-1')).toHaveLength(3);
  });

  test('refuses one that is too large or that the store refuses, and imports the records around it', async () => {
    const large = SOURCE.replace('plan-1', 'plan-2').replace('Text.', 'Text. '.repeat(RECORD_BYTES_MAX / 5));
    const third = SOURCE.replace('plan-1', 'plan-3');
    const append = parts.store.append.bind(parts.store);
    parts.store.append = (commit) =>
      commit.appends.some(({ streamId }) => streamId === recordStream('plan-3'))
        ? Promise.reject(new StoreIncapableError('it is longer than the limit'))
        : append(commit);
    const source = `${SOURCE}\n${large}\n${third}\n${SOURCE.replace('plan-1', 'plan-4')}`;
    await expect(file(INSPECTOR, source)).resolves.toMatchObject({
      records: [
        { id: 'plan-1', outcome: 'created' },
        { id: 'plan-2', title: 'Plan', outcome: 'refused', code: 'file-too-large' },
        { id: 'plan-3', outcome: 'refused', code: 'store-incapable', detail: 'it is longer than the limit' },
        { id: 'plan-4', outcome: 'created' },
      ],
    });
    for (const id of ['plan-2', 'plan-3']) expect(await parts.stream(id)).toEqual([]);
  });

  test('changes nothing for a record that is in it twice, and reports that', async () => {
    await expect(file(INSPECTOR, `${SOURCE}\n${SOURCE}\n`)).resolves.toMatchObject({
      records: [
        { line: 1, outcome: 'created' },
        { line: 6, outcome: 'unchanged', events: 0 },
      ],
    });
  });
});

describe('an issue', () => {
  test('is executed for permitted users, under the requesting viewer', async () => {
    const outcome = await issue(INSPECTOR, { recipients: ['avon', 'kent'] });
    expect(outcome.records.map(({ id }) => id)).toEqual(['r-1.avon', 'r-1.kent']);
    for (const { id } of outcome.records) {
      expect(await parts.stream(id)).toMatchObject([{ actor: { subject: 'a-inspector' } }]);
    }
    expect(await parts.refused()).toEqual([]);
  });

  test.each([
    ['another role', viewer('approver')],
    ['their own body', { ...INSPECTOR, organisations: ['avon'] }],
  ])('is refused for %s: it is recorded, and nothing is appended', async (_, who) => {
    const code = 'role-not-permitted';
    await expect(issue(who)).rejects.toMatchObject({ code });
    expect(await parts.stream('r-1')).toEqual([]);
    expect(await parts.refused()).toMatchObject([{ command: 'issue', code, record: null, by: who.subject }]);
  });

  test.each([[{ text: ' ' }], [{ id: { no: 'id' } }]])(
    'is refused for %j: a slip in a form is not recorded, and nothing is appended',
    async (more) => {
      await expect(issue(INSPECTOR, more)).rejects.toMatchObject({ code: 'invalid-payload' });
      expect(await parts.stream('r-1')).toEqual([]);
      expect(await parts.refused()).toEqual([]);
    },
  );

  test.each([[undefined], [null], ['text'], [7], [[]]])(
    'of no payload at all is refused: %j',
    async (body) => {
      await expect(
        attemptIssue(parts, commandContext(INSPECTOR), recommendation, body),
      ).rejects.toMatchObject({
        code: 'invalid-payload',
      });
      expect(await parts.refused()).toEqual([]);
    },
  );
});
