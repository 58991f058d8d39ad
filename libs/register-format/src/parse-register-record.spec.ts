import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { anomalyCodes } from './anomalies.ts';
import { entriesByDate, type RegisterEntry } from './entries.ts';
import { formatOrdinalDate } from './ordinal-date.ts';
import { parseRegisterRecord, type RegisterRecord } from './parse-register-record.ts';

const sample = readFileSync(new URL('../../../test/fixtures/730.txt', import.meta.url));
const parse = (source: string): RegisterRecord => parseRegisterRecord(new TextEncoder().encode(source));

/** Returns an entry in short: `2015-11-30 awaiting-review`, `2015-11-30 "text"`. */
const short = (entry: RegisterEntry): string =>
  `${String(entry.date)} ${entry.kind === 'status' ? entry.status : JSON.stringify(entry.text)}`;
const entriesOf = (source: string): string[] => parse(source).entries.map(short);
const anomaliesOf = (source: string): string[] =>
  parse(source).anomalies.map(({ line, column, code }) => `${line}:${column} ${code}`);

const head = 'Title (1)\n\nText.\n\n';
const on = (date: string, body: string): string => `[on]${date} ${body}[/on]`;
const status = (value: string): string => `[status]${value}[/status]`;
const comment = (text: string): string => `[comment]\n\n${text}\n\n[/comment]`;

/** Returns the bytes of the record's source, joined from its segments. */
function printSegments({ segments, source }: RegisterRecord): Uint8Array {
  const bytes = new Uint8Array(segments.at(-1)?.end ?? 0);
  for (const { start, end } of segments) bytes.set(source.subarray(start, end), start);
  return bytes;
}

function expectRoundTrip(source: Uint8Array): RegisterRecord {
  const record = parseRegisterRecord(source);
  expect(Buffer.compare(printSegments(record), source)).toBe(0);
  let at = 0;
  for (const { start, end } of record.segments) {
    expect(start).toBe(at);
    expect(end).toBeGreaterThan(start);
    at = end;
  }
  expect(at).toBe(source.length);
  return record;
}

describe('the sample', () => {
  const record = expectRoundTrip(sample);

  it('returns title, reference and text', () => {
    expect(record.title).toBe('Regional Organised Crime Units');
    expect(record.titleAt).toEqual({ line: 1, column: 1 });
    expect(record.reference).toBe('730');
    expect(record.text).toMatch(/^By 30 June 2016, every police force[^]*contained in this report\.$/);
    expect(record.text).toContain('\n\n  • in consultation');
    expect(record.textAt).toEqual({ line: 3, column: 1 });
  });

  it('returns four entries and no problem', () => {
    expect(record.entries).toMatchObject([
      { kind: 'status', date: '2015-11-30', status: 'awaiting-review', line: 9, column: 1 },
      { kind: 'status', date: '2016-09-30', status: 'being-progressed', line: 9, column: 61 },
      {
        kind: 'comment',
        date: '2016-09-30',
        text: expect.stringMatching(/^The ROCU is[^]*ROCU\.$/) as unknown as string,
      },
      {
        kind: 'comment',
        date: '2018-08-14',
        text: expect.stringMatching(/^The force[^]*regional forces\.$/) as unknown as string,
      },
    ]);
    expect(record.entries[3]).toMatchObject({ line: 13, column: 16 });
    expect(record.anomalies).toEqual([]);
  });

  it('given one tag less, then keeps all entries', () => {
    const text = sample.toString();
    for (const { index, 0: tag } of text.matchAll(/\[\/?(?:on|status|comment)\]/g)) {
      const { entries, anomalies } = parse(text.slice(0, index) + text.slice(index + tag.length));
      expect(entries).toHaveLength(4);
      expect(anomalies.map(({ code }) => code).filter((code) => /tag|date/.test(code))).not.toEqual([]);
    }
    const cut = parse(text.replace('[/comment]', ''));
    expect(cut.entries.map(({ date }) => date)).toEqual(record.entries.map(({ date }) => date));
    expect(cut.entries.at(2)).toMatchObject({
      text: record.entries[2]?.kind === 'comment' ? record.entries[2].text : '',
    });
    expect(cut.anomalies).toMatchObject([{ code: 'unclosed-tag', detail: '"[comment]" is never closed' }]);
  });
});

