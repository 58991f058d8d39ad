import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { findDeadlines } from './find-deadlines.ts';
import type { FoundDeadline } from './found-deadline.ts';

// Sentences in the styles of other bodies. They were labelled before the search was first run on them. A file has sections `## PUBLISHED-ON
// BODY`; each sentence is followed by its expected deadlines, `= SPAN > DATE` for exact ones and `~ SPAN > DATE RULE` for proposals.
const FOLDER = 'libs/deadlines/sentences';

interface Row {
  readonly publishedOn: string;
  readonly text: string;
  readonly expected: string[];
}

function rowsOf(file: string): Row[] {
  const rows: Row[] = [];
  let publishedOn = '';
  for (const line of readFileSync(`${FOLDER}/${file}`, 'utf8').split('\n')) {
    if (line.startsWith('## ')) publishedOn = line.slice(3, 13);
    else if (/^[=~] .+ > \d{4}-\d{2}-\d{2}( [a-z-]+)?$/.test(line)) rows.at(-1)!.expected.push(line);
    else if (line !== '') rows.push({ publishedOn, text: line, expected: [] });
  }
  return rows;
}

const shown = (text: string, found: FoundDeadline): string => {
  const span = text.slice(found.span.from, found.span.to);
  return found.kind === 'exact'
    ? `= ${span} > ${found.dueOn}`
    : `~ ${span} > ${found.suggestedOn} ${found.rule}`;
};

interface Figures {
  right: number;
  found: number;
  there: number;
}

/** Returns the counts of results. A result is correct only with the expected span, date and rule. */
function measure(rows: readonly Row[], mark: '=' | '~'): Figures {
  const figures: Figures = { right: 0, found: 0, there: 0 };
  for (const { publishedOn, text, expected } of rows) {
    const there = expected.filter((line) => line.startsWith(mark));
    const lines = findDeadlines(text, { publishedOn })
      .map((deadline) => shown(text, deadline))
      .filter((line) => line.startsWith(mark));
    figures.right += lines.filter((line) => there.includes(line)).length;
    figures.found += lines.length;
    figures.there += there.length;
  }
  return figures;
}

const files = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.txt'))
  .sort();
const all = files.flatMap(rowsOf);

describe('the sentences', () => {
  test('cover held-out texts and later ones', () => {
    expect(new Set(files)).toEqual(
      new Set([
        'development.txt',
        ...Array.from({ length: files.length - 1 }, (_, index) => `held-out-${index + 1}.txt`),
      ]),
    );
    expect(all.length).toBeGreaterThan(2_900);
    expect(new Set(all.map(({ text }) => text)).size).toBe(all.length);
  });

  test('have their expected results in their text, and about half of them set nothing', () => {
    for (const { text, expected, publishedOn } of all) {
      expect(publishedOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
      for (const line of expected) expect(text).toContain(line.slice(2, line.lastIndexOf(' > ')));
    }
    expect(all.filter(({ expected }) => expected.length === 0).length).toBeGreaterThan(all.length * 0.4);
  });
});

describe.each(files)('of %s', (file) => {
  test('exact results are right, and few requests are missed', () => {
    const rows = rowsOf(file);
    const [exact, proposed] = [measure(rows, '='), measure(rows, '~')];
    for (const [kind, { right, found, there }] of Object.entries({ exact, proposed })) {
      process.stdout.write(
        `${file} (${rows.length}) ${kind}: precision ${(right / found).toFixed(3)} (${right} of ${found}), ` +
          `recall ${(right / there).toFixed(3)} (${right} of ${there})\n`,
      );
    }
    expect(exact.right / exact.found).toBe(1);
    expect(exact.right / exact.there).toBeGreaterThanOrEqual(0.95);
    expect(proposed.right / proposed.found).toBeGreaterThanOrEqual(0.9);
    expect(proposed.right / proposed.there).toBeGreaterThanOrEqual(0.94);
  });
});

test('a day before publication is exact in none of them', () => {
  for (const { publishedOn, text } of all) {
    const early = findDeadlines(text, { publishedOn }).filter(
      (found) => found.kind === 'exact' && found.dueOn < publishedOn,
    );
    expect(early).toEqual([]);
  }
});
