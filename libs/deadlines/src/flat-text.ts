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

const WITHOUT_WIDTH = /[\u00ad\u200b-\u200d\u2060]/;
const WHITE = /\s/;
const LINE_BREAK = /[\n\u2029]/;
const ascii = (unit: string): string =>
  unit
    .replace(/[\u2010-\u2014\u2212]/, '-')
    .replace(/[\u2018\u2019]/, "'")
    .replace('\u2044', '/');

export function flatten(original: string): FlatText {
  const flat: string[] = [];
  const offsets: number[] = [];
  let lineBreaks = 0;
  for (let offset = 0; offset < original.length; offset += 1) {
    const unit = original.charAt(offset);
    if (WITHOUT_WIDTH.test(unit)) continue;
    if (!WHITE.test(unit)) {
      flat.push(ascii(unit));
      offsets.push(offset);
      lineBreaks = 0;
      continue;
    }
    if (LINE_BREAK.test(unit)) lineBreaks += 1;
    const isInRun = flat.at(-1) === ' ' || flat.at(-1) === '\n';
    if (isInRun) flat.pop();
    else offsets.push(offset);
    flat.push(lineBreaks > 1 ? '\n' : ' ');
  }
  return {
    text: flat.join(''),
    spanOf: (from, to) => ({ from: offsets[from] ?? original.length, to: (offsets[to - 1] ?? -1) + 1 }),
  };
}
