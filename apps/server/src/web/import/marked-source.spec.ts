import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseRegisterRecord } from '#register-format/parse-register-record';
import { growthOf } from '#test/support/growth';
import { markedSource } from './import-view.tsx';

const bytes = (text: string) => Buffer.from(text);

describe('a source with marks', () => {
  test('marks the word at each problem', () => {
    const lines = markedSource(bytes('Title\n[on]31st June 2016 [status]x[/status][/on]'), [
      { line: 2, column: 5 },
    ]);
    expect(lines[1]).toEqual({
      line: 2,
      pieces: [
        { text: '[on]', problem: null },
        { text: '31st June 2016', problem: 0 },
        { text: ' [status]x[/status][/on]', problem: null },
      ],
      problems: [0],
      hasGap: false,
    });
  });

  test('reports both of two problems at one place, and marks it once', () => {
    const [line] = markedSource(bytes('word'), [
      { line: 1, column: 1 },
      { line: 1, column: 1 },
    ]);
    expect(line).toMatchObject({ pieces: [{ text: 'word', problem: 0 }], problems: [0, 1] });
  });

  test('omits lines of a long one far from any problem', () => {
    const long = bytes(Array.from({ length: 1_000 }, (_, index) => `line ${index + 1}`).join('\n'));
    const lines = markedSource(long, [{ line: 500, column: 1 }]);
    expect(lines.map(({ line, hasGap }) => [line, hasGap])).toEqual([
      [498, true],
      [499, false],
      [500, false],
      [501, false],
      [502, false],
    ]);
  });

  test('contains every word of the record, with any problems', () => {
    const piece = fc.constantFrom(
      '[on]',
      '1st May 2020 ',
      '[comment]',
      'x',
      '[/comment]',
      '[/on]',
      '\r\n',
      '\n',
      '\r',
      '😀',
      '31st June 2016',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => {
        const text = pieces.join('');
        const { anomalies } = parseRegisterRecord(bytes(text), '2026-11-24');
        const shown = markedSource(bytes(text), anomalies);
        const lines = shown.map((line) => line.pieces.map((each) => each.text).join(''));
        expect(lines).toEqual(text.split(/\r\n|\r|\n/));
        const shownAnomalies = shown.flatMap(({ problems }) => problems);
        expect(shownAnomalies.toSorted((a, b) => a - b)).toEqual(anomalies.map((_, index) => index));
      }),
    );
  });

  test.each(['[x ', 'x\n'])('takes time that grows with its length, of %j', async (piece) => {
    const places = Array.from({ length: 200 }, (_, index) => ({ line: 1, column: index + 1 }));
    const mark = (length: number) => markedSource(bytes(piece.repeat(length)), places);
    expect(await growthOf(mark, { from: 10_000, to: 80_000, bound: 24 })).toBeLessThan(24);
  });
});
