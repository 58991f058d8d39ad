import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { isPlainDate } from '#lifecycle/plain-date';
import { findDeadlines, FOUND_MAX, JUDGED_MAX, SEARCHED_MAX } from './find-deadlines.ts';

const publishedOn = '2015-11-30';

test('in record 730, the deadline is the named day, with the span of its words', () => {
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

  test('do not extend across an empty line', () => {
    expect(findDeadlines('To be agreed by\n\n30 June 2016 was a Thursday.', { publishedOn })).toEqual([]);
  });
});

describe('working days', () => {
  const text = 'Reply within 3 working days.';
  const suggested = (on: string): unknown =>
    findDeadlines(text, { publishedOn: on }).map((found) =>
      found.kind === 'proposed' ? [found.suggestedOn, found.rule] : [],
    );

  test('leave out bank holidays', () => {
    expect(suggested('2016-03-24')).toEqual([['2016-03-31', 'after-publication']]);
  });

  test('state in their rule that bank holidays are unknown', () => {
    expect(suggested('2028-12-28')).toEqual([['2029-01-02', 'weekdays-only']]);
    expect(suggested('2011-12-22')).toEqual([['2011-12-27', 'weekdays-only']]);
  });
});

test.each(['', '2016-02-30', '30/06/2016'])('a publication on %j is an error that names it', (on) => {
  expect(() => findDeadlines('By 30 June 2016', { publishedOn: on })).toThrow(
    new RangeError(`publishedOn is not a plain date: ${on}`),
  );
});

describe('publication', () => {
  test('precedes every exact day; an earlier one is proposed on request, and otherwise ignored', () => {
    const sentence = 'The board should publish its plan by 29 November 2015.';
    expect(findDeadlines(sentence, { publishedOn })).toMatchObject([
      { kind: 'proposed', suggestedOn: '2015-11-29', rule: 'before-publication' },
    ]);
    expect(findDeadlines(sentence, { publishedOn: '2015-11-29' })).toMatchObject([{ kind: 'exact' }]);
    expect(findDeadlines('The board published its plan by 29 November 2015.', { publishedOn })).toEqual([]);
  });

  test.each([
    'by October 2015',
    'by the end of October 2015',
    'by 2014',
    'by Q3 2015',
    'by summer 2015',
    'before 2014/15',
    'by early 2014',
    'by the start of October 2015',
  ])('that is after the whole period removes the deadline: %s', (when) => {
    const text = `The board should publish its plan ${when}.`;
    expect(findDeadlines(text, { publishedOn })).toEqual([]);
    expect(findDeadlines(text, { publishedOn: '2013-01-01' })).toHaveLength(1);
  });

  test('that is not known leaves relative words without a date, and proposes the days named', () => {
    const texts = [
      'Within six months, act.',
      'Act by 31 March.',
      'Act by the end of the year.',
      'Act urgently.',
      'Act within 10 working days.',
      'Act within 28 days of 31 January 2017.',
      'Act by June 2016.',
      'Act by 30 June 2016.',
    ];
    expect(texts.flatMap((text) => findDeadlines(text, { publishedOn: null }))).toMatchObject([
      { suggestedOn: null, rule: 'after-publication' },
      { suggestedOn: null, rule: 'year-not-stated' },
      { suggestedOn: null, rule: 'year-not-stated' },
      { suggestedOn: null, rule: 'urgently' },
      { suggestedOn: null, rule: 'after-publication' },
      { suggestedOn: '2017-02-28', rule: 'after-date' },
      { suggestedOn: '2016-06-30', rule: 'period' },
      { suggestedOn: '2016-06-30', rule: 'publication-not-known' },
    ]);
  });
});

