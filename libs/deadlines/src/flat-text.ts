import type { Span } from './found-deadline.ts';

/**
 * A text with one line per paragraph. Each run of white space is one space, or a line break for an empty line, so that patterns need no
 * repeated white space. Dashes and apostrophes are ASCII. Zero-width characters are removed.
 */
interface FlatText {
  readonly text: string;
  /** Returns the span of a part in the original text. */
  spanOf(from: number, to: number): Span;
}

/** White space and zero-width characters, or one other character. */
const PIECE = /[\s\u00ad\u200b-\u200d\u2060]+|[^]/g;
const EMPTY_LINE = /[\n\u2029][^]*[\n\u2029]/;

export function flatten(original: string): FlatText {
  let text = '';
  const offsets: number[] = [];
  for (const { 0: piece, index } of original.matchAll(PIECE)) {
    const flat = flatPiece(piece);
    if (flat !== '') offsets.push(index);
    text += flat;
  }
  return {
    text,
    spanOf: (from, to) => ({ from: offsets[from] ?? original.length, to: (offsets[to - 1] ?? -1) + 1 }),
  };
}

function flatPiece(piece: string): string {
  if (EMPTY_LINE.test(piece)) return '\n';
  if (/\s/.test(piece)) return ' ';
  return piece
    .replace(/[\u00ad\u200b-\u200d\u2060]+/, '')
    .replace(/[\u2010-\u2014\u2212]/, '-')
    .replace(/[\u2018\u2019]/, "'");
}
