import type { AnomalyCode, Finding } from './anomalies.ts';
import type { Boundary, FoundEntry, FoundHistory, SegmentKind } from './entries.ts';
import { dateAt, dateBefore, type WrittenDate } from './ordinal-date.ts';
import { isRegisterStatus, normaliseStatus } from './statuses.ts';
import { COMMENT_END, commentEnds, cutTag, nextTag, type CommentEnd, type Tag } from './tags.ts';
import { normaliseText, skipWhiteSpace, trimWhiteSpace, endWithoutSpace } from './white-space.ts';

/** The current block. */
interface Block {
  start: number;
  /** Whether it started with `[on]`. */
  hasOpeningTag: boolean;
  date: WrittenDate | null;
  entries: number;
  /** Whether its missing date or end has been reported. */
  isUndatedReported: boolean;
  isCut: boolean;
}

/**
 * Parses a chain of blocks, tag by tag, in one pass: `position` only grows. A missing half of a pair is
 * assumed and reported once, and never stops the parser.
 */
class TaggedHistoryReader {
  private readonly text: string;
  private readonly commentEnd: (from: number) => CommentEnd;
  private readonly entries: FoundEntry[] = [];
  private readonly findings: Finding[] = [];
  private readonly boundaries: Boundary[] = [];
  /** The offset up to which the text has been parsed. */
  private position: number;
  private lastBoundary: number;
  private block: Block | null = null;
  /** The start of a tag cut by the end of the file; null if there is none. */
  private readonly cutTag: number | null;

  constructor(text: string, start: number) {
    this.text = text;
    this.commentEnd = commentEnds(text);
    this.position = start;
    this.lastBoundary = start;
    this.cutTag = cutTag(text);
  }

  read(): FoundHistory {
    for (let tag = this.next(); tag !== null; tag = this.next()) {
      if (this.block === null) this.outsideBlock(tag);
      else this.insideBlock(this.block, tag);
    }
    if (this.block !== null) this.abandon(this.block, this.text.length);
    else this.noteStray(this.text.length);
    this.boundary('between', this.text.length);
    return { entries: this.entries, findings: this.findings, boundaries: this.boundaries };
  }

  private next(): Tag | null {
    return nextTag(this.text, this.position);
  }

  private outsideBlock(tag: Tag): void {
    if (tag.name === '[on]') this.open(tag);
    else if (tag.name === '[status]' || tag.name === '[comment]') this.openWithoutTag(tag);
    else this.noteOrphan(tag);
  }

  private insideBlock(block: Block, tag: Tag): void {
    switch (tag.name) {
      case '[on]':
        this.abandon(block, tag.offset);
        this.open(tag);
        break;
      case '[/on]':
        if (this.isUntaggedComment(block, tag.offset)) this.readUntaggedComment(block, tag.offset);
        else this.noteGap(block, tag);
        this.position = tag.end;
        this.close(block, tag.end);
        break;
      case '[status]':
      case '[comment]':
        this.entryInBlock(block, tag);
        break;
      case '[/status]':
      case '[/comment]':
        this.readWithoutOpening(block, tag);
    }
  }

  private entryInBlock(block: Block, tag: Tag): void {
    const nextDate = block.entries > 0 ? dateBefore(this.text, this.position, tag.offset) : null;
    if (nextDate !== null) {
      // Another date starts another block, even without an `[on]` or the end of this block.
      this.abandon(block, nextDate.offset);
      this.openWithoutTag(tag);
      return;
    }
    this.noteGap(block, tag);
    if (tag.name === '[status]') this.readStatus(block, tag);
    else this.readComment(block, tag);
  }

  private open(tag: Tag): void {
    this.noteStray(tag.offset);
    const date = dateAt(this.text, tag.end);
    this.begin(tag.offset, true, date);
    this.position = date?.end ?? tag.end;
  }

  /** Opens a block for a status or comment outside any block: its `[on]` is missing, but there may be a date. */
  private openWithoutTag(tag: Tag): void {
    const date = dateBefore(this.text, this.position, tag.offset);
    const start = date?.offset ?? tag.offset;
    this.noteStray(start);
    const before = date === null ? tag.name : `"${date.written}"`;
    this.note('missing-opening-tag', start, `"[on]" is missing before ${before}`);
    this.noteDate(date);
    this.position = tag.offset;
    this.insideBlock(this.begin(start, false, date), tag);
  }

