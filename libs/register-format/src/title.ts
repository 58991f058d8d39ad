import type { SourceText } from './source-text.ts';
import { skipWhiteSpace, trimmed } from './white-space.ts';

const referencePattern = /^(?=.*\d)[A-Za-z0-9._-]{1,64}$/;

/** Whether a value can be a reference: it has a digit and matches `[A-Za-z0-9._-]{1,64}`. */
export function isReference(value: string): boolean {
  return referencePattern.test(value);
}

/** The title line of a record. */
export interface TitleLine {
  title: string;
  reference: string | null;
  /** Where the title starts. */
  offset: number;
  /** Where its line ends, line end included. */
  end: number;
}

/** A title line without outer white space, taken apart: `Regional Organised Crime Units (730)`. */
export function splitTitle(line: string): Pick<TitleLine, 'title' | 'reference'> {
  const open = line.lastIndexOf('(');
  const reference = line.slice(open + 1, -1);
  return open !== -1 && line.endsWith(')') && isReference(reference)
    ? { title: trimmed(line, 0, open), reference }
    : { title: line, reference: null };
}

const lineEnd = /\r\n?|\n/g;

/** Reads the title: the first line before `to` that holds more than white space. */
export function readTitle({ text, start }: SourceText, to: number): TitleLine {
  const first = skipWhiteSpace(text, start, to);
  if (first === to) return { title: '', reference: null, offset: start, end: to };
  lineEnd.lastIndex = first;
  const found = lineEnd.exec(text);
  const end = found !== null && found.index < to ? found.index : to;
  const endWithLineEnd = found !== null && found.index < to ? lineEnd.lastIndex : to;
  return { ...splitTitle(trimmed(text, first, end)), offset: first, end: endWithLineEnd };
}
