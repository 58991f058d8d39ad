import type { Position } from './anomalies.ts';
import { dateAt } from './ordinal-date.ts';
import { byteCursor, decodeSource, positionCursor } from './source-text.ts';
import { COMMENT_END, commentEnds, firstHistoryTag, nextTag } from './tags.ts';
import { isReference, isTimeLike, referenceForm, titleReference } from './title.ts';
import { datedLines } from './untagged-history.ts';
import { lineAt, skipWhiteSpace, trimWhiteSpace, type Line } from './white-space.ts';

/** The part of a file with one register record: the bytes from `start` up to `end`. */
export interface RecordSlice {
  start: number;
  end: number;
  /** The start of the part in the file. */
  at: Position;
}

/** Returns the position in the file of a position in a part. */
export const placeInFile = ({ at }: Pick<RecordSlice, 'at'>, { line, column }: Position): Position => ({
  line: at.line + line - 1,
  column: line === 1 ? at.column + column - 1 : column,
});

/** The number of characters parsed between pauses. */
const CHARACTERS_AT_ONCE = 256 * 1024;

/**
 * Divides a register's file into its records, in file order. The parts together are the file. The first record starts with the file, and
 * each other one at a title line with a reference, followed by text and a dated block. A title without text before a block with a status
 * also starts a part, because its status belongs to no other record. Yields at pauses.
 * @param most the number of records after which the rest of the file is one more part.
 */
export function* sliceRegisterFile(bytes: Uint8Array, most = Infinity): Generator<undefined, RecordSlice[]> {
  const source = decodeSource(bytes);
  const { text, start: textStart } = source;
  const starts: number[] = [];
  const stretches = firstHistoryTag(text, textStart) === null ? stretchesBeforeDates : stretchesBeforeBlocks;
  const titles = new TitleSearch(text);
  for (const stretch of stretches(text, textStart)) {
    if (stretch === undefined) {
      yield;
      continue;
    }
    const start = yield* titles.recordStart(stretch);
    if (start !== null && starts.push(start) >= most) break;
  }
  const slices: RecordSlice[] = [{ start: 0, end: bytes.length, at: { line: 1, column: 1 } }];
  if (starts.length === 0) return slices;
  const byteAt = byteCursor(bytes, source.text);
  const positionAt = positionCursor(source);
  const isFar = everyStep();
  for (const offset of starts) {
    const start = byteAt(offset);
    const last = slices.at(-1);
    if (last !== undefined) last.end = start;
    slices.push({ start, end: bytes.length, at: positionAt(offset) });
    if (isFar(offset)) yield;
  }
  return slices;
}

/** Returns a function of rising offsets that returns true once per interval. */
function everyStep(start = 0): (offset: number) => boolean {
  let last = start;
  return (offset) => {
    if (offset - last < CHARACTERS_AT_ONCE) return false;
    last = offset;
    return true;
  };
}

/**
 * The context of a line: the title and text of the first record, an unclosed comment, the gap between two
 * blocks, or the text under a title found in that gap.
 */
type Place = 'heading' | 'comment' | 'between' | 'text';

/** Text without tags before a dated block, in which another record can start. */
interface Stretch {
  from: number;
  to: number;
  place: Place;
  /** Whether the block starts with a status, as a record's history does. */
  isBeforeStatus: boolean;
}

/** Yields the stretches of a text with tags that are not in a closed comment, and undefined at pauses. */
function* stretchesBeforeBlocks(text: string, start: number): Generator<Stretch | undefined> {
  const isFar = everyStep();
  const commentEnd = commentEnds(text);
  let position = start;
  let from = start;
  let nextLine = start;
  let place: Place = 'heading';
  for (let tag = nextTag(text, position); tag !== null; tag = nextTag(text, position)) {
    if (isFar(tag.offset)) yield;
    const date = tag.name === '[on]' ? dateAt(text, tag.end) : null;
    if (date !== null && from <= tag.offset) {
      const isBeforeStatus = text.startsWith('[status]', skipWhiteSpace(text, date.end, text.length));
      yield { from, to: tag.offset, place, isBeforeStatus };
    }
    const comment = tag.name === '[comment]' ? commentEnd(tag.end) : null;
    position = comment?.closed === true ? comment.end + COMMENT_END.length : (date?.end ?? tag.end);
    place = comment?.closed === false ? 'comment' : 'between';
    // The line of an opening tag belongs to the tag.
    const isOpen = !tag.name.startsWith('[/') && comment?.closed !== true;
    // Cached until it is passed, so that all tags together scan the text once.
    if (isOpen && nextLine <= position) nextLine = lineAt(text, position, text.length).next;
    from = isOpen ? nextLine : position;
  }
}