describe('words of a date', () => {
  test.each([
    ['by June 30, 2016', '2016-06-30'],
    ['by Thursday, 30 Sept. 2016', '2016-09-30'],
    ['by the thirty-first of March 2016', '2016-03-31'],
    ['before 5 pm on 30/06/2016', '2016-06-30'],
    ['before 06/30/2016', '2016-06-29'],
    ['by 2016-06-30', '2016-06-30'],
    ['from 1 May 2016 to 30 June 2016', '2016-06-30'],
  ])('that name a full one are exact: %s', (when, dueOn) => {
    const found = findDeadlines(`The force should act ${when}.`, { publishedOn });
    expect(found).toMatchObject([{ kind: 'exact', dueOn }]);
  });

  test.each([
    ['by 30-Jun-16', '2016-06-30', 'two-digit-year'],
    ['by 30/06/16', '2016-06-30', 'two-digit-year'],
    ['by 31 March', '2016-03-31', 'year-not-stated'],
    ['by September 30', '2016-09-30', 'year-not-stated'],
    ['by 31 June 2016', '2016-06-30', 'period'],
    ['by September 2017', '2017-09-30', 'period'],
    ['by Q3 2018', '2018-09-30', 'period'],
    ['by the end of the second quarter of 2018', '2018-06-30', 'period'],
    ['by Q1 2017/18', '2017-06-30', 'period'],
    ['by the December quarter of 2018', '2018-12-31', 'period'],
    ['in the first half of 2018', '2018-06-30', 'period'],
    ['by winter 2018', '2019-02-28', 'period'],
    ['by 2017/18', '2018-03-31', 'period'],
    ['by the end of the academic year 2017-18', '2018-08-31', 'period'],
    ['by early 2018', '2018-03-31', 'period'],
    ['by mid-June 2018', '2018-06-15', 'period'],
    ['by the start of April 2018', '2018-04-01', 'period'],
    ['before April 2018', '2018-03-31', 'period'],
    ['before the end of the financial year', '2016-03-31', 'year-not-stated'],
    ['by spring', '2016-05-31', 'year-not-stated'],
    ['later next year', '2016-12-31', 'year-not-stated'],
    ['within three to six months', '2016-05-30', 'after-publication'],
    ['within twenty-one days of receipt', '2015-12-21', 'after-publication'],
    ['over the next 12 months', '2016-11-30', 'after-publication'],
    ['within 28 days beginning with 31 January 2017', '2017-02-27', 'after-date'],
    ['with immediate effect', '2015-11-30', 'immediately'],
    ['without delay', '2015-12-14', 'urgently'],
    ['as soon as practicable', '2015-12-28', 'as-soon-as-practicable'],
  ])('that name none are proposed: %s', (when, suggestedOn, rule) => {
    const found = findDeadlines(`The force should act ${when}.`, { publishedOn });
    expect(found).toMatchObject([{ kind: 'proposed', suggestedOn, rule }]);
  });

  test.each([
    'by April Jones',
    'by 2017/19',
    'at 10 am on 3 May 2016',
    'by 30 forces',
    'immediately after arrest',
    'by the May 2016 guidance',
  ])('that are none are not found: %s', (when) => {
    expect(findDeadlines(`The force should act ${when}.`, { publishedOn })).toEqual([]);
  });
});

describe('the verb of a date', () => {
  test.each([
    ['Deadline: 3 May 2017.', null],
    ['Estimated completion date: 3 May 2017.', null],
    ['The trust, which was told in 2015, intends to act by 3 May 2017.', null],
    ['The trust would act by 3 May 2017.', 'duty-unclear'],
    ['All staff should have been trained by 3 May 2017.', 'duty-unclear'],
    ['A register of approved contractors by 3 May 2017', 'duty-unclear'],
  ])('of a duty, an intention or a label finds it: %s', (text, rule) => {
    const found = findDeadlines(text, { publishedOn });
    expect(found).toMatchObject([rule === null ? { kind: 'exact', dueOn: '2017-05-03' } : { rule }]);
  });

  test.each([
    'The force reduced its backlog by 3 May 2017.',
    'It had been told to act by 3 May 2017.',
    'The scheme is open until 3 May 2017.',
    'Ships that were built before 3 May 2017 should be surveyed.',
    'It was closed in 2017.',
  ])('in the past, or of a state, leaves it out: %s', (text) => {
    expect(findDeadlines(text, { publishedOn })).toEqual([]);
  });
});

describe('one day', () => {
  test('that is found twice is one deadline, at its first place', () => {
    const text = 'Act by 30 June 2016. By 30 June 2016, report.';
    expect(findDeadlines(text, { publishedOn })).toEqual([
      { span: { from: 4, to: 19 }, kind: 'exact', dueOn: '2016-06-30' },
    ]);
  });

  test('that is named once and suggested elsewhere is the named deadline', () => {
    const text = 'You must reply within 56 days of the date of this report, namely by 25 January 2016.';
    expect(findDeadlines(text, { publishedOn })).toMatchObject([{ kind: 'exact', dueOn: '2016-01-25' }]);
  });
});