describe('title and text', () => {
  it('given a BOM, CRLF and Unicode white space, then none of it is part of title or text', () => {
    const record = parse(
      `\ufeff\u2003Title\u00a0(1)\u0085\r\n\r\nOne\r\n two\rthree\u3000\r\n${on('1st May 2016', status('complete'))}`,
    );
    expect(record).toMatchObject({ title: 'Title', reference: '1', text: 'One\n two\nthree', anomalies: [] });
    expect(record.titleAt).toEqual({ line: 1, column: 2 });
    expect(record.entries).toMatchObject([{ line: 6, column: 1 }]);
    expect(record.segments[0]).toEqual({ kind: 'bom', start: 0, end: 3 });
  });

  it('given blank lines first, then the title is the first line that is not blank', () => {
    expect(parse('\n \nTitle (1)\nText')).toMatchObject({
      title: 'Title',
      text: 'Text',
      titleAt: { line: 3, column: 1 },
    });
  });

  it('given a history in the title line, then the title ends before it', () => {
    expect(parse('Title (1)[on]1st May 2016 [status]complete[/status][/on]')).toMatchObject({
      title: 'Title',
      text: '',
    });
  });

  it('given [on] as a word, then it is text', () => {
    expect(parse(`T (1)\n\nTurn [on] the light.\n${on('1st May 2016', status('complete'))}`)).toMatchObject({
      text: 'Turn [on] the light.',
      anomalies: [],
    });
  });

  it('given no bytes, then the record is empty, and notes both missing parts', () => {
    const record = expectRoundTrip(new Uint8Array());
    expect(record).toMatchObject({ title: '', reference: null, text: '', entries: [], segments: [] });
    expect(record.anomalies.map(({ code }) => code)).toEqual(['no-reference', 'no-history']);
  });
});

const first = on('1st May 2016', status('awaiting-review'));

describe('blocks', () => {
  it.each<[string, string, string[]]>([
    [
      'several entries in a block',
      on('1st May 2016', `${status('complete')} ${comment('a')}${comment('b')}`),
      ['2016-05-01 complete', '2016-05-01 "a"', '2016-05-01 "b"'],
    ],
    [
      'a comment with tags in it',
      on(
        '1st May 2016',
        comment('a [on] b [/on] [status]c[/status] [comment] [on]2nd May 2016 [status]x[/status]'),
      ),
      ['2016-05-01 "a [on] b [/on] [status]c[/status] [comment] [on]2nd May 2016 [status]x[/status]"'],
    ],
    [
      'a comment with line ends',
      on('1st May 2016', '[comment]\r\na\r\n\rb \r\n[/comment]'),
      ['2016-05-01 "a\\n\\nb"'],
    ],
    ['a status in capitals', on('1st May 2016', status('\u2003Complete\n')), ['2016-05-01 complete']],
    [
      'an unclosed comment before a status',
      `[on]1st May 2016 [comment]a [on] b[/on]\n${on('2nd May 2016', status('complete'))}`,
      ['2016-05-01 "a [on] b"', '2016-05-02 complete'],
    ],
    [
      'an unclosed comment before a closed one',
      `[on]1st May 2016 [comment]a ${on('31st June 2016', status('complete'))}${on('3rd May 2016', comment('b'))}`,
      ['2016-05-01 "a"', '2016-05-01 complete', '2016-05-03 "b"'],
    ],
    ['an unclosed comment at the end', '[on]1st May 2016 [comment]a\nb', ['2016-05-01 "a\\nb"']],
    ['an unclosed status', '[on]1st May 2016 [status]complete\ntext[/on]', ['2016-05-01 complete']],
    [
      'a date that text follows without a tag',
      `${on('1st May 2016', 'a\nb')}[on]2nd May 2016 c ${on('3rd May 2016', status('complete'))}[on]4th May 2016 d`,
      ['2016-05-01 "a\\nb"', '2016-05-02 "c"', '2016-05-03 complete', '2016-05-04 "d"'],
    ],
    ['a status without its opening', on('1st May 2016', 'complete[/status]'), ['2016-05-01 complete']],
    ['a comment without its opening', on('1st May 2016', 'a b[/comment]'), ['2016-05-01 "a b"']],
    [
      'blocks without [on]',
      '1st May 2016 [status]complete[/status][/on] 2nd May 2016 [comment]a[/comment]',
      ['2016-05-01 complete', '2016-05-02 "a"'],
    ],
    ['a weekday before the date', on('Sunday 1st May 2016', status('complete')), ['2016-05-01 complete']],
    [
      'a status without any date',
      `${first}${status('complete')}`,
      ['2016-05-01 awaiting-review', '2016-05-01 complete'],
    ],
  ])('given %s, then reads it', (_, source, expected) => {
    expect(entriesOf(head + source)).toEqual(expected);
  });

  it('given an invalid date, then it uses the one before it in the file, or the next', () => {
    const source =
      on('31st June 2016', status('awaiting-review')) +
      on('31th August 2016', comment('a')) +
      on('soon', comment('b'));
    expect(entriesOf(source)).toEqual(['2016-08-31 awaiting-review', '2016-08-31 "a"', '2016-08-31 "b"']);
  });

  it('given no valid date at all, then entries have none', () => {
    expect(entriesOf(on('31st June 2016', status('complete')))).toEqual(['null complete']);
  });

  it('keeps the order of the file, and sorts by date with that order on ties', () => {
    const { entries } = parse(
      head +
        on('2nd May 2016', comment('a')) +
        on('1st May 2016', comment('b')) +
        on('2nd May 2016', comment('c')),
    );
    expect(entries.map(short)).toEqual(['2016-05-02 "a"', '2016-05-01 "b"', '2016-05-02 "c"']);
    expect(entriesByDate(entries).map(short)).toEqual(['2016-05-01 "b"', '2016-05-02 "a"', '2016-05-02 "c"']);
  });
});

