import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPlainDate } from '../../lifecycle/src/plain-date.ts';
import { findDeadlines } from './find-deadlines.ts';
import { PROPOSAL_RULES } from './found-deadline.ts';

const publishedOn = '2015-11-30';

test('in record 730 it is the day named, with the span of its words', () => {
  const record = readFileSync('test/fixtures/730.txt', 'utf8');
  const text = record.slice(record.indexOf('\n\n') + 2, record.indexOf('\n\n[on]'));
  expect(findDeadlines(text, { publishedOn })).toEqual([
    { span: { from: 0, to: 15 }, kind: 'exact', dueOn: '2016-06-30' },
  ]);
});

describe('spans', () => {
  test.each([
    ['count in UTF-16 code units of the text as given', '\u{1F6A8}\u{1F6A8} By 30 June 2016', 5, 20],
    ['pass over white space of every kind', 'By\r\n\t30\u00a0 June\u2009\u200b2016, act.', 0, 19],
    ['leave out white space around', '\n\n  by 30 June 2016  \n', 4, 19],
    ['keep to words with letters that change their length in lower case', 'İİ: by 30 June 2016', 4, 19],
  ])('%s', (_, text, from, to) => {
    expect(findDeadlines(text, { publishedOn })).toEqual([
      { span: { from, to }, kind: 'exact', dueOn: '2016-06-30' },
    ]);
  });

  test('do not reach over an empty line', () => {
    expect(findDeadlines('To be agreed by\n\n30 June 2016 was a Thursday.', { publishedOn })).toEqual([]);
  });
});

describe('working days', () => {
  const text = 'Reply within 3 working days.';
  const suggested = (on: string, holidays?: 'scotland' | 'england-and-wales'): unknown =>
    findDeadlines(text, { publishedOn: on, ...(holidays && { holidays }) }).map((found) =>
      found.kind === 'proposed' ? [found.suggestedOn, found.rule] : [],
    );

  test("leave out England and Wales' bank holidays where no region is given", () => {
    expect(suggested('2016-03-24')).toEqual([['2016-03-31', 'after-publication']]);
    expect(suggested('2016-03-24', 'england-and-wales')).toEqual(suggested('2016-03-24'));
    expect(suggested('2016-03-24', 'scotland')).toEqual([['2016-03-30', 'after-publication']]);
  });

  test('say by their rule that bank holidays are not known', () => {
    expect(suggested('2028-12-28')).toEqual([['2029-01-02', 'weekdays-only']]);
    expect(suggested('2011-12-22')).toEqual([['2011-12-27', 'weekdays-only']]);
  });
});

test.each(['', '2016-02-30', '30/06/2016'])('a publication on %j is an error that names it', (on) => {
  expect(() => findDeadlines('By 30 June 2016', { publishedOn: on })).toThrow(
    new RangeError(`publishedOn is no plain date: ${on}`),
  );
});

describe('texts that would take long, if the time grew faster than the text', () => {
  const SIZE = 50_000;
  test.each([
    '1',
    ' ',
    '\n',
    'by ',
    'by 1 ',
    'by the end of ',
    'end ',
    'by the end end ',
    'within a ',
    'within a period of ',
    'within twenty ',
    'should ',
    'had ',
    '(',
    '. ',
    'a',
    '1/1/',
    '1-',
    'at the latest ',
    '1 at the latest ',
    'not ',
    'deadline for a ',
    'as soon as ',
    'first ',
    'Monday ',
    '\u200b',
    '\u{1F6A8}',
  ])('%j again and again is read to its end', (part) => {
    const text = part.repeat(SIZE / part.length);
    const found = findDeadlines(`${text}. By 30 June 2016 all forces should report.`, { publishedOn });
    expect(found.at(-1)).toMatchObject({ kind: 'exact', dueOn: '2016-06-30' });
  });

  test.each(['immediately, ', 'by 30 June 2016, ', 'within six months, ', '30 June 2016 at the latest, '])(
    '%j again and again is found each time',
    (part) => {
      const times = Math.floor(SIZE / part.length);
      expect(findDeadlines(part.repeat(times), { publishedOn })).toHaveLength(times);
    },
  );
});

describe('in any text', () => {
  const words = fc.constantFrom(
    ...(
      'by before within the end of no later than in next 30 31 June February 2016 2017/18 six months days working ' +
      'publication immediately as soon possible at latest should had was . , ; \n\n \u00a0 – Q3 summer early 06/30/2016'
    ).split(/(?<!\n) /),
  );
  const phrases = fc.constantFrom(
    'by 30 June 2016',
    'before 1/4/2017',
    'at the latest',
    '30 June 2016 at the latest',
    'within six months of publication',
    'within 28 days of',
    'and',
    'in any event',
    'immediately',
    'should not',
    'the force had',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(fc.oneof(words, phrases), { maxLength: 40 }).map((list) => list.join(' ')),
  );
  const anyDay = fc
    .date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

  test('spans lie in it, in order and apart, and dates are plain dates by rules that are named', () => {
    fc.assert(
      fc.property(text, anyDay, (any, on) => {
        const found = findDeadlines(any, { publishedOn: on });
        let last = 0;
        for (const deadline of found) {
          expect(deadline.span.from).toBeGreaterThanOrEqual(last);
          expect(deadline.span.to).toBeGreaterThan(deadline.span.from);
          last = deadline.span.to;
          if (deadline.kind === 'exact') expect(isPlainDate(deadline.dueOn)).toBe(true);
          else {
            expect(isPlainDate(deadline.suggestedOn)).toBe(true);
            expect(PROPOSAL_RULES).toHaveProperty([deadline.rule]);
          }
        }
        expect(last).toBeLessThanOrEqual(any.length);
      }),
      { numRuns: 2000 },
    );
  });

  test('the same is found again, whatever was read in between', () => {
    fc.assert(
      fc.property(text, text, anyDay, (any, other, on) => {
        const first = findDeadlines(any, { publishedOn: on });
        findDeadlines(other, { publishedOn });
        expect(findDeadlines(any, { publishedOn: on })).toEqual(first);
      }),
      { numRuns: 500 },
    );
  });

  test('a day named at the start of a sentence is found where it stands', () => {
    const MONTHS = [
      'January',
      'February',
      'March',
      'April',
      'May',
      'June',
      'July',
      'August',
      'September',
      'October',
      'November',
      'December',
    ];
    const day = fc
      .date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString().slice(0, 10));
    fc.assert(
      fc.property(text, day, anyDay, (any, dueOn, on) => {
        const [year, month, dayOf] = dueOn.split('-').map(Number);
        const deadline = `By ${dayOf} ${MONTHS[month! - 1]} ${year}`;
        const before = `${any}. `;
        const found = findDeadlines(`${before}${deadline}, every force should report. ${any}`, {
          publishedOn: on,
        });
        const span = { from: before.length, to: before.length + deadline.length };
        expect(found).toContainEqual({ span, kind: 'exact', dueOn });
      }),
      { numRuns: 1000 },
    );
  });
});
