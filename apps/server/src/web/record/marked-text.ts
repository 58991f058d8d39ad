/** A half-open range in a text, in UTF-16 code units. */
export interface Marked<Found> {
  readonly from: number;
  readonly to: number;
  readonly found: Found;
}

/** A part of a text; `found` lists the marks on it. */
export interface Segment<Found> {
  readonly text: string;
  readonly found: readonly Found[];
}

/** A line of a text. */
type Paragraph<Found> = readonly Segment<Found>[];

/**
 * Splits a text into lines with marks. Overlapping marks are merged; a mark that crosses a line end covers
 * only its first line.
 */
export function markedText<Found>(text: string, marks: readonly Marked<Found>[]): Paragraph<Found>[] {
  const paragraphs: Segment<Found>[][] = [];
  const inOrder = marks
    .filter(({ from, to }) => from >= 0 && from < to && to <= text.length)
    .sort((one, other) => one.from - other.from || other.to - one.to);
  let next = 0;
  for (const line of linesOf(text)) {
    while (next < inOrder.length && (inOrder[next] as Marked<Found>).from < line.from) next += 1;
    const first = next;
    while (next < inOrder.length && (inOrder[next] as Marked<Found>).from < line.to) next += 1;
    paragraphs.push(segmentsOf(text, line, inOrder.slice(first, next)));
  }
  return paragraphs;
}

interface Line {
  readonly from: number;
  readonly to: number;
}

function linesOf(text: string): Line[] {
  const lines: Line[] = [];
  let from = 0;
  for (const { index, 0: end } of text.matchAll(/\r\n?|\n/g)) {
    lines.push({ from, to: index });
    from = index + end.length;
  }
  lines.push({ from, to: text.length });
  // Empty lines only separate paragraphs.
  return lines.filter((line) => text.slice(line.from, line.to).trim() !== '');
}

function segmentsOf<Found>(text: string, line: Line, inOrder: readonly Marked<Found>[]): Segment<Found>[] {
  const segments: Segment<Found>[] = [];
  let at = line.from;
  const push = (to: number, found: readonly Found[]): void => {
    if (to > at) segments.push({ text: text.slice(at, to), found });
    at = Math.max(at, to);
  };
  for (let index = 0; index < inOrder.length;) {
    const first = inOrder[index] as Marked<Found>;
    const same = [first];
    let to = Math.min(first.to, line.to);
    // Merges overlapping marks.
    for (index += 1; index < inOrder.length; index += 1) {
      const next = inOrder[index] as Marked<Found>;
      if (next.from >= to) break;
      same.push(next);
      to = Math.max(to, Math.min(next.to, line.to));
    }
    push(first.from, []);
    push(
      to,
      same.map(({ found }) => found),
    );
  }
  push(line.to, []);
  return segments;
}