describe('bounds', () => {
  const sentences = (count: number): string =>
    Array.from({ length: count }, (_, index) => `Act by ${(index % 28) + 1} March ${2016 + index}. `).join(
      '',
    );

  test('as many deadlines as there may be are all found', () => {
    const found = findDeadlines(sentences(180), { publishedOn });
    expect(found).toHaveLength(180);
    expect(found.every(({ kind }) => kind === 'exact')).toBe(true);
  });

  test('beyond them, the last says from where the text was not searched', () => {
    const times = FOUND_MAX + 1;
    const text = 'Act immediately. '.repeat(times);
    const [, last] = findDeadlines(text, { publishedOn });
    const from = 17 * FOUND_MAX + 4;
    expect(last).toEqual({
      span: { from, to: text.length },
      kind: 'proposed',
      suggestedOn: null,
      rule: 'not-searched',
    });
    expect(findDeadlines('Act immediately. '.repeat(FOUND_MAX), { publishedOn })).toHaveLength(1);
  });

  test('dates that are not deadlines too, of which there may be more', () => {
    const past = 'It was done by 1 May 2014. ';
    expect(findDeadlines(past.repeat(JUDGED_MAX), { publishedOn })).toEqual([]);
    expect(findDeadlines(past.repeat(JUDGED_MAX + 1), { publishedOn })).toMatchObject([
      { rule: 'not-searched', span: { from: past.length * JUDGED_MAX + 'It was done '.length } },
    ]);
  });
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

  test('spans lie in it, in order and apart, and dates are plain dates', () => {
    fc.assert(
      fc.property(text, anyDay, (any, on) => {
        const found = findDeadlines(any, { publishedOn: on });
        let last = 0;
        for (const deadline of found) {
          expect(deadline.span.from).toBeGreaterThanOrEqual(last);
          expect(deadline.span.to).toBeGreaterThan(deadline.span.from);
          last = deadline.span.to;
          if (deadline.kind === 'exact') {
            expect(isPlainDate(deadline.dueOn)).toBe(true);
            expect(deadline.dueOn >= on).toBe(true);
          } else {
            expect(isPlainDate(deadline.suggestedOn)).toBe(true);
          }
        }
        expect(last).toBeLessThanOrEqual(any.length);
      }),
      { numRuns: 300 },
    );
  });

  test('each day is found only once', () => {
    fc.assert(
      fc.property(text, anyDay, (any, on) => {
        const days = findDeadlines(any, { publishedOn: on }).map((found) =>
          found.kind === 'exact' ? found.dueOn : found.suggestedOn,
        );
        expect(new Set(days).size).toBe(days.length);
      }),
      { numRuns: 200 },
    );
  });

  test('without a publication nothing is exact, and the days named are proposed', () => {
    fc.assert(
      fc.property(text, (any) => {
        const found = findDeadlines(any, { publishedOn: null });
        expect(found.filter(({ kind }) => kind === 'exact')).toEqual([]);
        const suggested = found.map((each) => (each.kind === 'proposed' ? each.suggestedOn : null));
        const named = findDeadlines(any, { publishedOn: '1900-01-01' }).flatMap((each) =>
          each.kind === 'exact' ? [each.dueOn] : [],
        );
        expect(suggested).toEqual(expect.arrayContaining(named));
      }),
      { numRuns: 200 },
    );
  });

  test('the same is found again, after any other texts', () => {
    fc.assert(
      fc.property(text, text, anyDay, (any, other, on) => {
        const first = findDeadlines(any, { publishedOn: on });
        findDeadlines(other, { publishedOn });
        expect(findDeadlines(any, { publishedOn: on })).toEqual(first);
      }),
      { numRuns: 100 },
    );
  });

  test('a day at the start of a sentence is found at its place', () => {
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
        const publishedOn = on <= dueOn ? on : dueOn;
        // Another one with the same day may come first.
        fc.pre(
          !findDeadlines(before, { publishedOn }).some(
            (each) => each.kind === 'exact' && each.dueOn === dueOn,
          ),
        );
        const found = findDeadlines(`${before}${deadline}, every force should report. ${any}`, {
          publishedOn,
        });
        const span = { from: before.length, to: before.length + deadline.length };
        expect(found).toContainEqual({ span, kind: 'exact', dueOn });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a text that is longer than is searched', () => {
  const sentence = 'By 30 June 2016 the force should report. ';
  const search = (text: string) => findDeadlines(text, { publishedOn: '2015-11-30' });

  test('given a date at the end of the searched text, then it is found, and the rest is proposed', () => {
    const text = `${'x'.repeat(SEARCHED_MAX - sentence.length - 1)} ${sentence}Also by 1 July 2016.`;
    expect(search(text)).toMatchObject([
      { kind: 'exact', dueOn: '2016-06-30' },
      { rule: 'not-searched', span: { from: SEARCHED_MAX, to: text.length } },
    ]);
  });

  test('given a date across that end, then it belongs to the rest and is not read in part', () => {
    const start = SEARCHED_MAX - 'By 30 June 201'.length;
    const text = `${'x'.repeat(start - 1)} ${sentence}`;
    expect(search(text)).toEqual([
      { kind: 'proposed', suggestedOn: null, rule: 'not-searched', span: { from: start, to: text.length } },
    ]);
  });

  test('given only white space after the searched text, then nothing is reported', () => {
    expect(search(`x${' '.repeat(2 * SEARCHED_MAX)}`)).toEqual([]);
  });
});
