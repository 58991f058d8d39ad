import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseRegisterRecord } from './parse-register-record.ts';
import { isReference, isTimeLike } from './title.ts';
import { sliceRegisterFile, type RecordSlice } from './slice-register-file.ts';

const sample = readFileSync(new URL('../../../test/fixtures/730.txt', import.meta.url));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

function slicesOf(file: Uint8Array, most?: number): RecordSlice[] {
  const slicing = sliceRegisterFile(file, most);
  for (let step = slicing.next(); ; step = slicing.next()) if (step.done === true) return step.value;
}

const partsOf = (file: Uint8Array): Uint8Array[] =>
  slicesOf(file).map(({ start, end }) => file.subarray(start, end));
const trimmedParts = (file: Uint8Array): string[] =>
  partsOf(file).map((part) => Buffer.from(part).toString().trim());
const textsOf = (file: string): string[] =>
  partsOf(bytesOf(file)).map((part) => Buffer.from(part).toString());

function expectJoined(file: Uint8Array): RecordSlice[] {
  const slices = slicesOf(file);
  expect(slices.map(({ start }) => start)).toEqual([0, ...slices.slice(0, -1).map(({ end }) => end)]);
  expect(slices.at(-1)?.end).toBe(file.length);
  return slices;
}

const status = '[on]1st May 2016 [status]complete[/status][/on]';
const comment = (text: string): string => `[on]2nd May 2016 [comment]\n\n${text}\n\n[/comment][/on]`;
const record = (reference: string, history = status, text = 'Do it.'): string =>
  `Units (${reference})\n\n${text}\n\n${history}`;

/** Unique references in the forms that registers use. */
const FORMS =
  '730,12/2015,HMIC 12,Rec 12,2015-3,pgA,R4.1,AFI 3,iv,2015,Recommendation 4,13/2015,XI,HMIC 2016'.split(',');

