import { DATE } from './ordinal-date.ts';
import { endWithoutSpace, WHITE_SPACE } from './white-space.ts';

/** The tags of a record, in exactly this spelling. */
type TagName = '[on]' | '[/on]' | '[status]' | '[/status]' | '[comment]' | '[/comment]';

/** A tag in the decoded text. */
export interface Tag {
  name: TagName;
  offset: number;
  end: number;
}

const TAGS: readonly TagName[] = ['[on]', '[/on]', '[status]', '[/status]', '[comment]', '[/comment]'];

/** Returns the start of a tag cut by the end of the text, ignoring outer white space; null if there is none. */
export function cutTag(text: string): number | null {
  const end = endWithoutSpace(text, 0, text.length);
  const open = text.lastIndexOf('[', end - 1);
  if (open === -1 || end - open > '[/comment'.length) return null;
  const cut = text.slice(open, end);
  return TAGS.some((tag) => tag !== cut && tag.startsWith(cut)) ? open : null;
}

const anyTag = /\[\/?(?:on|status|comment)\]/g;

/** Returns the first tag at or after an offset. */
export function nextTag(text: string, from: number): Tag | null {
  anyTag.lastIndex = from;
  const found = anyTag.exec(text);
  return found === null
    ? null
    : { name: found[0] as TagName, offset: found.index, end: found.index + found[0].length };
}

export const COMMENT_END = '[/comment]';

const DATED_ON = `\\[on\\]${WHITE_SPACE}*${DATE}`;
const DATED_COMMENT = `${DATED_ON}${WHITE_SPACE}*\\[comment\\]`;

const datedComment = new RegExp(DATED_COMMENT);

/** Reports whether a text opens a block with a comment. Inside a comment, it would be parsed as the next one. */
export function opensComment(text: string): boolean {
  return datedComment.test(text);
}

export function hasTag(text: string): boolean {
  return nextTag(text, 0) !== null;
}

/**
 * Returns a search for rising offsets: the first match at or after each, or `Infinity`. It caches a match
 * until it is passed, so that all calls together scan the text once.
 */
function risingSearch(text: string, pattern: RegExp): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) {
      pattern.lastIndex = from;
      found = pattern.exec(text)?.index ?? Infinity;
    }
    return found;
  };
}

/** The end of a comment's body, and whether its own tag ends it. */
export interface CommentEnd {
  end: number;
  closed: boolean;
}

/**
 * Returns a search for the ends of comments, for rising offsets. A comment ends at its first `[/comment]`, unless another dated block with
 * a comment opens before that: then, or without a `[/comment]`, it ends before the next `[on]` with a date, or with the text. So a comment
 * can quote a block with a status, and a missing tag never absorbs the next comment.
 */
export function commentEnds(text: string): (from: number) => CommentEnd {
  const nextEnd = risingSearch(text, /\[\/comment\]/g);
  const nextComment = risingSearch(text, new RegExp(DATED_COMMENT, 'g'));
  const nextBlock = risingSearch(text, new RegExp(DATED_ON, 'g'));
  return (from) => {
    const end = nextEnd(from);
    if (end < nextComment(from)) return { end, closed: true };
    return { end: Math.min(nextBlock(from), text.length), closed: false };
  };
}

// An `[on]` in prose ("switch it [on] again") does not open a history. One that opens it is followed by a date, another `[on]`, its own end
// or that of the file, or, on its line, by a status or a comment. The end of the file can cut the date or the tag.
const historyStart = new RegExp(
  `\\[on\\](?:${WHITE_SPACE}*(?:${DATE}|\\[/?on\\]|(?:\\d[^\\[\\r\\n]{0,40})?$)` +
    '|[^\\[\\r\\n]*\\[(?:status|comment)\\])' +
    '|\\[/(?:on|status|comment)\\]|\\[(?:status|comment)\\]|\\[(?:on?)?$',
  'g',
);

/** Returns the start of the history's first tag; null in a file without tags. */
export function firstHistoryTag(text: string, from: number): number | null {
  historyStart.lastIndex = from;
  return historyStart.exec(text)?.index ?? null;
}
