import { daysBetween } from '#lifecycle/plain-date';
import type { RowOf } from '#projections/tables';

/** A day later than every date, and an instant later than every instant. */
export const NEVER_ON = '9999-99-99';
export const NEVER = 253_402_300_800_000;

/**
 * The bitemporal validity of a row. The row is effective from `from_on` until before `next_on`, and known from `known`
 * until it is superseded at `known_to` (milliseconds since 1970). Before `next_known` its end was not known. It is
 * valid on day D at instant T if `from_on <= D and known <= T and T < known_to and (D < next_on or T < next_known)`. At
 * most one row of each subject is valid at a point.
 */
export const SPAN_COLUMNS = {
  from_on: 'text',
  next_on: 'text',
  known: 'integer',
  next_known: 'integer',
  known_to: 'integer',
  /**
   * The length class of the effective period and of the time in which its end was unknown, as computed by `lengthOf`.
   */
  held: 'integer',
  open: 'integer',
} as const;

export type Span = RowOf<typeof SPAN_COLUMNS>;

/** The length class of a span without an end. */
export const ENDLESS = 99;
/** The length class of a span whose end was known from the start. */
const NONE = -1;
/** The largest length class of a span with an end: from the first representable day to the last. */
export const LONGEST = 22;
export const DAY_MS = 86_400_000;

/**
 * Returns the exponent of the smallest power of two that is not less than a number of days. It bounds how early a span
 * of this length class can have started that covers a moment, so an index finds valid rows in a few narrow ranges.
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

/** Content that is effective from a day until the next entry. */
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

/** The changes after which rows contain other content from an instant on. */
export interface RowChanges<Content> {
  /** The keys of the rows that are superseded at the instant. */
  readonly closed: readonly number[];
  /** Rows without an end that now end, and the day. */
  readonly ended: readonly { readonly row: Earlier<Content>; readonly next_on: string }[];
  /** New rows, in order of day. */
  readonly added: readonly (Dated<Content> & { readonly next_on: string })[];
}

/**
 * Returns the smallest changes that turn one list of entries into another. Both are ordered by day and have no gaps.
 * @param next the day of the first unchanged entry after these.
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
