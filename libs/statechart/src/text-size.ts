/** Sizes of text in pixels of the picture. */
export const FONT = { title: 18, region: 14, state: 14, detail: 12, arrow: 12 } as const;

/** The height of a line, in the size of its text. */
export const LINE = 1.35;

/** How much wider bold text is. */
export const BOLD = 1.1;

/**
 * How wide a text is at the most, in pixels. There is no browser to ask, and the reader's font is not known: this is
 * what the widest of the usual sans-serif fonts takes (DejaVu Sans), so that text in any of them has room.
 */
export function widthOf(text: string, size: number): number {
  let width = 0;
  for (const character of text) {
    width += WIDTHS.find(([pattern]) => pattern.test(character))?.[1] ?? 0.64;
  }
  return Math.ceil(width * size);
}

const WIDTHS: readonly (readonly [RegExp, number])[] = [
  [/[iljI.,:;'| ]/, 0.32],
  [/[frt()[\]-]/, 0.41],
  [/[mwMW@%]/, 0.98],
  [/[A-Z]/, 0.72],
];