describe('anomalies', () => {
  const complete = on('2nd May 2016', status('complete'));
  const progressed = on('2nd May 2016', status('being-progressed'));
  it.each<[string, string[]]>([
    ['[/on]', ['5:1 missing-opening-tag', '5:6 no-history']],
    ['1st May 2016 [status]complete[/status][/on]', ['5:1 missing-opening-tag']],
    [on('1st May 2016', 'complete[/status]'), ['5:26 missing-opening-tag']],
    [`${first}[/on]`, ['5:55 missing-opening-tag']],
    ['[on]1st May 2016 [status]complete[/status]', ['5:1 unclosed-tag']],
    ['[on]1st May 2016 [status]complete[/on]', ['5:18 unclosed-tag']],
    ['[on]1st May 2016 [comment]text', ['5:18 unclosed-tag']],
    [`[on]\n${first}`, ['5:1 unclosed-tag']],
    [on('1st May 2016', 'text'), ['5:18 missing-opening-tag']],
    [`[on]1st May 2016 text${first}`, ['5:1 unclosed-tag', '5:18 missing-opening-tag']],
    ['[on]1st May 2016 text', ['5:1 unclosed-tag', '5:18 missing-opening-tag']],
    ['[on]1st May 2016 [status]complete[/stat', ['5:18 unclosed-tag']],
    [`${first}[on]2nd May 2016 [status]being-prog`, ['5:80 stray-text']],
    [`${first}[on]2nd May 2016 [comm`, ['5:72 stray-text']],
    [`${first}[on]2nd May 2016`, ['5:55 unclosed-tag']],
    [`${first}[on]2nd May 20`, ['5:59 stray-text']],
    [`${first}[on]`, ['5:55 unclosed-tag']],
    [`${first}[o`, ['5:55 stray-text']],
    ['[on]1st Ma', ['5:5 stray-text', '5:11 no-history']],
    ['[o', ['5:1 stray-text', '5:3 no-history']],
    ['[on]1st May 2016 [comment]text[/comment][/o', ['5:41 stray-text']],
    [on('1st May 2016', status('on hold')), ['5:26 unknown-status']],
    [on('1st May 2016', status('')), ['5:26 unknown-status']],
    [on(' 31st June 2016', status('complete')), ['5:6 invalid-date']],
    [on('soon', status('complete')), ['5:5 invalid-date']],
    [`[on]${status('complete')}[/on]`, ['5:1 invalid-date']],
    [`${on('3rd May 2016', comment('a'))}\n${first}`, ['10:5 date-order']],
    [`${first}\n${on('2nd May 2016', status('awaiting-review'))}`, ['6:26 repeated-status']],
    [`${first}\n${complete}\n${on('2nd May 2016', status('complete'))}`, ['7:26 repeated-status']],
    [`${progressed}\n${complete}`, ['6:26 same-day-status']],
    [`${progressed}\n${on('3rd May 2016', status('awaiting-review'))}`, ['6:26 backward-status']],
    [
      `${progressed}\n${on('2nd May 2016', status('awaiting-review'))}`,
      ['6:26 same-day-status', '6:26 backward-status'],
    ],
    [
      `${complete}\n${on('3rd May 2016', status('being-progressed'))}\n${on('4th May 2016', comment('a'))}`,
      ['6:26 status-after-closure'],
    ],
    [`${complete}\n${on('3rd May 2016', status('no-further-action-needed'))}`, ['6:26 status-after-closure']],
    [`${complete}${on('2nd May 2016', comment('closing'))}`, []],
    [`${complete}\n${on('3rd May 2016', comment('late'))}`, ['6:5 comment-after-closure']],
    [`${on('3rd May 2016', comment('late'))}\n${complete}`, ['5:5 comment-after-closure', '10:5 date-order']],
    [on('1st May 2016', comment(' \u0085 ')), ['5:18 empty-comment']],
    ['', ['5:1 no-history']],
    [`${first} stray\n${complete}`, ['5:56 stray-text']],
    [`${first}\n\n stray`, ['7:2 stray-text']],
    [
      `${on('31st June 2016', status('awaiting-review'))}${first}\n${on('30th Apr 2016', comment('a'))}`,
      ['5:5 invalid-date', '5:82 repeated-status', '6:5 date-order'],
    ],
    ['1st May 2016 awaiting-review', ['5:1 untagged-history']],
  ])('given %j, then notes %j', (source, expected) => {
    expect(anomaliesOf(head + source)).toEqual(expected);
  });

  it('given an entry with an invalid date, then it counts for neither date-order nor same-day-status', () => {
    const source = on('3rd May 2016', status('awaiting-review')) + on('31st June 2016', status('complete'));
    expect(anomaliesOf(head + source)).toEqual(['5:59 invalid-date']);
  });

  it('given a date after the day of the import, then notes it once, and not at all without an import', () => {
    const source = head + first + on('25th November 2026', `${status('complete')}${comment('a')}`);
    const noted = (today: string | null) =>
      parseRegisterRecord(Buffer.from(source), today).anomalies.map(({ column, code, detail }) => [
        column,
        code,
        detail,
      ]);
    expect(noted('2026-11-24')).toEqual([
      [59, 'future-date', '"25th November 2026" is after the day of the import'],
    ]);
    expect(noted('2026-11-25')).toEqual([]);
    expect(noted(null)).toEqual([]);
  });

  it('keeps 200 of them, the first of each code among them, and says how many more there were', () => {
    const source = Buffer.from(`Title\n\n${'a\xff'.repeat(262_000)}`, 'latin1');
    const { anomalies, moreAnomalies } = parseRegisterRecord(source);
    expect(anomalies).toHaveLength(200);
    expect(moreAnomalies).toBe(262_002 - 200);
    expect(new Set(anomalies.map(({ code }) => code))).toEqual(
      new Set(['no-reference', 'invalid-utf8', 'no-history']),
    );
    expect(JSON.stringify(anomalies).length).toBeLessThan(32_768);
  });

  it('reports whether the file ends before a comment does', () => {
    const cutOff = (source: string) =>
      parse(head + source).entries.map((entry) => entry.kind === 'comment' && entry.cutOff);
    expect(cutOff(`${on('1st May 2016', comment('a'))}[on]2nd May 2016 [comment]b`)).toEqual([false, true]);
    expect(cutOff('[on]1st May 2016 [comment]a[/comm')).toEqual([true]);
    expect(cutOff('[on]1st May 2016 a')).toEqual([true]);
    expect(cutOff(`[on]1st May 2016 [comment]a${first}`)).toEqual([false, false]);
    expect(cutOff(on('1st May 2016', 'a'))).toEqual([false]);
  });

  it('given a title without a reference, then notes it at the title', () => {
    expect(anomaliesOf(`\ufeff Title (ROCU)\n${first}`)).toEqual(['1:2 no-reference']);
  });

  it('given bytes that are not UTF-8, then notes each run', () => {
    const source = Buffer.concat([
      Buffer.from(`Title (1)\nCaf`),
      Buffer.from([0xe9, 0x20, 0xff, 0xfe]),
      Buffer.from(first),
    ]);
    expect(expectRoundTrip(source).anomalies).toEqual([
      { code: 'invalid-utf8', line: 2, column: 4, detail: '1 byte is not valid UTF-8' },
      { code: 'invalid-utf8', line: 2, column: 6, detail: '2 bytes are not valid UTF-8' },
    ]);
  });

  it('quotes no status except the four known ones, because any other can contain free text', () => {
    const details = ['paused', 'John Smith', 'x'.repeat(41)].map(
      (value) => parse(head + on('1st May 2016', status(value))).anomalies[0]?.detail,
    );
    expect(details).toEqual([
      'a status of 6 characters is not one of the four',
      'a status of 10 characters is not one of the four',
      'a status of 41 characters is not one of the four',
    ]);
  });

  it('lists each code once', () => {
    expect(new Set(anomalyCodes.map(({ code }) => code)).size).toBe(17);
  });
});

