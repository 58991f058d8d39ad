import type { CommandRefusedError } from '#lifecycle/refused';
import { readFileSync } from 'node:fs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  bytes,
  commentBlock,
  DAY_MS,
  file,
  NOW,
  RegisterImports,
  short,
  statusBlock,
  TODAY,
} from '#test/support/register-imports';
import { withoutReplaced } from '#state-machines/capabilities/comments';
import { verifyStore } from '../log/verify-store.ts';
import { memberValue } from '#state-machines/inspection-recommendation/v1/line-members';
import { lifecycles } from '#state-machines/lifecycles';

const sample = readFileSync(new URL('../../../../test/fixtures/730.txt', import.meta.url));

let imports: RegisterImports;
beforeEach(() => {
  imports = new RegisterImports();
});

const first = statusBlock('1st May 2016', 'awaiting-review');

/** Returns the record's current history, with completed and corrected comments. */
const currentEntries = async (id = '7') =>
  withoutReplaced(await imports.stream(id))
    .filter(
      ({ type, origin }) =>
        origin !== 'sweep' && !['RegisterRecordImported', 'TextAmended', 'DeadlineSet'].includes(type),
    )
    .map(short);

const sameAgain = async (source: string | Uint8Array, more = {}) => {
  expect(await imports.nothingAppendedBy(() => imports.importFile(source, more))).toMatchObject({
    outcome: 'unchanged',
    events: 0,
  });
};

describe('a date that lies ahead', () => {
  const slip = statusBlock('1st October 2062', 'complete');
  const source = file(first, commentBlock('2nd May 2016', 'A comment.'), slip);

  test('given a status, a comment and an unknown status, then each is effective on the day of the import, and keeps its day', async () => {
    const ahead = [
      slip,
      commentBlock('2nd October 2062', 'Ahead.'),
      statusBlock('3rd October 2062', 'paused'),
    ];
    const { anomalies } = await imports.importFile(file(first, ...ahead));

    const events = (await imports.stream()).slice(1, -1);
    expect(events.map((event) => [short(event), memberValue(event, 'statedOn')])).toEqual([
      [`${TODAY} RecommendationCompleted`, '2062-10-01'],
      [`${TODAY} CommentAdded Ahead.`, '2062-10-02'],
      [`${TODAY} UnknownStatusRecorded paused`, '2062-10-03'],
    ]);
    expect(anomalies.filter(({ code }) => code === 'future-date').map(({ detail }) => detail)).toEqual([
      '"1st October 2062" is after the day of the import',
      '"2nd October 2062" is after the day of the import',
      '"3rd October 2062" is after the day of the import',
    ]);
  });

  test('given no other date, then the issue is on the day of the import as well', async () => {
    await imports.importFile(file(statusBlock('1st October 2062', 'awaiting-review')));

    expect((await imports.stream())[0]).toMatchObject({
      effectiveOn: TODAY,
      data: { statusOn: '2062-10-01', statedOn: '2062-10-01' },
    });
    await sameAgain(`${file(statusBlock('1st October 2062', 'awaiting-review'))}\n`);
  });

  test.each([
    ['on the same day', NOW],
    ['on another day', NOW + 40 * DAY_MS],
    ['when the day has passed', Date.parse('2062-12-01T12:00:00Z')],
  ])('given the file again %s, or its export, then nothing changes', async (_, now) => {
    await imports.importFile(source);

    await sameAgain(source, { now });
    await sameAgain(`${source}\n`, { now });
    await sameAgain(await imports.exported(), { now });
  });

  test('given more history, before that day or after it, then it is appended', async () => {
    await imports.importFile(source);
    const more = commentBlock('1st January 2027', 'Later.');
    const now = Date.parse('2027-02-01T12:00:00Z');

    const longer = file(first, commentBlock('2nd May 2016', 'A comment.'), slip, more);
    expect(await imports.importFile(longer, { now })).toMatchObject({ outcome: 'appended', events: 2 });

    expect((await imports.history()).at(-1)).toBe('2027-01-01 CommentAdded Later.');
    await sameAgain(longer, { now });
    await sameAgain(source, { now });
    expect(Buffer.from(await imports.exported()).toString()).toBe(longer);
  });

  test('given twice, with an earlier day between, then the shorter file changes nothing, and another entry differs', async () => {
    const ahead = commentBlock('3rd May 2062', 'One two.');
    const shorter = file(ahead);
    await imports.importFile(shorter);
    await imports.importFile(file(ahead, first, ahead));

    await sameAgain(shorter);
    const other = file(ahead, first, commentBlock('3rd May 2062', 'Three.'));
    expect(await imports.refusalOf(() => imports.importFile(other))).toMatchObject({
      code: 'history-differs',
    });
  });
});

