import { decodeSource } from '#register-format/source-text';

/** A position: line and column from 1, in UTF-16 code units, without a BOM. */
interface Position {
  readonly line: number;
  readonly column: number;
}

/** Part of a line; `problem` is the index of its problem, if any. */
interface LinePiece {
  readonly text: string;
  readonly problem: number | null;
}

/** A line with the indices of its problems; `hasGap` if lines before it are omitted. */
interface MarkedLine {
  readonly line: number;
  readonly pieces: readonly LinePiece[];
  readonly problems: readonly number[];
  readonly hasGap: boolean;
}

/** Longer sources show only the lines near problems. */
const MAX_UNABRIDGED_LINES = 200;
const CONTEXT_LINES = 2;

/** Returns a source's lines with the places of problems marked. */
export function markedSource(source: Uint8Array, placed: readonly Position[]): MarkedLine[] {
  const { text, start } = decodeSource(source);
  const lines = text.slice(start).split(/\r\n|\r|\n/);
  const marked = new Set(placed.map(({ line }) => line));
  const isNear = (line: number) =>
    Array.from({ length: 2 * CONTEXT_LINES + 1 }, (_, index) => line - CONTEXT_LINES + index).some((each) =>
      marked.has(each),
    );
  let last = 0;
  return lines.flatMap((content, index) => {
    const line = index + 1;
    if (lines.length > MAX_UNABRIDGED_LINES && !isNear(line)) return [];
    const hasGap = line > last + 1;
    last = line;
    return [{ ...markedLine(content, line, placed), hasGap }];
  });
}

function markedLine(content: string, line: number, placed: readonly Position[]) {
  const here = placed
    .map(({ line: at, column }, index) => ({ at, from: column - 1, index }))
    .filter(({ at }) => at === line)
    .sort((one, other) => one.from - other.from);
  const pieces: LinePiece[] = [];
  let done = 0;
  for (const { from, index } of here) {
    // Two problems at one place share a mark.
    if (from < done && done > 0) continue;
    const to = from + markLength(content.slice(from));
    pieces.push(
      { text: content.slice(done, from), problem: null },
      { text: content.slice(from, to), problem: index },
    );
    done = to;
  }
  pieces.push({ text: content.slice(done), problem: null });
  return {
    line,
    pieces: pieces.filter(({ text, problem }) => text !== '' || problem !== null),
    problems: here.map(({ index }) => index),
  };
}

/** Returns the length of the tag, date or word at the start. */
const markLength = (rest: string): number =>
  /^(?:\[[^\]\n]*\]|\d+(?:st|nd|rd|th)? \w+ \d{4}|[^\s[]+|\S)/.exec(rest)?.[0].length ?? 0;
