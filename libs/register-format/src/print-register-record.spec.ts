import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { parseRegisterRecord } from './parse-register-record.ts';
import {
  joinParts,
  printEntryAt,
  printHeading,
  shortenBlock,
  UnprintableTextError,
  type PrintableEntry,
  type PrintableRecord,
} from './print-register-record.ts';
import { normaliseText } from './white-space.ts';

const sample = readFileSync(new URL('../../../test/fixtures/730.txt', import.meta.url));
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const simple: PrintableRecord = { title: 'Title', reference: '1', text: 'Text.', entries: [] };

const isoDates = fc
  .tuple(fc.integer({ min: 1, max: 9999 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(
    ([y, m, d]) =>
      `${String(y).padStart(4, '0')}-${String(m).padStart(2, '0')}-${String(d).padStart(2, '0')}`,
  );

/** Texts with everything that could be mistaken for syntax. */
const texts = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '[on]',
        '[/on]',
        '[status]',
        '[/status]',
        '[comment]',
        '[',
        ']',
        '(7)',
        '30th May 2016',
        '\n',
      ),
      fc.constantFrom(' ', '\u0085', '\ufeff', '\n\n', 'complete', '[on]1st May 2016 [status]'),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((parts) => normaliseText(parts.join('')));

const printable: fc.Arbitrary<PrintableEntry> = fc.oneof(
  fc.record({
    kind: fc.constant('status' as const),
    date: isoDates,
    status: fc.constantFrom('awaiting-review', 'being-progressed', 'complete', 'on hold', ''),
  }),
  fc.record({ kind: fc.constant('comment' as const), date: isoDates, text: texts }),
);

function parsed(bytes: Uint8Array): PrintableRecord {
  const { title, reference, text, entries } = parseRegisterRecord(bytes);
  return {
    title,
    reference,
    text,
    entries: entries.map((entry) =>
      entry.kind === 'status'
        ? { kind: entry.kind, date: entry.date!, status: entry.status }
        : { kind: entry.kind, date: entry.date!, text: entry.text },
    ),
  };
}

/** Returns a record as the register exports it. */
function printRecord({ entries, ...record }: PrintableRecord): Uint8Array {
  const blocks = entries.map(printEntryAt);
  const heading = printHeading(record, blocks.map(shortenBlock));
  return new TextEncoder().encode(joinParts(heading, blocks.join('')));
}

function unlessUnprintable(print: () => Uint8Array): Uint8Array | null {
  try {
    return print();
  } catch (error) {
    if (error instanceof UnprintableTextError) return null;
    throw error;
  }
}

describe('a record that is printed', () => {
  it('given the content of the sample, then prints the sample', () => {
    expect(decode(printRecord(parsed(sample)))).toBe(decode(sample));
  });

  it('given no entries, text or title, then prints the remaining parts', () => {
    expect(decode(printRecord(simple))).toBe('Title (1)\n\nText.');
    expect(decode(printRecord({ ...simple, reference: null, text: '' }))).toBe('Title');
    expect(decode(printRecord({ ...simple, title: '' }))).toBe('(1)\n\nText.');
    expect(decode(printRecord({ title: '', reference: null, text: '', entries: [] }))).toBe('');
  });

  it.each<[string, Partial<PrintableRecord>, string]>([
    ['a title over two lines', { title: 'One\ntwo' }, 'title'],
    ['a title with a tag', { title: 'The [status] of it' }, 'title'],
    ['a title that ends as if in a reference', { title: 'Plan (2016)', reference: null }, 'title'],
    ['no title before a text', { title: '', reference: null }, 'title'],
    ['a reference without a digit', { reference: 'abc' }, 'reference'],
    ['a text with a tag', { text: 'It [comment] is' }, 'text'],
    ['a text with the end of a comment', { text: 'It [/comment] is' }, 'text'],
    ['a text with a lone surrogate', { text: 'It \ud800' }, 'text'],
    ['a text that is a history without tags', { text: 'Text\n1st May 2016 complete' }, 'text'],
  ])('given %s, then refuses it', (_, part, named) => {
    expect(() => printRecord({ ...simple, ...part })).toThrow(
      expect.objectContaining({ part: named, entry: null }),
    );
  });

  it('given an entry that cannot be printed, then names its place and not its text', () => {
    const entries: PrintableEntry[] = [
      { kind: 'status', date: '2016-05-01', status: 'complete' },
      { kind: 'comment', date: '2016-05-02', text: 'secret [/comment]' },
    ];
    const print = (): Uint8Array => printRecord({ ...simple, entries });
    expect(print).toThrow(
      expect.objectContaining({ name: 'UnprintableTextError', part: 'comment', entry: 1 }),
    );
    expect(print).not.toThrow(/secret/);
  });

  it('given a text with a tag as a word, then prints it', () => {
    const text = 'Switch it [on]\nand on.';
    expect(parsed(printRecord({ ...simple, text })).text).toBe(text);
  });

  it('given any printable record, then reading returns it', () => {
    const references = fc.option(fc.constantFrom('730', 'a.1', '7-_'));
    const titles = texts.map((text) => normaliseText(text.replaceAll('\n', ' ')));
    let printed = 0;
    fc.assert(
      fc.property(titles, references, texts, fc.array(printable), (title, reference, text, entries) => {
        const record = { title, reference, text, entries };
        const bytes = unlessUnprintable(() => printRecord(record));
        if (bytes === null) return;
        printed += 1;
        expect(parsed(bytes)).toEqual(record);
      }),
      { numRuns: 200 },
    );
    expect(printed).toBeGreaterThan(20);
  });
});

describe('an entry that is printed', () => {
  it('writes a status in one line', () => {
    expect(printEntryAt({ kind: 'status', date: '2015-11-30', status: 'awaiting-review' }, null)).toBe(
      '[on]30th November 2015 [status]awaiting-review[/status][/on]',
    );
  });

  it('writes a comment between blank lines', () => {
    expect(printEntryAt({ kind: 'comment', date: '2018-08-14', text: ' One.\r\n\r\nTwo.\n' }, null)).toBe(
      '[on]14th August 2018 [comment]\n\nOne.\n\nTwo.\n\n[/comment][/on]',
    );
  });

  it.each<PrintableEntry>([
    { kind: 'comment', date: '2018-08-14', text: 'a [/comment]' },
    { kind: 'comment', date: '2018-08-14', text: 'a [on] 1st May 2016\n[comment] b' },
    { kind: 'comment', date: '2018-08-14', text: '\udc00' },
    { kind: 'status', date: '2018-08-14', status: 'complete[/status]' },
  ])('given %j, then refuses it', (entry) => {
    expect(() => printEntryAt(entry, null)).toThrow(UnprintableTextError);
  });

  it('given an invalid date, then refuses it', () => {
    expect(() => printEntryAt({ kind: 'status', date: '2015-02-29', status: 'complete' }, null)).toThrow(
      RangeError,
    );
  });
});
