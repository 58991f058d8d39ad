import { afterAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { TextWords } from './text-words.ts';
import { Tokenizer } from './tokenizer.ts';

const tokenizer = new Tokenizer();
afterAll(() => {
  tokenizer.close();
});

const piece = fc.oneof(
  fc.constantFrom(
    'a',
    'Zürich',
    'Zu\u0308rich',
    'İstanbul',
    '𝐀lpha',
    '😀',
    '\0',
    '\u0301',
    '\ud800',
    '-',
    ' ',
    'the',
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
);
const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

describe('the words of a text', () => {
  const words = new TextWords(tokenizer);

  test('are those that the tokenizer reads, folded', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 8 }), (texts) => {
        // Apostrophes are handled by TextWords and not by the tokenizer.
        const without = texts.map((each) => each.replaceAll(/['\u2019\u02bc]/g, '-'));
        expect(without.map((each) => words.of(each))).toEqual(tokenizer.wordsOf(without));
      }),
    );
  });

  test('are each found at their place', () => {
    fc.assert(
      fc.property(text, (said) => {
        const all = words.of(said);
        for (const word of new Set(all)) {
          const marks = words.marksIn(said, [{ words: word, prefix: false }]);
          expect(marks.map(({ from, to }) => words.of(said.slice(from, to)))).toEqual(
            all.filter((each) => words.stemsOf(each)[0] === words.stemsOf(word)[0]).map((each) => [each]),
          );
        }
        const whole = { words: all.join(' '), prefix: false };
        expect(all.length === 0 || words.matchesAll(said, [words.patternsOf(whole)])).toBe(true);
        expect(words.marksIn(said, [whole])).toHaveLength(all.length === 0 ? 0 : 1);
      }),
    );
  });

  test.each(["children's", 'Children\u2019s', 'CHILDREN\u02bcS', 'child\u2019s', 'child', 'children'])(
    'have, if possessive, the stem of the base word: %s',
    (word) => {
      const said = `All ${word} services`;
      expect(words.stemsOf(said)).toEqual(['all', 'child', 'servic']);
      const marks = words.marksIn(said, [{ words: "children's", prefix: false }]);
      expect(marks.map(({ from, to }) => said.slice(from, to))).toEqual([word]);
    },
  );

  test.each([
    ["O'Brien don\u2019t", ['obrien', 'dont']],
    ["the forces' plan, 'quoted' and James's", ['the', 'forces', 'plan', 'quoted', 'and', 'james']],
    ["it's 's s' '", ['it', 's', 's']],
  ])('keep an apostrophe inside, and left out: %s', (said, expected) => {
    expect(words.of(said)).toEqual(expected);
  });

  test.each([
    ['one after another', 'The force, the records.', ['the force', 'records'], ['The force', 'records']],
    ['together where they overlap', 'a b c b c d', ['a b', 'b c', 'c d'], ['a b c', 'b c d']],
    ['as often as they occur', 'the the the', ['the the'], ['the the the']],
  ])('are marked %s', (_, said, terms, expected) => {
    const marks = words.marksIn(
      said,
      terms.map((each) => ({ words: each, prefix: false })),
    );
    expect(marks.map(({ from, to }) => said.slice(from, to))).toEqual(expected);
  });

  test('are marked completely if they begin with a term', () => {
    const said = 'Customs in custody: küsst, cu.';
    const marks = words.marksIn(said, [
      { words: 'in cust', prefix: true },
      { words: 'ku', prefix: true },
    ]);
    expect(marks.map(({ from, to }) => said.slice(from, to))).toEqual(['in custody', 'küsst']);
  });

  test.each([
    ['a plural', 'childs', 'Children and a child', ['Children', 'child'], false],
    ['an ending', 'missing', 'Nobody missed the missing', ['missed', 'missing'], false],
    ['no word that only looks alike', 'policing', 'Policies on police', ['police'], false],
    ['the beginning of a word whose stem is shorter', 'relati', 'A relation', ['relation'], true],
    ['a beginning alone, and no stem of it', 'policing', 'Policies on police', ['police'], true],
  ] as const)('match by their stems: %s', (_, typed, said, expected, prefix) => {
    const term = { words: typed, prefix };
    expect(words.matchesAll(said, [words.patternsOf(term)])).toBe(true);
    expect(words.marksIn(said, [term]).map(({ from, to }) => said.slice(from, to))).toEqual(expected);
  });
});
