import { daysBetween } from '#lifecycle/plain-date';

/** Later than every representable date and instant. */
export const NEVER_ON = '9999-99-99';
export const NEVER = 253_402_300_800_000;

/**
 * The bitemporal validity of a row. It is effective from the end of `from_on` until the end of `next_on`, and known from `known`
 * until superseded at `known_to` (milliseconds since 1970). Until `next_known` its end was not known. The row is valid at day D and
 * instant T if `from_on <= D and known <= T and T < known_to and (D < next_on or T < next_known)`. At most one row of each subject
 * is valid at a point.
 */
export interface Span {
  from_on: string;
  next_on: string;
  known: number;
  next_known: number;
  known_to: number;
  /** How long it is effective, and how long its end was unknown, as computed by `lengthOf`. */
  held: number;
  open: number;
}

/** The length of an open-ended span. */
export const ENDLESS = 99;
/** The length of a span whose end was known from the start. */
const NONE = -1;
/** The longest length of a span with an end: from the first representable day to the last. */
export const LONGEST = 22;
export const DAY_MS = 86_400_000;

/**
 * Returns the exponent of the smallest power of two not below a number of days. A span of one length class that covers a moment
 * cannot have started earlier than that, so an index finds the valid rows in a few narrow ranges.
 */
const lengthOf = (days: number): number => 32 - Math.clz32(Math.ceil(days) - 1);

export const lengthsOf = (span: Pick<Span, 'from_on' | 'next_on' | 'known' | 'next_known'>) => ({
  held: span.next_on === NEVER_ON ? ENDLESS : lengthOf(daysBetween(span.from_on, span.next_on)),
  open: openFor(span.next_known - span.known, span.next_known),
});

function openFor(milliseconds: number, until: number): number {
  if (until === NEVER) return ENDLESS;
  return milliseconds > 0 ? lengthOf(milliseconds / DAY_MS) : NONE;
}

/** Content effective from a day until the next entry. */
export interface Dated<Content> {
  readonly on: string;
  readonly content: Content;
}

/** A stored row, to be compared with new content. */
export interface Earlier<Content> extends Dated<Content> {
  /** The row's key, and the instant from which it is known. */
  readonly key: number;
  readonly known: number;
  readonly next_on: string;
}

/** The changes that make the rows reflect other content from an instant on. */
export interface RowChanges<Content> {
  /** The rows superseded at the instant. */
  readonly closed: readonly number[];
  /** Open-ended rows that now end, and on which day. */
  readonly ended: readonly { readonly row: Earlier<Content>; readonly next_on: string }[];
  /** New rows, in order of day. */
  readonly added: readonly (Dated<Content> & { readonly next_on: string })[];
}

/**
 * Returns the smallest changes that turn one list of entries into another. Both are ordered by day and have no gaps.
 * @param next the day of the first entry after these, which does not change
 */
export function diffRows<Content>(
  before: readonly Earlier<Content>[],
  after: readonly Dated<Content>[],
  next: string,
  isSame: (a: Content, b: Content) => boolean,
): RowChanges<Content> {
  const byDay = new Map(before.map((row) => [row.on, row]));
  const kept = new Set<number>();
  const ended: { row: Earlier<Content>; next_on: string }[] = [];
  const added: (Dated<Content> & { next_on: string })[] = [];
  for (const [index, each] of after.entries()) {
    const next_on = after[index + 1]?.on ?? next;
    const row = byDay.get(each.on);
    const stays = row !== undefined && isSame(row.content, each.content);
    if (stays && row.next_on === next_on) kept.add(row.key);
    else if (stays && row.next_on === NEVER_ON) {
      kept.add(row.key);
      ended.push({ row, next_on });
    } else added.push({ ...each, next_on });
  }
  return { closed: before.filter(({ key }) => !kept.has(key)).map(({ key }) => key), ended, added };
}
