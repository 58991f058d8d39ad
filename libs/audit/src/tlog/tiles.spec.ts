import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTilePath, placeOf, tilePath, widthIn } from './tiles.ts';
import { MalformedNoteError } from './signed-note.ts';
import { parseTlogProof, printTlogProof } from './tlog-proof.ts';

describe('the path of a tile', () => {
  test('is that of the specification', () => {
    expect(tilePath({ level: 0, number: 1_234_067n, width: 256 })).toBe('0/x001/x234/067');
    expect(tilePath({ level: 2, number: 7n, width: 5 })).toBe('2/007.p/5');
  });

  test('parses back to the tile', () => {
    const tiles = fc.record({
      level: fc.integer({ min: 0, max: 63 }),
      number: fc.bigInt({ min: 0n, max: 2n ** 62n }),
      width: fc.integer({ min: 1, max: 256 }),
    });
    fc.assert(
      fc.property(tiles, (tile) => {
        expect(parseTilePath(tilePath(tile))).toEqual(tile);
      }),
    );
  });

  test.each([
    '64/000',
    '00/000',
    '0/0',
    '0/000/000',
    '0/x000/001',
    '0/000.p/0',
    '0/000.p/256',
    '0/000.p/01',
    'entries/000',
    '0/../x',
  ])('is invalid: %s', (path) => {
    expect(parseTilePath(path)).toBeNull();
  });
});

describe('the tiles of a tree', () => {
  test('of 70,000 leaves are those of the specification', () => {
    const size = 70_000n;
    expect(widthIn(size, 0, 272n)).toBe(256);
    expect(widthIn(size, 0, 273n)).toBe(112);
    expect([0n, 1n, 2n].map((number) => widthIn(size, 1, number))).toEqual([256, 17, 0]);
    expect(widthIn(size, 2, 0n)).toBe(1);
  });

  test('contain each node side by side', () => {
    expect(placeOf({ level: 0, index: 300n })).toEqual({ level: 0, number: 1n, first: 44, count: 1 });
    expect(placeOf({ level: 7, index: 3n })).toEqual({ level: 0, number: 1n, first: 128, count: 128 });
    expect(placeOf({ level: 8, index: 3n })).toEqual({ level: 1, number: 0n, first: 3, count: 1 });
  });
});

describe('the proof of one event', () => {
  const proof = {
    index: 73_894n,
    path: [Buffer.alloc(32, 1), Buffer.alloc(32, 2)],
    note: 'a\n1\nb\n\n— a b\n',
  };

  test('is read as printed, with any additional lines', () => {
    expect(parseTlogProof(printTlogProof(proof))).toEqual(proof);
    expect(parseTlogProof(printTlogProof(proof).replace('\n', '\nextra AAAA\n'))).toEqual(proof);
    expect(parseTlogProof(printTlogProof({ ...proof, path: [] }))).toEqual({ ...proof, path: [] });
  });

  test.each([
    ['of another form', printTlogProof(proof).replace('@v1', '@v2')],
    ['without an index', printTlogProof(proof).replace('index ', 'place ')],
    ['with an index that has a zero before it', printTlogProof(proof).replace('index ', 'index 0')],
    ['with half a hash', printTlogProof({ ...proof, path: [Buffer.alloc(16)] })],
    [
      'with more hashes than a tree has levels',
      printTlogProof({ ...proof, path: Array(64).fill(Buffer.alloc(32)) }),
    ],
    ['without a checkpoint', 'c2sp.org/tlog-proof@v1\nindex 0\n'],
  ])('%s is invalid', (_, text) => {
    expect(() => parseTlogProof(text)).toThrow(MalformedNoteError);
  });
});