describe('a comment that the end of the file cut', () => {
  const cut = file(first, '[on]2nd May 2016 [comment]\n\nWork has be');
  const whole = file(first, commentBlock('2nd May 2016', 'Work has begun.'));

  test('given a longer file, then the comment is completed at its place, and only that', async () => {
    const { anomalies } = await imports.importFile(cut);
    expect(anomalies.map(({ code }) => code)).toEqual(['unclosed-tag']);
    const before = await imports.stream();

    const more = `${whole}${commentBlock('3rd May 2016', 'More.')}`;
    expect(await imports.importFile(more)).toMatchObject({ outcome: 'appended', events: 3 });

    const events = (await imports.stream()).slice(before.length);
    expect(events[0]).toMatchObject({
      type: 'CommentAdded',
      origin: 'import',
      effectiveOn: '2016-05-02',
      data: { text: 'Work has begun.', visibility: 'public', completes: before[1]!.eventId },
    });
    expect(await currentEntries()).toEqual([
      '2016-05-01 RecommendationIssued Do it.',
      '2016-05-02 CommentAdded Work has begun.',
      '2016-05-03 CommentAdded More.',
    ]);
    for (const again of [more, whole, cut, `${more}\n`]) await sameAgain(again);
    expect(Buffer.from(await imports.exported()).toString()).toBe(more);
    expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({ ok: true });
  });

  test('given a copy that is cut later, then each completes the one before', async () => {
    await imports.importFile(cut);
    const longer = whole.slice(0, whole.indexOf('gun.') + 2);
    await imports.importFile(longer);
    await imports.importFile(whole);

    expect(await currentEntries()).toEqual([
      '2016-05-01 RecommendationIssued Do it.',
      '2016-05-02 CommentAdded Work has begun.',
    ]);
    const [, one, , two, , three] = await imports.stream();
    expect([memberValue(two!, 'completes'), memberValue(three!, 'completes')]).toEqual([
      one!.eventId,
      two!.eventId,
    ]);
    for (const again of [cut, longer, whole]) await sameAgain(again);
  });

  test('given that its day lies ahead, then the whole one has that day as well', async () => {
    await imports.importFile(cut.replace('2nd May 2016', '2nd May 2062'));
    const later = whole.replace('2nd May 2016', '2nd May 2062');
    await imports.importFile(later, { now: NOW + DAY_MS });

    expect((await imports.stream()).at(-2)).toMatchObject({
      effectiveOn: TODAY,
      data: { statedOn: '2062-05-02' },
    });
    await sameAgain(`${later}\n`);
  });

  test('given another text at its place, then history differs', async () => {
    await imports.importFile(cut);

    expect(await imports.refusalOf(() => imports.importFile(whole.replace('Work', 'Word')))).toMatchObject({
      code: 'history-differs',
    });
  });
});