  private begin(start: number, opened: boolean, date: WrittenDate | null): Block {
    this.boundary('between', start);
    if (opened) this.noteDate(date);
    this.block = { start, hasOpeningTag: opened, date, entries: 0, isUndatedReported: !opened, isCut: false };
    return this.block;
  }

  private close(block: Block, end: number): void {
    this.boundary(block.entries > 0 ? 'block' : 'between', end);
    this.block = null;
  }

  /** Ends a block without `[/on]`. Misplaced text in it is part of the same problem. */
  private abandon(block: Block, end: number): void {
    const rest = skipWhiteSpace(this.text, this.position, end);
    if (rest < end && this.isCut(block, rest, end)) {
      this.noteStray(end);
    } else {
      if (block.hasOpeningTag && !block.isCut)
        this.note('unclosed-tag', block.start, '"[on]" is never closed');
      if (this.isUntaggedComment(block, end)) this.readUntaggedComment(block, end);
      else if (block.entries > 0) this.noteStray(end);
    }
    this.position = end;
    this.close(block, end);
  }

  /** Reports whether the end of the file cuts the block: in the tag after its date or entry, or in its date. */
  private isCut(block: Block, rest: number, end: number): boolean {
    return end === this.text.length && (rest === this.cutTag || (block.date === null && block.entries === 0));
  }

  /** Reports whether text follows the date of a block before any other tag, and is more than a partial tag. */
  private isUntaggedComment(block: Block, end: number): boolean {
    if (!block.hasOpeningTag || block.isCut || block.date === null || block.entries > 0) return false;
    const start = skipWhiteSpace(this.text, this.position, end);
    return start < end && cutTag(this.text.slice(start, end)) !== 0;
  }

  private readUntaggedComment(block: Block, end: number): void {
    const start = skipWhiteSpace(this.text, this.position, end);
    this.note('missing-opening-tag', start, '"[comment]" is missing before the text');
    const cutOff = end === this.text.length;
    this.entries.push({
      kind: 'comment',
      written: block.date,
      value: normaliseText(trimWhiteSpace(this.text, start, end)),
      offset: block.start,
      valueOffset: start,
      cutOff,
    });
    block.entries += 1;
  }

  private readStatus(block: Block, tag: Tag): void {
    const next = nextTag(this.text, tag.end);
    if (next?.name === '[/status]') {
      this.add(block, 'status', tag, tag.end, next.offset);
      this.position = next.end;
      return;
    }
    // Without its end tag, a status ends with its line, so that it includes no text.
    const limit = next?.offset ?? this.text.length;
    const start = skipWhiteSpace(this.text, tag.end, limit);
    let end = start;
    while (end < limit && this.text[end] !== '\n' && this.text[end] !== '\r') end += 1;
    if (next === null && this.isBlank(end, this.text.length)) {
      this.readLastStatus(block, tag, start, end);
      return;
    }
    this.noteUnclosed(block, tag);
    if (end > start) this.add(block, 'status', tag, start, end);
    this.position = end;
  }

  /** Parses a status at the end of the file, which may be incomplete unless it is one of the four. */
  private readLastStatus(block: Block, tag: Tag, start: number, lineEnd: number): void {
    const end = Math.max(start, Math.min(lineEnd, this.cutTag ?? lineEnd));
    const isWhole = isRegisterStatus(normaliseStatus(this.text.slice(start, end)));
    if (isWhole || start === lineEnd) this.noteUnclosed(block, tag);
    else this.noteCutStatus(block, start);
    if (isWhole) this.add(block, 'status', tag, start, end);
    this.position = this.text.length;
  }

  private noteCutStatus(block: Block, start: number): void {
    this.note('stray-text', start, 'the end of the file cuts a status');
    block.isCut = true;
  }

