import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { findDeadlines, SEARCHED_MAX } from './find-deadlines.ts';

const publishedOn = '2015-11-30';
/** The factor for the long form of this test. */
const TIMES = Number(process.env['DOCKET_CASES_TIMES'] ?? 1);

/** Pieces of every pattern of the search. Each is repeated to provoke many partial matches. */
const PIECES = [
  ...'1| |\n|(|. |a|: | - |-|/|,|1/|1-|31st |Monday |by |by 1 |by the end of |end |the |before |within |within a |a |of '.split(
    '|',
  ),
  ...'period |twenty |twenty-|one |next |first |should |should have |had |been |has |have been |not |also |to |to be |made '.split(
    '|',
  ),
  ...'at the latest |1 at the latest |no later than |or |deadline |deadline for |deadline for a |due |due on |namely |when: |30 June |June '.split(
    '|',
  ),
  ...'2016 |2016/17 |Q1 |quarter |half of |summer |mid |year |month |as soon as |as possible |urgent |immediate |action '.split(
    '|',
  ),
  ...'immediately |after |on |of the date of |date |this |the report |published |days |working days |weeks |time |and |but '.split(
    '|',
  ),
  ...'that |which |told |recommended |force |12 noon on |close of business |each |every |annually |\u200b|\u{1F6A8}|’|x’ '.split(
    '|',
  ),
  ...'by 1 May 2014 |the force had |within 999 working weeks |by 31 June 2016 |30 June 2016 at the latest '.split(
    '|',
  ),
];
const part = fc
  .array(fc.constantFrom(...PIECES), { minLength: 1, maxLength: 4 })
  .map((list) => list.join(''));

const textOf = (piece: string, length: number): string =>
  `${piece.repeat(Math.ceil(length / piece.length))}. By 30 June 2016 all forces should report.`;

const search = (piece: string, length: number): unknown =>
  findDeadlines(textOf(piece, length), { publishedOn });

/** Returns the number of patterns tested while a text is searched. */
function triedFor(piece: string, length: number): number {
  const own = Object.getOwnPropertyDescriptor(RegExp.prototype, 'exec')!;
  const exec = own.value as (this: RegExp, text: string) => RegExpExecArray | null;
  let count = 0;
  const counting = function (this: RegExp, text: string): RegExpExecArray | null {
    count += 1;
    return exec.call(this, text);
  };
  Object.defineProperty(RegExp.prototype, 'exec', { ...own, value: counting });
  try {
    search(piece, length);
    return count;
  } finally {
    Object.defineProperty(RegExp.prototype, 'exec', own);
  }
}

test('of any repeated pieces, the number of tried patterns grows in proportion to the length of the text', () => {
  fc.assert(
    fc.property(part, (piece) => {
      const [one, two] = [triedFor(piece, 1500), triedFor(piece, 3000)];
      expect(one).toBeGreaterThan(100);
      expect(two).toBeLessThan(2.3 * one);
    }),
    { numRuns: PIECES.length + 10 * TIMES, examples: PIECES.map((piece) => [piece]) },
  );
});

test.each(['by ', 'within ', '1 at the latest ', ...(TIMES === 1 ? [] : ['by 1 May 2014 '])])(
  'of a text beyond the length limit, only the limit is searched: %j',
  (piece) => {
    const [one, two] = [2, 8].map((times) => triedFor(piece, times * SEARCHED_MAX));
    expect(two).toBe(one);
  },
);

/** Returns the CPU time in milliseconds, at least the resolution of the measurement. */
function cpuOf(act: () => unknown): number {
  const start = process.cpuUsage();
  act();
  const { user, system } = process.cpuUsage(start);
  return Math.max((user + system) / 1000, 2);
}

test('repeating any pieces, no pattern takes quadratic time', () => {
  const times = 8;
  const length = TIMES === 1 ? 1_500 : 3_000;
  fc.assert(
    fc.property(part, (piece) => {
      // Quadratic time would be 64 times as much. The best of ten attempts excludes other load on the machine.
      const attempts = Array.from({ length: 10 }, () => () => {
        const short = cpuOf(() => search(piece, length));
        return cpuOf(() => search(piece, length * times)) / short;
      });
      expect(attempts.some((ratio) => ratio() < 3 * times)).toBe(true);
    }),
    { numRuns: PIECES.length + 10 * TIMES, examples: PIECES.map((piece) => [piece]) },
  );
});
