import { formatOrdinalDate } from './ordinal-date.ts';
import { parseRegisterRecord } from './parse-register-record.ts';
import { normaliseStatus } from './statuses.ts';
import { COMMENT_END, holdsTag, opensComment } from './tags.ts';
import { isReference } from './title.ts';
import { normaliseText, trimmed } from './white-space.ts';

/** An entry to print. */
export type PrintableEntry =
  { kind: 'status'; date: string; status: string } | { kind: 'comment'; date: string; text: string };

/** A record to print from its events, entries in the order of the file. */
export interface PrintableRecord {
  title: string;
  reference: string | null;
  text: string;
  entries: readonly PrintableEntry[];
}

/** The part of a record that a text belongs to. */
export type RecordPart = 'title' | 'reference' | 'text' | 'status' | 'comment';

/** A text that would not be read back as it was, such as a comment that contains `[/comment]`. */
export class UnprintableTextError extends Error {
  override readonly name = 'UnprintableTextError';
  readonly part: RecordPart;
  /** The entry's place in the list that was to be printed; null for title, reference and text. */
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
 * One block, as the register writes it, of the entry at a place of a list. Outer white space and the kind of line ends are not kept.
 *
 * @throws UnprintableTextError naming the place, when its text would not be read back: it contains `[/comment]`, or `[on]`, a date and
 *   `[comment]`; or the status contains a tag
 * @throws RangeError when its date is no ISO plain date
 */
export function printEntryAt(entry: PrintableEntry, index: number | null): string {
  const on = `[on]${formatOrdinalDate(entry.date)} `;
  if (entry.kind === 'status') {
    const status = normaliseStatus(entry.status);
    if (holdsTag(status) || !status.isWellFormed()) throw new UnprintableTextError('status', index);
    return `${on}[status]${status}[/status][/on]`;
  }
  const text = normaliseText(entry.text);
  // A dated block with a comment inside a comment would be read as the next one.
  if (text.includes(COMMENT_END) || opensComment(text) || !text.isWellFormed()) {
    throw new UnprintableTextError('comment', index);
  }
  return `${on}[comment]\n\n${text}\n\n[/comment][/on]`;
}

/**
 * A source with blocks after it. Read again, it gives the entries of the source and then these; only the lines of an
 * untagged history are no longer read once a tag follows them.
 *
 * @throws UnprintableTextError naming the place of the entry that cannot be printed
 */
export function appendEntries(source: Uint8Array, entries: readonly PrintableEntry[]): Uint8Array {
  const blocks = new TextEncoder().encode(entries.map(printEntryAt).join(''));
  const bytes = new Uint8Array(source.length + blocks.length);
  bytes.set(source);
  bytes.set(blocks, source.length);
  return bytes;
}

/** What tells how a file is read stands in brackets; of what follows one, this is more than any date or status has. */
const LONG_WORDS = /([^[]{200})[^[]+/g;

/** The block without what of a long comment makes no difference to how the rest of the file is read. */
export const shortened = (block: string): string => block.replaceAll(LONG_WORDS, '$1');

/**
 * Title, reference and text as the register writes them, before the blocks that are to follow, which may be `shortened`.
 *
 * @throws UnprintableTextError naming the part that would not be read back before them
 */
export function printHeading(
  { title, reference, text }: Omit<PrintableRecord, 'entries'>,
  blocks: readonly string[],
): string {
  const wanted = { title: trimmed(title), reference, text: normaliseText(text) };
  if (reference !== null && !isReference(reference)) throw new UnprintableTextError('reference');
  const first = reference === null ? wanted.title : trimmed(`${wanted.title} (${reference})`);
  const heading = joined(first, wanted.text);
  // What a title or text may hold depends on all that follows it, so reading is the test.
  const read = parseRegisterRecord(new TextEncoder().encode(joined(heading, blocks.join(''))));
  for (const part of ['title', 'reference', 'text'] as const) {
    if (read[part] !== wanted[part]) throw new UnprintableTextError(part);
  }
  // Only a text can add entries of its own: one that looks like a history without tags.
  if (read.entries.length !== blocks.length) throw new UnprintableTextError('text');
  return heading;
}

/** Parts of a file with an empty line between them. */
export const joined = (...parts: readonly string[]): string =>
  parts.filter((part) => part !== '').join('\n\n');