/** Yields the stretches of a text without tags. There, a comment ends only at the next date, so a status must follow. */
function* stretchesBeforeDates(text: string, start: number): Generator<Stretch | undefined> {
  const isFar = everyStep();
  let from = start;
  let place: Place = 'heading';
  for (const { start: to, next, hasStatus } of datedLines(text, start)) {
    if (isFar(to)) yield;
    if (hasStatus === null) continue;
    if (hasStatus || place !== 'comment') yield { from, to, place, isBeforeStatus: hasStatus };
    from = next;
    place = hasStatus ? 'between' : 'comment';
  }
}

const isBlank = (text: string, from: number, to: number): boolean => skipWhiteSpace(text, from, to) === to;

/** A line that ends with a reference. */
interface TitleLike {
  reference: string;
  hasText: boolean;
  /** Whether an empty line precedes or follows it. */
  isApart: boolean;
  /** Whether it is apart, short, and starts with a capital letter or a digit. */
  isPlain: boolean;
}

/** Finds the starts of records from the references of earlier ones. */
class TitleSearch {
  private readonly text: string;
  private readonly known = new Set<string>();
  /** The reference of the current title. */
  private last: string | null = null;

  constructor(text: string) {
    this.text = text;
  }

  /**
   * Returns the start of a record in a stretch; null if there is none. Of several titles, the last one has
   * the block: the others have no history. Yields at pauses.
   */
  *recordStart(stretch: Stretch): Generator<undefined, number | null> {
    let found: number | null = null;
    let { place } = stretch;
    let isTitleNext = place === 'heading';
    const isFar = everyStep(stretch.from);
    for (const { line, isAfterBlank, isEmpty } of this.lines(stretch)) {
      if (isFar(line.start)) yield;
      if (isEmpty) continue;
      const title = this.titleLike(line, stretch.to, isAfterBlank);
      if (isTitleNext) {
        this.last = title?.reference ?? null;
      } else if (title !== null && this.begins(title, place, stretch.isBeforeStatus, found !== null)) {
        found = line.start;
        if (title.isPlain) [place, this.last] = ['text', title.reference];
      }
      isTitleNext = false;
    }
    if (this.last !== null) this.known.add(this.last);
    return found;
  }

  private *lines({ from, to }: Stretch): Generator<{ line: Line; isAfterBlank: boolean; isEmpty: boolean }> {
    let isAfterBlank = true;
    for (let line = lineAt(this.text, from, to); line.start < to; line = lineAt(this.text, line.next, to)) {
      const isEmpty = isBlank(this.text, line.start, line.end);
      yield { line, isAfterBlank, isEmpty };
      isAfterBlank = isEmpty;
    }
  }

  private titleLike({ start, end, next }: Line, to: number, isAfterBlank: boolean): TitleLike | null {
    const line = trimWhiteSpace(this.text, start, end).replace(/^\ufeff/, '');
    const reference = titleReference(line);
    if (reference === null) return null;
    const isApart = isAfterBlank || isBlank(this.text, next, lineAt(this.text, next, to).end);
    const isPlain = isApart && line.length <= TITLE_CHARACTERS && /^[\p{Lu}\p{Nd}]/u.test(line);
    return { reference, hasText: !isBlank(this.text, next, to), isApart, isPlain };
  }

  private begins(title: TitleLike, place: Place, isBeforeStatus: boolean, isFound: boolean): boolean {
    const { reference, hasText, isApart, isPlain } = title;
    if (!hasText) {
      const isOther = !this.known.has(reference) && !this.isTime(reference);
      return place === 'between' && !isFound && isPlain && isBeforeStatus && isOther;
    }
    // Cut text and the title after it can be joined into one line, which is not a plain title.
    const isGlued = !isFound && isReference(reference) && !this.isTime(reference);
    if (place === 'between') return isPlain || isGlued;
    if (!isPlain && !(isGlued && isApart && place === 'comment')) return false;
    return this.isOfRecord(reference, place, isBeforeStatus);
  }

  /** Reports whether a reference at the end of a line belongs to a record, and is not only mentioned in the text. */
  private isOfRecord(reference: string, place: Place, isBeforeStatus: boolean): boolean {
    if (this.known.has(reference) && !isBeforeStatus) return false;
    if (this.isOfSameForm(reference) || (place === 'comment' && isBeforeStatus)) return true;
    if (isTimeLike(reference)) return false;
    // The text of a file with one record can refer to others.
    return isReference(reference) || (place === 'text' && isBeforeStatus);
  }

  private isTime(reference: string): boolean {
    return isTimeLike(reference) && !this.isOfSameForm(reference);
  }

  private isOfSameForm(reference: string): boolean {
    return this.last !== null && referenceForm(reference) === referenceForm(this.last);
  }
}

/** The maximum length of a title. Longer lines are paragraphs. */
const TITLE_CHARACTERS = 200;