describe('a file with several register records', () => {
  it('is divided where a title with a reference, text and a dated block follow each other', () => {
    const file = `${record('1')}\n${record('2', comment('Done.') + status)}\r\n\r\n${record('3')}\n`;
    expect(slicesOf(bytesOf(file)).map(({ at }) => at)).toEqual([
      { line: 1, column: 1 },
      { line: 6, column: 1 },
      { line: 16, column: 1 },
    ]);
    expect(textsOf(file)).toEqual([
      `${record('1')}\n`,
      `${record('2', comment('Done.') + status)}\r\n\r\n`,
      `${record('3')}\n`,
    ]);
  });

  it('is divided even if no line end separates two records', () => {
    expect(textsOf(record('1') + record('2'))).toEqual([record('1'), record('2')]);
    expect(slicesOf(bytesOf(record('1') + record('2')))[1]?.at).toEqual({
      line: 5,
      column: status.length + 1,
    });
    expect(textsOf(record('1') + '\ufeff' + record('2'))).toEqual([record('1'), `\ufeff${record('2')}`]);
  });

  it.each(['30 Nov 2025\nComplete', '30/11/2025\nComplete', '30/11/2025 Complete'])(
    'is divided without tags, before %j',
    (history) => {
      const [first, second] = ['1', '2'].map((reference) => record(reference, `${history}\n\n`));
      expect(textsOf(`${first}${second}`)).toEqual([first, second]);
    },
  );

  it.each([
    ['has no reference', `${record('1')}\nA note on it\n\nMore.\n\n${status}`],
    ['has no text under it, before a comment', `${record('1')}\nUnits (2)\n\n${comment('Done.')}`],
    ['has no text under it, and its own reference', `${record('1')}\nUnits (1)\n\n${status}`],
    ['has no text under it, and a year', `${record('1')}\nUpdated plan (2015)\n\n${status}`],
    ['has no block after it', `${record('1')}\nUnits (2)\n\nDo it.\n`],
    [
      'has a block without a date',
      `${record('1')}\nUnits (2)\n\nDo it.\n\n[on][status]complete[/status][/on]`,
    ],
    ['is in a comment', `${record('1')}${comment(`Units (2)\n\nDo it.\n\n${status}`)}`],
    ['is the end of a paragraph', `Units (1)\n\nDo as\nthe guide says (2)\nand report.\n\n${status}`],
    ['is prose before a block', `${record('1')}\nas in the plan (2015)\n\nMore.\n\n${status}`],
    ['names a page', `${record('1')}\nForces should report (see page 12)\n\nMore.\n\n${status}`],
    ['is the text of the first', `Units (1)\n\nFollow the plan (2015)\n\nMore.\n\n${status}`],
    ['refers to another form', `Units (1)\n\nFollow the report (HMIC 12)\n\nMore.\n\n${status}`],
    [
      'is in a comment without end',
      `${record('1', '[on]2nd May 2016 [comment]\n\nSee (HMIC 12)\n\nThe plan (2015)\n\nMore.\n\n[/on]')}${comment('Done.')}`,
    ],
    [
      'is in a comment without tags',
      `Units (1)\n\nDo it.\n\n1st May 2016\n\nPlan (2)\n\nMore.\n\n2nd May 2016\n\nDone.\n`,
    ],
    ['is a reference alone', `${record('1')}\n(2)\n\nDo it.\n\n${status}`],
  ])('is not divided at a line that %s', (_, file) => {
    expect(textsOf(file)).toEqual([file]);
  });

  it.each(['\nUnits (2)\n\nDo it.\n\n', '\nUnits (2)\nDo it.\n\n'])(
    'assigns a part with title and text but no history to the previous record: %j',
    (stray) => {
      const third = record('3').replace(')\n\n', ')\n');
      expect(textsOf(record('1') + stray + third)).toEqual([record('1') + stray, third]);
      const [first] = partsOf(bytesOf(record('1') + stray + third)).map((part) => parseRegisterRecord(part));
      expect(first?.anomalies).toEqual([expect.objectContaining({ code: 'stray-text', line: 6 })]);
    },
  );

  it("is divided at a title without text too: its status is no other record's", () => {
    for (const title of ['Units (2)', 'Units (HMIC 12)'])
      expect(textsOf(`${record('1')}\n${title}\n\n${status}\n${record('3')}`)).toEqual([
        `${record('1')}\n`,
        `${title}\n\n${status}\n`,
        record('3'),
      ]);
  });

  it('is not divided in the text of a later record', () => {
    const second = record(
      '2',
      status,
      'Follow the plan (2015)\n\nThe report has more (see page 12)\n\nDo it.',
    );
    expect(textsOf(`${record('1')}\n${second}`)).toEqual([`${record('1')}\n`, second]);
  });

  it.each([
    '1st May 2016 complete',
    '1st May 2016\ncomplete',
    '1st May 2016\n\nDone.\n\n2nd May 2016: complete',
  ])('is divided where histories have no tags: %j', (history) => {
    const records = FORMS.map((form) => record(form, `${history}\n\n`));
    expect(textsOf(records.join(''))).toEqual(records);
  });

  it('is divided after a record whose last comment or block has no end', () => {
    for (const cut of [/\[\/comment\]\[\/on\]$/, /\[\/on\]$/, /e\.\n\n\[\/comment\]\[\/on\]$/]) {
      const first = record('1', status + comment('Done.')).replace(cut, '');
      expect(textsOf(`${first}\n${record('2')}`)).toEqual([`${first}\n`, record('2')]);
    }
  });

  it('is divided no further than requested', () => {
    const file = ['1', '2', '3', '4'].map((reference) => record(reference)).join('\n');
    expect(slicesOf(bytesOf(file), 2)).toHaveLength(3);
    expect(slicesOf(bytesOf(file), 4)).toHaveLength(4);
  });

  it('keeps every byte, and finds each record as if it were the only one', () => {
    const words = fc.constantFrom(
      'Do it',
      'report (soon)',
      'By 30 June 2016',
      '•',
      'é',
      '😀',
      '\n\n',
      '\r\n',
      '\n\nThe plan (2014/15)\n\n',
      '\n\nMore (see page 12)\n\n',
    );
    const texts = fc
      .array(words, { minLength: 1, maxLength: 6 })
      .map((all) => `Every force should ${all.join(' ')}.`);
    const entries = fc.array(fc.oneof(fc.constant(status), texts.map(comment)), {
      minLength: 1,
      maxLength: 4,
    });
    const generated = fc.tuple(texts, entries).map(([text, blocks]) => record('REF', blocks.join(''), text));
    const sources = fc.oneof(fc.constant(sample.toString().replace('(730)', '(REF)')), generated);
    fc.assert(
      fc.property(
        fc.array(sources, { minLength: 1, maxLength: 8 }),
        fc.shuffledSubarray(FORMS, { minLength: 8 }),
        fc.constantFrom('', '\n', '\n\n', '\r\n', ' \n\ufeff'),
        fc.boolean(),
        (each, forms, between, hasBom) => {
          const records = each.map((source, index) => source.replace('(REF)', `(${forms[index]})`));
          const file = bytesOf((hasBom ? '\ufeff' : '') + records.join(between));
          expectJoined(file);
          const found = partsOf(file).map((part) => parseRegisterRecord(part));
          const alone = records.map((source) => parseRegisterRecord(bytesOf(source)));
          expect(found.map(saidBy)).toEqual(alone.map(saidBy));
        },
      ),
    );
  });

  it('that is cut anywhere keeps every byte, each complete record, and the record after the cut', () => {
    const first = ['730', 'HMIC 12', '13/2015'];
    const sampleOf = (form: string) =>
      sample.toString().replace('(730)', `(${form})`).replace('[on]', 'The plan (2014/15)\n\nMore.\n\n[on]');
    const file = Buffer.from(first.map(sampleOf).join('\n'));
    const ends = slicesOf(file).map(({ end }) => end);
    expect(ends).toHaveLength(first.length);
    fc.assert(
      fc.property(
        fc.nat(file.length),
        fc.constantFrom(...FORMS.filter((form) => !first.includes(form))),
        fc.constantFrom('', '\n\n'),
        (cut, form, between) => {
          const whole = ends.filter((end) => end <= cut).length;
          const begun = expectJoined(file.subarray(0, cut)).length;
          expect([whole, whole + 1]).toContain(begun);
          const joined = Buffer.concat([file.subarray(0, cut), bytesOf(between + sampleOf(form))]);
          expectJoined(joined);
          if (between === '' && begun > whole) return;
          const parts = trimmedParts(joined);
          for (const [index, part] of trimmedParts(file).slice(0, whole).entries()) {
            expect(parts[index]?.startsWith(part)).toBe(true);
          }
          // In a text, a year can be part of a plan. In the text of the first record, other forms refer to other records.
          const isInText = !/\]\s*$|\[comment\](?!.*\[\/comment\])/s.test(
            file.subarray(ends[whole - 1] ?? 0, cut).toString(),
          );
          if (isInText && (isTimeLike(form) || (whole === 0 && !isReference(form)))) return;
          if (between !== '') expect(parts.at(-1)).toBe(sampleOf(form).trim());
        },
      ),
    );
  });
});

/** Returns the content of a record, independent of its place in a file. */
const saidBy = ({ title, reference, text, entries, anomalies }: ReturnType<typeof parseRegisterRecord>) => ({
  title,
  reference,
  text,
  entries: entries.map(({ line: _, column: __, ...entry }) => entry),
  anomalies: anomalies.map(({ code, detail }) => `${code} ${detail}`),
});
