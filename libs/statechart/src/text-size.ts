/** Font sizes in pixels of the picture. */
export const FONT = { title: 18, region: 14, state: 14, detail: 12, arrow: 12 } as const;

/** The line height relative to the font size. */
export const LINE = 1.35;

/** The width of bold text relative to normal text. */
export const BOLD = 1.1;

/**
 * Returns an upper bound for the width of a text, in pixels. The reader's font is unknown, so the widest
 * common sans-serif font (DejaVu Sans) is assumed.
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
