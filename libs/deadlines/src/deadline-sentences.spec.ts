import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findDeadlines } from './find-deadlines.ts';
import type { FoundDeadline } from './found-deadline.ts';

type Row = readonly [publishedOn: string, text: string, ...found: string[]];

/**
 * Sentences in the style of inspection reports on police, fire and rescue, prisons, health care and of coroners. Each has a publication
 * day, a text and the expected results: `span = date` for exact ones and `span ~ date rule` for proposals.
 */
const PORTIONS = readFileSync(new URL('deadline-sentences.txt', import.meta.url), 'utf8')
  .split(/^# /m)
  .slice(1)
  .map((portion): [string, Row[]] => {
    const [title = '', ...rows] = portion.trim().split('\n\n');
    return [
      title.split(':')[0] ?? '',
      rows.map((row) => row.split('\n').map((line) => line.replaceAll('\\n', '\n')) as [string, string]),
    ];
  });

const shown = (text: string, found: FoundDeadline): string => {
  const span = text.slice(found.span.from, found.span.to);
  return found.kind === 'exact' ? `${span} = ${found.dueOn}` : `${span} ~ ${found.suggestedOn} ${found.rule}`;
};

const foundIn = ([publishedOn, text]: Row): string[] =>
  findDeadlines(text, { publishedOn }).map((deadline) => shown(text, deadline));

describe.each(PORTIONS)('sentences %s', (_, rows) => {
  test.each(rows.map((row) => ({ row, text: row[1] })))('$text', ({ row }) => {
    expect(foundIn(row)).toEqual(row.slice(2));
  });
});

/** Returns precision and recall. A result is correct only with the expected span, date and rule. */
function measured(kind: string): { precision: number; recall: number; there: number } {
  const ofKind = (line: string): boolean => line.includes(kind === 'exact' ? ' = ' : ' ~ ');
  let [right, found, there] = [0, 0, 0];
  for (const row of PORTIONS.flatMap(([, rows]) => rows)) {
    const expected = row.slice(2).filter(ofKind);
    const lines = foundIn(row).filter(ofKind);
    right += lines.filter((line) => expected.includes(line)).length;
    found += lines.length;
    there += expected.length;
  }
  return { precision: right / found, recall: right / there, there };
}

test.each(['exact', 'proposed'])('in all sentences, no %s deadline is missed or invented', (kind) => {
  const { precision, recall, there } = measured(kind);
  process.stdout.write(
    `${kind}: precision ${precision.toFixed(3)}, recall ${recall.toFixed(3)} over ${there}\n`,
  );
  expect({ precision, recall }).toEqual({ precision: 1, recall: 1 });
});
