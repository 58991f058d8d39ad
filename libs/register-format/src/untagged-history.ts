import type { AnomalyCode, Finding } from './anomalies.ts';
import type { Boundary, FoundEntry, FoundHistory } from './entries.ts';
import { anyCase, LINE_DATE, lineDateAt, type WrittenDate } from './ordinal-date.ts';
import { normaliseStatus, registerStatuses } from './statuses.ts';
import {
  lineAt,
  normaliseText,
  skipWhiteSpace,
  trimWhiteSpace,
  WHITE_SPACE,
  type Line,
} from './white-space.ts';

// One of the four statuses, with hyphens or spaces; or another hyphenated word, which rarely follows a date in prose without other words.
// Bounded, because an unbounded group overflows the pattern's stack on a long line.
const STATUS =
  `(?:(?:${anyCase(registerStatuses.join('|')).replaceAll('-', `(?:-|${WHITE_SPACE}+)`)}` +
  '|[A-Za-z]{1,30}(?:-[A-Za-z]{1,30}){1,5})(?![A-Za-z-]))';

// The separator has its own white space: `WS*-?WS*` would need quadratic time on a long run of it.
const dateAndStatus = new RegExp(
  `${WHITE_SPACE}*${LINE_DATE}(?:(?:${WHITE_SPACE}*[:,–—-])?${WHITE_SPACE}*(${STATUS}))?`,
  'y',
);
const statusAlone = new RegExp(`^${WHITE_SPACE}*(${STATUS})${WHITE_SPACE}*$`);

/** A date in a line of dates and statuses, and the status after it; null if the date ends the line. */
interface Item {
  date: WrittenDate;
  status: FoundStatus | null;
}

interface FoundStatus {
  value: string;
  offset: number;
}

function foundStatus(written: string, end: number): FoundStatus {
  const value = normaliseStatus(written);
  const hyphenated = normaliseStatus(value.replaceAll(' ', '-'));
  return { value: hyphenated, offset: end - written.length };
}

/** The longest line of dates and statuses, in characters: reading a longer one would take too long without a pause. */
const DATED_LINE_MAX = 10_000;

/** Returns the items of a line with only dates and statuses, of which the last date may have no status; null for any other line. */
function readItems(line: string, lineStart: number): Item[] | null {
  if (line.length > DATED_LINE_MAX) return null;
  const items: Item[] = [];
  let at = 0;
  while (skipWhiteSpace(line, at, line.length) < line.length) {
    dateAndStatus.lastIndex = at;
    const found = dateAndStatus.exec(line);
    const date = found === null ? null : lineDateAt(line, at);
    if (found === null || date === null || items.at(-1)?.status === null) return null;
    at += found[0].length;
    const status = found[1] === undefined ? null : foundStatus(found[1], lineStart + at);
    items.push({
      date: { ...date, offset: date.offset + lineStart, end: date.end + lineStart },
      status,
    });
  }
  return items.length === 0 ? null : items;
}

function readStatusAlone(line: string, lineStart: number): FoundStatus | null {
  const found = statusAlone.exec(line);
  const start = skipWhiteSpace(line, 0, line.length);
  return found?.[1] === undefined ? null : foundStatus(found[1], lineStart + start + found[1].length);
}

/** Parses lines in sequence. If no history starts, all of them are text. */
class UntaggedHistoryReader {
  readonly entries: FoundEntry[] = [];
  readonly findings: Finding[] = [];
  readonly boundaries: Boundary[] = [];
  start: number | null = null;
  private readonly text: string;
  /** A date alone on its line that has no status or text yet. */
  private waiting: WrittenDate | null = null;
  /** The date for a status alone on its line. */
  private statusDate: WrittenDate | null = null;
  private commentStart: number | null = null;
  private commentDate: WrittenDate | null = null;
  private isStray = false;

  constructor(text: string) {
    this.text = text;
  }

