import { readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import { addDays } from '#lifecycle/plain-date';
import { findDeadlines } from './find-deadlines.ts';

interface Labelled {
  readonly sentence: string;
  readonly proposals: readonly { readonly text: string; readonly exact?: string }[];
}

// Written before any finder was run on them. `labels` in the file says what each means.
const { sentences } = JSON.parse(readFileSync('libs/deadlines/sentences/labelled.json', 'utf8')) as {
  readonly sentences: readonly Labelled[];
};

/** A publication before every date, so that each can be exact. */
const publishedOn = '2000-01-03';

test('given labelled sentences, then almost every date behind a cue is found, and little else', () => {
  const exact = { right: 0, found: 0, there: 0 };
  const proposed = { right: 0, found: 0, met: 0, there: 0 };
  for (const { sentence, proposals } of sentences) {
    const found = findDeadlines(sentence, { publishedOn });
    // A label names the day in the text; what is due before it is due a day sooner.
    const days = proposals.flatMap(({ text, exact: day }) => {
      if (day === undefined) return [];
      const isBefore = /(?<!(?:on|by)(?: or |\/))(?:before|prior to|ahead of) $/i.test(
        sentence.slice(0, sentence.indexOf(text)),
      );
      return isBefore ? [addDays(day, -1)] : [day];
    });
    const exacts = found.flatMap((each) => (each.kind === 'exact' ? [each.dueOn] : []));
    exact.there += days.length;
    exact.found += exacts.length;
    exact.right += exacts.filter((day) => days.includes(day)).length;
    const labels = proposals.map(({ text }) => {
      const from = sentence.indexOf(text);
      return { from, to: from + text.length };
    });
    const spans = found.map(({ span }) => span);
    const meets = (one: (typeof spans)[number], other: (typeof spans)[number]): boolean =>
      one.from < other.to && other.from < one.to;
    proposed.there += labels.length;
    proposed.found += spans.length;
    proposed.right += spans.filter((span) => labels.some((label) => meets(span, label))).length;
    proposed.met += labels.filter((label) => spans.some((span) => meets(span, label))).length;
  }
  const figures = {
    exact: { precision: exact.right / exact.found, recall: exact.right / exact.there },
    proposals: { precision: proposed.right / proposed.found, recall: proposed.met / proposed.there },
  };
  process.stdout.write(`${JSON.stringify(figures)}\n`);
  expect(sentences).toHaveLength(150);
  expect(figures.exact.precision).toBeGreaterThanOrEqual(0.98);
  expect(figures.exact.recall).toBeGreaterThanOrEqual(0.95);
  expect(figures.proposals.precision).toBeGreaterThanOrEqual(0.85);
  expect(figures.proposals.recall).toBeGreaterThanOrEqual(0.92);
});