describe('a file that was cut anywhere in its history', () => {
  const end = sample.length;
  const start = sample.indexOf('[on]');

  test('is followed by the whole one, with the result of the whole one alone', async () => {
    await imports.importFile(sample);
    const alone = (await currentEntries('730')).join('\n');
    const firstEnd = sample.indexOf('[/status]');
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: start, max: end - 1 }), async (cut) => {
        imports = new RegisterImports();
        await imports.importFile(sample.subarray(0, cut));
        const { outcome } = await imports.importFile(sample);

        // A file has no date before its first entry.
        if (cut >= firstEnd) expect((await currentEntries('730')).join('\n') === alone).toBe(true);
        const kept = outcome === 'unchanged' ? sample.subarray(0, cut) : sample;
        expect(Buffer.compare(await imports.exported('730'), kept)).toBe(0);
        expect((await imports.stream('730')).filter(({ type }) => type === 'UnknownStatusRecorded')).toEqual(
          [],
        );
        await sameAgain(sample.subarray(0, cut));
        await sameAgain(sample);
      }),
      { numRuns: 200, examples: Array.from({ length: 140 }, (_, at) => [start + at]) },
    );
  });

  test('is returned byte for byte, whatever its content', async () => {
    const text = fc.constantFrom(
      'One two.',
      'Zo\u00eb \ud83d\ude00 said [on] so',
      'a\n\nb',
      '[/on] [status]x[/status]',
    );
    const day = fc.constantFrom('1st May 2016', '2nd May 2016', '3rd May 2062');
    const block = fc.oneof(
      fc.tuple(day, text).map(([on, said]) => commentBlock(on, said)),
      fc
        .tuple(day, fc.constantFrom('being-progressed', 'complete'))
        .map(([on, said]) => statusBlock(on, said)),
    );
    const copies = fc
      .tuple(
        fc.array(block, { minLength: 1, maxLength: 4 }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
      )
      .map(([blocks, cuts]) => {
        const whole = bytes(file(...blocks));
        const from = whole.length - bytes(blocks.join('')).length;
        const lengths = cuts
          .map((part) => from + Math.floor(part * (whole.length - from)))
          .sort((a, b) => a - b);
        return [...lengths.map((length) => whole.subarray(0, length)), whole];
      });
    await fc.assert(
      fc.asyncProperty(copies, async (sources) => {
        imports = new RegisterImports();
        const seen: Uint8Array[] = [];
        for (const source of sources) {
          const outcome = await imports.importFile(source).catch((error: unknown) => error);
          // A cut can change the history after it. Then the import is refused and nothing is lost.
          if (outcome instanceof Error) {
            expect(['history-differs', 'not-a-register-record']).toContain(
              (outcome as CommandRefusedError).code,
            );
            continue;
          }
          seen.push(source);
          if ((outcome as { outcome: string }).outcome !== 'unchanged') {
            expect(Buffer.compare(await imports.exported(), source)).toBe(0);
          }
        }
        for (const source of seen) await sameAgain(source);
        expect((await imports.stream()).every(({ effectiveOn }) => effectiveOn <= TODAY)).toBe(true);
        expect(await verifyStore(imports.store, lifecycles, [])).toMatchObject({ ok: true });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a file that differs', () => {
  const known = file(first, commentBlock('2nd May 2016', 'A comment.'));

  test('in its recipient names the recipient to import it with', async () => {
    await imports.importFile(known, { recipient: 'avon' });
    const refusal = await imports.refusalOf(() => imports.importFile(known, { recipient: 'kent' }));
    expect(refusal).toMatchObject({ code: 'history-differs' });
    expect(refusal.message).toMatch(/Import the file without a recipient; .*--id \(id=\)/);
  });

  test('in its size is said to be larger than a record, not how large', async () => {
    const refusal = await imports.refusalOf(() => imports.importFile('x'.repeat(524_289)));
    expect(refusal).toMatchObject({ code: 'file-too-large' });
    expect(refusal.message).toContain('more than 524288 bytes');
    expect(refusal.message).not.toContain('524289');
  });
});