describe('a history without tags', () => {
  it.each<[string, string, string[]]>([
    [
      'a date and status on a line',
      '30th November 2015 awaiting-review\n1 May 2016 – Complete',
      ['2015-11-30 awaiting-review', '2016-05-01 complete'],
    ],
    [
      'a date line, then a status line',
      '30th November 2015\n\nAwaiting review\n',
      ['2015-11-30 awaiting-review'],
    ],
    [
      'a date alone',
      '30th November 2015\r\n\r\none\r\ntwo\r\n\r\n1st May 2016\r\nthree',
      ['2015-11-30 "one\\ntwo"', '2016-05-01 "three"'],
    ],
    [
      'lines run together',
      '30th November 2015 awaiting-review1st May 2016 complete1st May 2016 \n\none',
      ['2015-11-30 awaiting-review', '2016-05-01 complete', '2016-05-01 "one"'],
    ],
    [
      'dates in numbers, the day first',
      '30/11/2015 awaiting-review\n1/4/2016\nBy 13/14/2016.\n01/05/2016\nComplete',
      ['2015-11-30 awaiting-review', '2016-04-01 "By 13/14/2016."', '2016-05-01 complete'],
    ],
    ['an unknown status', '1st May 2016 under-consideration', ['2016-05-01 under-consideration']],
    ['a status as the text of a comment', '1st May 2016\none\ncomplete', ['2016-05-01 "one\\ncomplete"']],
  ])('given %s, then reads it', (_, source, expected) => {
    const record = expectRoundTrip(Buffer.from(head + source));
    expect(record.entries.map(short)).toEqual(expected);
    expect(record.text).toBe('Text.');
    expect(record.anomalies[0]).toMatchObject({ code: 'untagged-history', line: 5, column: 1 });
    expect(record.anomalies.slice(1).filter(({ code }) => code !== 'unknown-status')).toEqual([]);
  });

  it('given a date in prose, then it is text', () => {
    const source = 'Title (1)\n\nBy 30 June 2016 do it.\n30 June 2016 is late.\n30/06/2016 onwards';
    expect(parse(source)).toMatchObject({ entries: [], anomalies: [{ code: 'no-history' }] });
  });

  it('given a line of dates and statuses, then reads it up to a length that takes no noticeable time', () => {
    const line = (count: number) => parse(head + '1 May 2016 complete '.repeat(count));
    expect(line(499).entries).toHaveLength(499);
    expect(line(501)).toMatchObject({ entries: [], anomalies: [{ code: 'no-history' }] });
  });

  it('given text after a status, a date without text, or an invalid day, then notes it', () => {
    expect(anomaliesOf(`${head}31/06/2016 complete`)).toEqual(['5:1 untagged-history', '5:1 invalid-date']);
    expect(anomaliesOf(`${head}1st May 2016 complete\n stray\nmore\n1st May 2016`)).toEqual([
      '5:1 untagged-history',
      '6:2 stray-text',
      '8:1 empty-comment',
    ]);
  });

  it('given any tag in the file, then plain lines are text', () => {
    expect(entriesOf(`${head}1st May 2016 complete\n${on('2nd May 2016', comment('a'))}`)).toEqual([
      '2016-05-02 "a"',
    ]);
  });
});

