import { formatOrdinalDate } from './ordinal-date.ts';
import { parseRegisterRecord } from './parse-register-record.ts';
import { normaliseStatus } from './statuses.ts';
import { COMMENT_END, hasTag, opensComment } from './tags.ts';
import { isReference } from './title.ts';
import { normaliseText, trimWhiteSpace } from './white-space.ts';

/** An entry to print. */
export type PrintableEntry =
  | { kind: 'status'; date: string; status: string }
  | { kind: 'comment'; date: string; text: string };

/** A record to print, with entries in file order. */
export interface PrintableRecord {
  title: string;
  reference: string | null;
  text: string;
  entries: readonly PrintableEntry[];
}

/** The part of a record whose text cannot be printed. */
type RecordPart = 'title' | 'reference' | 'text' | 'status' | 'comment';

/** A text would not be parsed unchanged, such as a comment that contains `[/comment]`. */
export class UnprintableTextError extends Error {
  override readonly name = 'UnprintableTextError';
  readonly part: RecordPart;
  /** The index of the entry in the printed list; null for title, reference and text. */
  readonly entry: number | null;

  constructor(part: RecordPart, entry: number | null = null) {
    super(
      `the ${part}${entry === null ? '' : ` of entry ${entry + 1}`} cannot be printed in a register record`,
    );
    this.part = part;
    this.entry = entry;
  }
}

/**
 * Returns one block in the register's format. Outer white space and the kind of line ends are not preserved.
 * @throws UnprintableTextError with the index, if the text would not be parsed unchanged: it contains `[/comment]`, or `[on]`,
 * a date and `[comment]`; or the status contains a tag
 * @throws RangeError if the date is not an ISO plain date
 */
export function printEntryAt(entry: PrintableEntry, index: number | null): string {
  const on = `[on]${formatOrdinalDate(entry.date)} `;
  if (entry.kind === 'status') {
    const status = normaliseStatus(entry.status);
    if (hasTag(status) || !status.isWellFormed()) throw new UnprintableTextError('status', index);
    return `${on}[status]${status}[/status][/on]`;
  }
  const text = normaliseText(entry.text);
  // A dated block with a comment inside a comment would be parsed as the next comment.
  if (text.includes(COMMENT_END) || opensComment(text) || !text.isWellFormed()) {
    throw new UnprintableTextError('comment', index);
  }
  return `${on}[comment]\n\n${text}\n\n[/comment][/on]`;
}

/** All syntax is in brackets. The matched text after a bracket is longer than any date or status. */
const LONG_WORDS = /([^[]{200})[^[]+/g;

/** Returns the block without the parts of long comments that cannot affect how the file is parsed. */
export const shortenBlock = (block: string): string => block.replaceAll(LONG_WORDS, '$1');

/**
 * Returns title, reference and text in the register's format, for the blocks that will follow. These may be `shortened`.
 * @throws UnprintableTextError with the part that would not be parsed unchanged
 */
export function printHeading(
  { title, reference, text }: Omit<PrintableRecord, 'entries'>,
  blocks: readonly string[],
): string {
  const wanted = { title: trimWhiteSpace(title), reference, text: normaliseText(text) };
  if (reference !== null && !isReference(reference)) throw new UnprintableTextError('reference');
  const first = reference === null ? wanted.title : trimWhiteSpace(`${wanted.title} (${reference})`);
  const heading = joinParts(first, wanted.text);
  // The following blocks affect how a title or text is parsed, so this parses the result to check it.
  const parsed = parseRegisterRecord(new TextEncoder().encode(joinParts(heading, blocks.join(''))));
  for (const part of ['title', 'reference', 'text'] as const) {
    if (parsed[part] !== wanted[part]) throw new UnprintableTextError(part);
  }
  // Only a text can add entries: one that looks like a history without tags.
  if (parsed.entries.length !== blocks.length) throw new UnprintableTextError('text');
  return heading;
}

/** Joins parts of a file with an empty line between them. */
export const joinParts = (...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join('\n\n');
