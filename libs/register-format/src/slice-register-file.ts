import type { Position } from './anomalies.ts';
import { dateAt } from './ordinal-date.ts';
import { byteCursor, decodeSource, positionCursor } from './source-text.ts';
import { COMMENT_END, commentEnds, nextTag } from './tags.ts';
import { splitTitle } from './title.ts';
import { skipWhiteSpace, trimmed } from './white-space.ts';

/** The part of a file that is one register record: the bytes from `start` up to `end`. */
export interface RecordSlice {
  start: number;
  end: number;
  /** Where the part begins in the file. */
  at: Position;
}

/** Where in the file a place in such a part is. */
export const placeInFile = ({ at }: Pick<RecordSlice, 'at'>, { line, column }: Position): Position => ({
  line: at.line + line - 1,
  column: line === 1 ? at.column + column - 1 : column,
});

/** How much of a file is read before others get their turn. */
const CHARACTERS_AT_ONCE = 256 * 1024;

/**
 * Divides a register's file into its records, in the order of the file. The parts joined are the file. The first record
 * begins with the file, and each other one at a title line with a reference that text and then a dated block follow.
 * Yields where others can get their turn.
 * @param most after so many records, the rest of the file is one more part.
 */
export function* sliceRegisterFile(bytes: Uint8Array, most = Infinity): Generator<undefined, RecordSlice[]> {
  const source = decodeSource(bytes);
  const starts: number[] = [];
  const isFar = stepped();
  for (const stretch of stretchesBeforeBlocks(source.text, source.start)) {
    const start = recordStart(source.text, stretch);
    if (start !== null && starts.push(start) >= most) break;
    if (isFar(stretch.to)) yield;
  }
  const slices: RecordSlice[] = [{ start: 0, end: bytes.length, at: { line: 1, column: 1 } }];
  if (starts.length === 0) return slices;
  const byteAt = byteCursor(bytes, source.text);
  const positionAt = positionCursor(source);
  const isFarAgain = stepped();
  for (const offset of starts) {
    const start = byteAt(offset);
    const last = slices.at(-1);
    if (last !== undefined) last.end = start;
    slices.push({ start, end: bytes.length, at: positionAt(offset) });
    if (isFarAgain(offset)) yield;
  }
  return slices;
}

/** Tells of rising offsets when many characters were passed since it last told so. */
function stepped(): (offset: number) => boolean {
  let last = 0;
  return (offset) => {
    if (offset - last < CHARACTERS_AT_ONCE) return false;
    last = offset;
    return true;
  };
}

/** Text without tags, before a dated block, in which another record can begin. */
interface Stretch {
  from: number;
  to: number;
  /** Whether it is the beginning of the file, which has the title and text of the first record. */
  isHeading: boolean;
}

/** The stretches of a text, none of them in a comment that has its end. */
function* stretchesBeforeBlocks(text: string, start: number): Generator<Stretch> {
  const commentEnd = commentEnds(text);
  let position = start;
  let from = start;
  let nextLine = start;
  for (let tag = nextTag(text, position); tag !== null; tag = nextTag(text, position)) {
    const date = tag.name === '[on]' ? dateAt(text, tag.end) : null;
    if (date !== null && from <= tag.offset) yield { from, to: tag.offset, isHeading: position === start };
    const comment = tag.name === '[comment]' ? commentEnd(tag.end) : null;
    position = comment?.closed === true ? comment.end + COMMENT_END.length : (date?.end ?? tag.end);
    // What stands on the line of an opening tag belongs to it.
    const isOpen = !tag.name.startsWith('[/') && comment?.closed !== true;
    // Kept until it is passed, so that all tags together read the text once.
    if (isOpen && nextLine <= position) nextLine = lineAt(text, position, text.length).next;
    from = isOpen ? nextLine : position;
  }
}

interface Line {
  start: number;
  end: number;
  /** Where the next line starts. */
  next: number;
}

const lineEnd = /\r\n?|\n/g;

function lineAt(text: string, start: number, to: number): Line {
  lineEnd.lastIndex = start;
  const found = lineEnd.exec(text);
  return found === null || found.index >= to
    ? { start, end: to, next: to }
    : { start, end: found.index, next: lineEnd.lastIndex };
}

const isBlank = (text: string, from: number, to: number): boolean => skipWhiteSpace(text, from, to) === to;

/**
 * Where a record begins in a stretch; null where none does. A short line with an empty one above or below it is plainly a title
 * and goes before others; the last of several has the block, and what stands above it is text that belongs to no entry. In the
 * text of the file's first record only such a line begins another record.
 */
function recordStart(text: string, { from, to, isHeading }: Stretch): number | null {
  let found: number | null = null;
  let isTitleKnown = !isHeading;
  let isAfterBlank = true;
  for (let line = lineAt(text, from, to); line.start < to; line = lineAt(text, line.next, to)) {
    const isEmpty = isBlank(text, line.start, line.end);
    if (!isTitleKnown) {
      isTitleKnown = !isEmpty;
    } else if (!isEmpty && isTitleLine(text, line) && !isBlank(text, line.next, to)) {
      const isApart = isAfterBlank || isBlank(text, line.next, lineAt(text, line.next, to).end);
      if ((isApart && isTitleLike(text, line)) || (found === null && !isHeading)) found = line.start;
    }
    isAfterBlank = isEmpty;
  }
  return found;
}

function isTitleLine(text: string, { start, end }: Line): boolean {
  const line = trimmed(text, start, end);
  if (!line.endsWith(')')) return false;
  const { title, reference } = splitTitle(line);
  return reference !== null && title !== '';
}

/** Longer lines are paragraphs. */
const TITLE_CHARACTERS = 200;

/** A title as the register has them: short, with a capital letter or a digit first. */
function isTitleLike(text: string, { start, end }: Line): boolean {
  const line = trimmed(text, start, end).replace(/^\ufeff/, '');
  return line.length <= TITLE_CHARACTERS && /^[\p{Lu}\p{Nd}]/u.test(line);
}