  private readComment(block: Block, tag: Tag): void {
    const { end, closed } = this.commentEnd(tag.end);
    if (closed) {
      this.noteEmptyComment(tag, end);
      this.add(block, 'comment', tag, tag.end, end);
      this.position = end + COMMENT_END.length;
      return;
    }
    this.noteUnclosed(block, tag);
    // A last `[/on]` ends the block and is not part of the comment.
    const lastTag = endWithoutSpace(this.text, tag.end, end) - '[/on]'.length;
    const textEnd = lastTag >= tag.end && this.text.startsWith('[/on]', lastTag) ? lastTag : end;
    if (!this.isBlank(tag.end, textEnd)) {
      this.add(block, 'comment', tag, tag.end, textEnd, end === this.text.length);
    }
    this.position = textEnd;
  }

  /** Parses an end tag without a start tag. The text before it in a dated block is assumed to be its content. */
  private readWithoutOpening(block: Block, tag: Tag): void {
    if (!this.isBlank(this.position, tag.offset) && block.date !== null && block.entries === 0) {
      const kind = tag.name === '[/status]' ? 'status' : 'comment';
      this.add(block, kind, tag, this.position, tag.offset);
    }
    this.noteOrphan(tag);
  }

  private add(
    block: Block,
    kind: 'status' | 'comment',
    tag: Tag,
    from: number,
    to: number,
    cutOff = false,
  ): void {
    const value =
      kind === 'status'
        ? normaliseStatus(this.text.slice(from, to))
        : normaliseText(trimWhiteSpace(this.text, from, to));
    const offset = block.entries === 0 ? block.start : tag.offset;
    const valueOffset = skipWhiteSpace(this.text, from, to);
    this.entries.push({ kind, written: block.date, value, offset, valueOffset, cutOff });
    block.entries += 1;
  }

  private isBlank(from: number, to: number): boolean {
    return skipWhiteSpace(this.text, from, to) === to;
  }

  private boundary(kind: SegmentKind, end: number): void {
    if (end === this.lastBoundary) return;
    const last = this.boundaries.at(-1);
    if (kind === 'between' && last?.kind === kind) last.end = end;
    else this.boundaries.push({ kind, end });
    this.lastBoundary = end;
  }

  private note(code: AnomalyCode, offset: number, detail: string): void {
    this.findings.push({ code, offset, detail });
  }

  private noteOrphan(tag: Tag): void {
    this.note('missing-opening-tag', tag.offset, `"${tag.name}" has no opening tag`);
    this.position = tag.end;
  }

  private noteUnclosed(block: Block, tag: Tag): void {
    this.note('unclosed-tag', tag.offset, `"${tag.name}" is never closed`);
    block.isCut = true;
  }

  private noteEmptyComment(tag: Tag, end: number): void {
    if (this.isBlank(tag.end, end)) this.note('empty-comment', tag.offset, '"[comment]" has no text');
  }

  private noteDate(date: WrittenDate | null): void {
    if (date !== null && date.iso === null) {
      this.note('invalid-date', date.offset, `"${date.written}" is not a real date`);
    }
  }

  private noteStray(to: number): void {
    const at = skipWhiteSpace(this.text, this.position, to);
    if (at < to) this.note('stray-text', at, 'text outside any entry');
  }

  /** Reports text before a tag in a block: misplaced text, or a missing date. */
  private noteGap(block: Block, tag: Tag): void {
    if (block.date !== null || block.isUndatedReported) {
      this.noteStray(tag.offset);
      return;
    }
    block.date = dateBefore(this.text, this.position, tag.offset);
    if (block.date !== null) {
      this.noteDate(block.date);
      this.noteStray(block.date.offset);
      return;
    }
    const at = skipWhiteSpace(this.text, this.position, tag.offset);
    this.note('invalid-date', at === tag.offset ? block.start : at, 'no date follows "[on]"');
    block.isUndatedReported = true;
  }
}

/** Parses the history of a file with tags, from an offset. */
export function readTaggedHistory(text: string, start: number): FoundHistory {
  return new TaggedHistoryReader(text, start).read();
}

/** Returns the start of the history in a file with tags: its first tag, or the date before it if `[on]` is missing. */
export function taggedHistoryStart(text: string, from: number, firstTag: number): number {
  const first = nextTag(text, firstTag);
  if (first?.name !== '[status]' && first?.name !== '[comment]') return firstTag;
  return dateBefore(text, from, firstTag)?.offset ?? firstTag;
}