  line(from: number, to: number): void {
    const line = this.text.slice(from, to);
    const items = readItems(line, from);
    if (items !== null) {
      this.dates(items, from);
      return;
    }
    if (this.start === null || skipWhiteSpace(line, 0, line.length) === line.length) return;
    const status = this.statusDate === null ? null : readStatusAlone(line, from);
    if (status !== null && this.statusDate !== null) {
      this.status(this.statusDate, status, this.waiting?.offset ?? status.offset);
      this.waiting = null;
      return;
    }
    this.prose(from);
  }

  /** Ends the open entry at the next date or at the end of the text. */
  finish(end: number): void {
    if (this.commentDate !== null && this.commentStart !== null) {
      this.comment(this.commentDate, this.commentStart, end);
    } else if (this.waiting !== null) {
      this.note('empty-comment', this.waiting.offset, `"${this.waiting.written}" has no text`);
      this.comment(this.waiting, end, end);
    }
    if (this.start !== null && end > this.start) {
      this.boundaries.push({ kind: this.isStray ? 'between' : 'block', end });
    }
    this.waiting = this.statusDate = this.commentDate = this.commentStart = null;
    this.isStray = false;
  }

  private dates(items: Item[], lineStart: number): void {
    const first = items[0]?.date;
    if (this.start === null && first !== undefined) {
      this.start = lineStart;
      this.note('untagged-history', first.offset, `"${first.written}" has no tags`);
    }
    this.finish(lineStart);
    for (const { date, status } of items) {
      if (date.iso === null) this.note('invalid-date', date.offset, `"${date.written}" is not a real date`);
      this.statusDate = date;
      if (status === null) this.waiting = date;
      else this.status(date, status, date.offset);
    }
  }

  private prose(from: number): void {
    if (this.commentStart !== null || this.isStray) return;
    this.statusDate = null;
    if (this.waiting === null) {
      this.isStray = true;
      const at = skipWhiteSpace(this.text, from, this.text.length);
      this.note('stray-text', at, 'text outside any entry');
      this.boundaries.push({ kind: 'block', end: from });
      return;
    }
    this.commentDate = this.waiting;
    this.commentStart = from;
    this.waiting = null;
  }

  private status(date: WrittenDate, { value, offset }: FoundStatus, start: number): void {
    this.entries.push({ kind: 'status', written: date, value, offset: start, valueOffset: offset });
  }

  private comment(date: WrittenDate, from: number, to: number): void {
    const value = normaliseText(trimWhiteSpace(this.text, from, to));
    const valueOffset = skipWhiteSpace(this.text, from, to);
    this.entries.push({ kind: 'comment', written: date, value, offset: date.offset, valueOffset });
  }

  private note(code: AnomalyCode, offset: number, detail: string): void {
    this.findings.push({ code, offset, detail });
  }
}

/**
 * Parses the history of a file without any tag: a date and a status on one line or two, or a date alone on
 * its line above a comment. Returns null if no line has such a date.
 */
export function readUntaggedHistory(text: string, from: number): (FoundHistory & { start: number }) | null {
  const reader = new UntaggedHistoryReader(text);
  for (let at = from; at < text.length;) {
    const { start, end, next } = lineAt(text, at, text.length);
    reader.line(start, end);
    at = next;
  }
  reader.finish(text.length);
  if (reader.start === null) return null;
  const { entries, findings, boundaries } = reader;
  return { start: reader.start, entries, findings, boundaries };
}

/**
 * Yields the lines of a history without tags, and of those with dates, whether the line, or the next one, ends with a
 * status; null for the others.
 */
export function* datedLines(text: string, from: number): Generator<Line & { hasStatus: boolean | null }> {
  for (let at = from; at < text.length;) {
    const line = lineAt(text, at, text.length);
    const items = readItems(text.slice(line.start, line.end), line.start);
    at = line.next;
    if (items === null) {
      yield { ...line, hasStatus: null };
      continue;
    }
    const below = lineAt(text, skipWhiteSpace(text, line.next, text.length), text.length);
    const isBelow = items.at(-1)?.status === null && readStatusAlone(text.slice(below.start, below.end), 0);
    if (isBelow) at = below.next;
    yield { ...line, next: at, hasStatus: items.at(-1)?.status !== null || Boolean(isBelow) };
  }
}
