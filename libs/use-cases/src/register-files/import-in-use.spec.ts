import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  comment,
  commentBlock,
  file,
  INSPECTOR,
  RegisterImports,
  statusBlock,
  TODAY,
} from '#test/support/register-imports';
import type { DecidedEvent } from '#lifecycle/decide';
import { CommandRefusedError } from '#lifecycle/refused';

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

const first = statusBlock('1st May 2016', 'awaiting-review');
const second = commentBlock('2nd May 2016', 'Work has begun.');
const closing = statusBlock('24th November 2026', 'complete');

const nothingBy = (source: string | Uint8Array, more = {}) =>
  imports.nothingAppendedBy(() => imports.importFile(source, more));

const unchanged = { outcome: 'unchanged', events: 0, differences: [] };

describe('a record on which a person has used a command', () => {
  test.each<[string, DecidedEvent]>([
    ['a move', { type: 'ProgressStarted', data: {} }],
    ['a comment', comment('A comment of an inspector.')],
    ['an owner', { type: 'OwnerAssigned', data: { owner: 'ann' } }],
    ['a recipient', { type: 'RecipientAssigned', data: { recipient: 'avon' } }],
    ['a request', { type: 'ClosureRequested', data: { statement: 'Done.' } }],
  ])(
    'given %s, when a file has more, then the differences are returned, and nothing is appended',
    async (_, done) => {
      await imports.importFile(file(first, second));
      await imports.live(done);
      const longer = file(first, second, commentBlock('3rd May 2016', 'More.'), closing);

      for (const more of [{}, { dryRun: true }, { actor: INSPECTOR }]) {
        expect(await nothingBy(longer, more)).toMatchObject({
          id: '7',
          outcome: 'differs',
          events: 0,
          version: 4,
          position: '4',
          differences: [
            { line: 9, what: 'comment', detail: 'a comment of 2016-05-03' },
            { line: 13, what: 'status', detail: 'status complete of 2026-11-24' },
          ],
        });
      }
    },
  );

  test.each([
    ['another title', file(first).replace('Units', 'Bodies'), 'title'],
    ['another reference', file(first).replace('(7)', '(8)'), 'title'],
    ['another text', file(first).replace('Do it.', 'Do that.'), 'text'],
    ['another status', file(statusBlock('1st May 2016', 'paused')), 'status'],
  ])('given a file with %s, then that is the difference', async (_, source, what) => {
    await imports.importFile(file(first));
    await imports.live(comment('A comment.'));
    const found = await nothingBy(source, { id: '7' });
    expect(found).toMatchObject({ outcome: 'differs', differences: [{ what }] });
    expect(JSON.stringify(found)).not.toMatch(/Bodies|Do that/);
  });

  test('given the same file, less of it, or its export, then nothing differs', async () => {
    const source = file(first, second);
    await imports.importFile(source);
    await imports.live(comment('A comment.'), { type: 'ProgressStarted', data: {} });
    for (const again of [source, `${source}\n`, file(first), file(), await imports.exported()])
      expect(await nothingBy(again)).toMatchObject(unchanged);
  });

  test('given a text that was amended in Docket, then neither the old one nor the new one differs', async () => {
    await imports.importFile(file(first));
    await imports.live({ type: 'TextAmended', data: { text: 'Do that.', reason: 'A slip.' } });
    for (const text of ['Do it.', 'Do that.'])
      expect(await nothingBy(file(first).replace('Do it.', text))).toMatchObject(unchanged);
  });

  test('given a redacted comment, then the file that still has it does not differ, and its text is not kept', async () => {
    await imports.importFile(file(first, second));
    await imports.redactComment('Work has begun.');
    for (const again of [file(first, second), await imports.exported()])
      expect(await nothingBy(again)).toMatchObject(unchanged);
    expect(JSON.stringify(await imports.stream())).not.toContain('begun');
    expect(await nothingBy(file(first, second, second))).toMatchObject({ outcome: 'differs' });
  });

  test('given more than 200 differences, then the last one counts the others', async () => {
    await imports.importFile(file(first));
    await imports.live(comment('A comment.'));
    const found = (await nothingBy(file(first, second.repeat(300)))) as { differences: object[] };
    expect(found.differences).toHaveLength(201);
    expect(found.differences.at(-1)).toMatchObject({ detail: '100 more from here on' });
  });

  test.each([['avon'], [null]])(
    'given the recipient %s, when a file comes for another, then that is the difference',
    async (recipient) => {
      await imports.importFile(file(first), { recipient });
      await imports.live(comment('A comment.'));
      for (const dryRun of [true, false])
        expect(await nothingBy(file(first, second), { recipient: 'kent', dryRun })).toMatchObject({
          outcome: 'differs',
          differences: [
            { line: 1, column: 1, what: 'recipient', detail: 'the recipient kent' },
            { what: 'comment' },
          ],
        });
      expect(await nothingBy(file(first), { recipient })).toMatchObject(unchanged);
    },
  );

  test('given a person of its body, then the import is refused', async () => {
    await imports.importFile(file(first), { recipient: 'avon' });
    await imports.live(comment('A comment.'));
    const own = { actor: INSPECTOR, organisations: ['avon'] };
    expect(await imports.refusalOf(() => imports.importFile(file(first), own))).toMatchObject({
      code: 'role-not-permitted',
    });
  });

  test('given any history and any file, then nothing is appended, and an export is known again', async () => {
    const said = fc.constantFrom('one', 'two');
    const day = fc.constantFrom('2nd May 2016', '24th November 2026');
    const blocks = fc.array(fc.tuple(day, said), { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(
        blocks,
        blocks,
        fc.array(said, { minLength: 1, maxLength: 3 }),
        async (one, other, own) => {
          imports = new RegisterImports();
          const source = (entries: readonly (readonly [string, string])[]) =>
            file(first, ...entries.map(([on, text]) => commentBlock(on, text)));
          await imports.importFile(source(one));
          for (const text of own) await imports.live(comment(text));
          const unknown = other.filter(([on, text]) => {
            const at = one.findIndex((each) => each[0] === on && each[1] === text);
            if (at >= 0) one.splice(at, 1);
            const place = at < 0 && on === '24th November 2026' ? own.indexOf(text) : -1;
            if (place >= 0) own.splice(place, 1);
            return at < 0 && place < 0;
          });
          expect(await nothingBy(await imports.exported())).toMatchObject(unchanged);
          expect(await nothingBy(source(other))).toMatchObject({
            outcome: unknown.length > 0 ? 'differs' : 'unchanged',
            differences: unknown.map(() => ({ what: 'comment' })),
          });
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('a record with imports and sweeps only', () => {
  test('takes more history', async () => {
    await imports.importFile(file(first));
    expect(await imports.importFile(file(first, closing))).toMatchObject({ outcome: 'appended', events: 2 });
    expect((await imports.history()).at(-1)).toBe(`${TODAY} RecommendationCompleted`);
  });
});

describe("the record of one's own body", () => {
  test('given an inspector of the body, then nothing is imported to it, new or known', async () => {
    const own = { actor: INSPECTOR, organisations: ['kent', 'avon'], recipient: 'avon' };
    const refused = { kind: 'role', code: 'role-not-permitted' };
    expect(await imports.refusalOf(() => imports.importFile(file(first), own))).toMatchObject(refused);
    await imports.importFile(file(first), { recipient: 'avon' });
    expect(await imports.refusalOf(() => imports.importFile(file(first, closing), own))).toMatchObject(
      refused,
    );
    const other = { actor: INSPECTOR, organisations: ['kent'] };
    expect(await imports.importFile(file(first, closing), other)).toMatchObject({ outcome: 'appended' });
  });

  test('given a record without a recipient, then a person with an organisation cannot close or reopen it by a file', async () => {
    const own = { actor: INSPECTOR, organisations: ['kent'] };
    const ended = statusBlock('2nd May 2016', 'complete');
    const reopened = statusBlock('3rd May 2016', 'being-progressed');
    const refused = { kind: 'people', code: 'own-body-decides' };
    expect(await imports.refusalOf(() => imports.importFile(file(first, ended), own))).toMatchObject(refused);
    await imports.importFile(file(first), own);
    for (const more of [own, { ...own, dryRun: true }])
      expect(await imports.refusalOf(() => imports.importFile(file(first, ended), more))).toMatchObject(
        refused,
      );
    await imports.importFile(file(first, ended), { ...own, bodies: [] });
    expect(
      await imports.refusalOf(() => imports.importFile(file(first, ended, reopened), own)),
    ).toMatchObject(refused);
  });
});

describe('a file that is not a register record', () => {
  test.each<[string, string, string]>([
    ['bytes of zero', `Units (7)\n\nA\0B\n\n${first}`, 'NUL bytes'],
    ['neither reference nor history', 'Units\n\nDo it.\n', 'reference'],
    ['nothing at all', '', 'reference'],
  ])('given %s, then it is refused', async (_, source, why) => {
    for (const more of [{}, { dryRun: true }, { id: 'given-1' }]) {
      const refusal = await imports.refusalOf(() => imports.importFile(source, more));
      expect(refusal).toMatchObject({ kind: 'rule', code: 'not-a-register-record' });
      expect(refusal.message).toContain(why);
    }
  });

  test.each([first, '1st May 2016 awaiting-review\n'])(
    'given a second record whose title has no reference, after %j, then its status closes no other record',
    async (start) => {
      const ended = start.replace('1st', '2nd').replace('awaiting-review', 'complete');
      const source = `Custody (12/2015)\n\nDo it.\n\n${start}\nCells\n\nDo that.\n\n${ended}\n`;
      const refusal = await imports.refusalOf(() =>
        imports.importFile(source, { at: { line: 101, column: 1 } }),
      );
      const line = 100 + source.slice(0, source.indexOf('Cells')).split('\n').length;
      expect(refusal).toBeInstanceOf(CommandRefusedError);
      expect(refusal).toMatchObject({ kind: 'rule', code: 'not-a-register-record' });
      expect(refusal.message).toContain(`At line ${line} `);
    },
  );

  test('given stray text that no status follows, a reference alone, or a history alone, then it is accepted', async () => {
    const stray = file(first, '\nCells\n\nDo that.\n\n', commentBlock('3rd May 2016', 'A comment.'));
    expect(await imports.importFile(stray)).toMatchObject({ outcome: 'created' });
    expect(await imports.importFile('Units (8)')).toMatchObject({ id: '8', outcome: 'created' });
    expect(await imports.importFile(`Units\n\n${first}`)).toMatchObject({ outcome: 'created' });
  });

  test('given a file of problems, then answer and event keep 200, and the number of the others', async () => {
    const source = Buffer.from(`Units (7)\n\n${'a\xff'.repeat(250_000)}`, 'latin1');
    const outcome = await imports.importFile(source);
    expect(outcome.anomalies).toHaveLength(200);
    expect(outcome.moreAnomalies).toBe(250_001 - 200);
    const note = (await imports.stream(outcome.id)).at(-1)!;
    expect(note.data).toMatchObject({ anomalies: outcome.anomalies, moreAnomalies: outcome.moreAnomalies });
  });
});