describe('for any bytes', () => {
  const pieces = fc.constantFrom(
    ...[
      '[on]',
      '[/on]',
      '[status]',
      '[/status]',
      '[comment]',
      '[/comment]',
      '[',
      '(',
      ')',
      '\r',
      '\n',
      '\r\n',
      ' ',
    ],
    ...[
      '\ufeff',
      '\ufffd',
      '😀',
      '\u0085',
      '1st May 2016',
      '31st June 2016',
      '30th',
      'complete',
      'on hold',
      'a-b',
      '(730)',
    ],
  );
  const sources = fc.oneof(
    fc.uint8Array(),
    fc.array(pieces, { maxLength: 30 }).map((parts) => new TextEncoder().encode(parts.join(''))),
    fc
      .tuple(
        fc.array(pieces, { maxLength: 15 }),
        fc.uint8Array({ maxLength: 6 }),
        fc.array(pieces, { maxLength: 15 }),
      )
      .map(([a, bytes, b]) =>
        Uint8Array.from(Buffer.concat([Buffer.from(a.join('')), bytes, Buffer.from(b.join(''))])),
      ),
  );

  it('returns the same bytes, and ordered places that exist', () => {
    fc.assert(
      fc.property(sources, (source) => {
        const { entries, anomalies, titleAt, textAt } = expectRoundTrip(source);
        const lines = new TextDecoder().decode(source).split(/\r\n?|\n/);
        for (const { line, column } of [...entries, ...anomalies, titleAt, textAt]) {
          expect(column).toBeGreaterThanOrEqual(1);
          // The place can be the end of the line, or between its \r and \n.
          expect(column).toBeLessThanOrEqual((lines[line - 1] ?? '').length + 2);
        }
        const places = anomalies.map(({ line, column }) => line * 1e6 + column);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        // A valid date replaces every invalid one.
        expect(new Set(entries.map(({ date }) => date === null)).size).toBeLessThanOrEqual(1);
      }),
      { numRuns: 300 },
    );
  });

  it('given a mutated sample, then nothing throws, bytes come back, and no detail quotes free text', () => {
    const slice = fc.record({ from: fc.nat(sample.length), length: fc.nat(400), to: fc.nat(sample.length) });
    const detail =
      /^[^"]*("(\[\/?(on|status|comment)\]|awaiting-review|being-progressed|complete|no-further-action-needed|\d{1,3}\S* [A-Za-z]+ \d{4}|\(reference\))"[^"]*)*$/u;
    fc.assert(
      fc.property(fc.array(slice, { minLength: 1, maxLength: 4 }), fc.boolean(), (slices, cut) => {
        let source: Uint8Array = sample;
        for (const { from, length, to } of slices) {
          const part = source.subarray(from, from + length);
          source = cut
            ? Buffer.concat([source.subarray(0, from), source.subarray(from + length)])
            : Buffer.concat([source.subarray(0, to), part, source.subarray(to)]);
        }
        for (const anomaly of expectRoundTrip(source).anomalies) {
          expect(anomaly.detail).toMatch(detail);
          expect(anomaly.detail.length).toBeLessThan(160);
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('any sequence of blocks', () => {
  interface Made {
    source: string;
    entry: string;
  }
  const days = fc.integer({ min: 1, max: 28 }).map((day) => `2016-05-${String(day).padStart(2, '0')}`);
  const block = fc
    .tuple(
      days,
      fc.constantFrom('status', 'comment', 'unclosed comment', 'unclosed status', 'no [on]', 'no [/on]'),
      fc.nat(),
    )
    .map(([date, kind, n]): Made => {
      const written = formatOrdinalDate(date);
      const text = `text ${n}\n[on] and (${n})`;
      const detail = `${date} ${JSON.stringify(text)}`;
      switch (kind) {
        case 'status':
          return { source: on(written, status('complete')), entry: `${date} complete` };
        case 'comment':
          return { source: `${on(written, comment(text))}\n`, entry: detail };
        case 'unclosed comment':
          return { source: `[on]${written} [comment]${text}[/on] `, entry: detail };
        case 'unclosed status':
          return { source: `[on]${written} [status]complete\n[/on]`, entry: `${date} complete` };
        case 'no [on]':
          return { source: ` ${written} ${status('complete')}[/on]`, entry: `${date} complete` };
        default:
          return { source: `[on]${written} ${comment(text)}`, entry: detail };
      }
    });

  it('returns its entries, with any line breaks in the blocks', () => {
    // After an unclosed comment, a block without [on] is part of that comment.
    const fits = (blocks: Made[]): boolean =>
      blocks.every(
        ({ source }, index) =>
          source.startsWith('[') || !/\[comment\]text/.test(blocks[index - 1]?.source ?? ''),
      );
    fc.assert(
      fc.property(fc.array(block, { minLength: 1, maxLength: 10 }).filter(fits), (blocks) => {
        const record = expectRoundTrip(Buffer.from(head + blocks.map(({ source }) => source).join('')));
        expect(record.text).toBe('Text.');
        expect(record.entries.map(short)).toEqual(blocks.map(({ entry }) => entry));
      }),
      { numRuns: 100 },
    );
  });
});
