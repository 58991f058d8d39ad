import { daysBetween } from '#lifecycle/plain-date';

/** What never comes: later than every date, and than every instant, that can be written. */
export const NEVER_ON = '9999-99-99';
export const NEVER = 253_402_300_800_000;

/**
 * Where a row holds. It is so from the end of a day until that of another (`from_on`, `next_on`), and was known from an instant
 * (`known`) until it was told otherwise (`known_to`), in milliseconds since 1970. Up to `next_known` nobody knew that it would end.
 * At a day D and an instant T it holds where `from_on <= D and known <= T and T < known_to and (D < next_on or T < next_known)`:
 * of one thing one row at most.
 */
export interface Span {
  from_on: string;
  next_on: string;
  known: number;
  next_known: number;
  known_to: number;
  /** For how long it is so, and for how long nobody knew that it would end, as `lengthOf` says it. */
  held: number;
  open: number;
}

/** The length of what has no end. */
export const ENDLESS = 99;
/** That of what was known to end as soon as it was known. */
const NONE = -1;
/** The length of the longest that has an end: from the first day that can be written to the last. */
export const LONGEST = 22;
export const DAY_MS = 86_400_000;

/**
 * A length in days as the exponent of the next power of two. What is of one length and there at a moment has begun no longer before
 * than that: of a few such stretches an index gives the rows that hold, and hardly any others.
 */
const lengthOf = (days: number): number => 32 - Math.clz32(Math.ceil(days) - 1);

/** The lengths of a row. */
export const lengthsOf = (span: Pick<Span, 'from_on' | 'next_on' | 'known' | 'next_known'>) => ({
  held: span.next_on === NEVER_ON ? ENDLESS : lengthOf(daysBetween(span.from_on, span.next_on)),
  open: openFor(span.next_known - span.known, span.next_known),
});

function openFor(milliseconds: number, until: number): number {
  if (until === NEVER) return ENDLESS;
  return milliseconds > 0 ? lengthOf(milliseconds / DAY_MS) : NONE;
}

/** One thing that is told from a day on, until the next. */
export interface Told<Content> {
  readonly on: string;
  readonly content: Content;
}

/** A row as it is told before an instant, and held against what is told then. */
export interface Earlier<Content> extends Told<Content> {
  /** Which row it is, and from which instant on it is known. */
  readonly key: number;
  readonly known: number;
  readonly next_on: string;
}

/** What has to be done to the rows, so that from an instant on they tell something else. */
export interface Retelling<Content> {
  /** The rows that hold no longer from the instant on. */
  readonly closed: readonly number[];
  /** The rows that nobody knew to end, and from which day on they do. */
  readonly ended: readonly { readonly row: Earlier<Content>; readonly next_on: string }[];
  /** New rows, in the order of their days. */
  readonly told: readonly (Told<Content> & { readonly next_on: string })[];
}

/**
 * Tells anew what differs, and only that. Both are in the order of their days, and of days without a gap.
 * @param next from which day on something else stands after the last of what is told, and stays
 */
export function retell<Content>(
  before: readonly Earlier<Content>[],
  after: readonly Told<Content>[],
  next: string,
  isSame: (a: Content, b: Content) => boolean,
): Retelling<Content> {
  const standing = new Map(before.map((row) => [row.on, row]));
  const kept = new Set<number>();
  const ended: { row: Earlier<Content>; next_on: string }[] = [];
  const told: (Told<Content> & { next_on: string })[] = [];
  for (const [index, each] of after.entries()) {
    const next_on = after[index + 1]?.on ?? next;
    const row = standing.get(each.on);
    const stays = row !== undefined && isSame(row.content, each.content);
    if (stays && row.next_on === next_on) kept.add(row.key);
    else if (stays && row.next_on === NEVER_ON) {
      kept.add(row.key);
      ended.push({ row, next_on });
    } else told.push({ ...each, next_on });
  }
  return { closed: before.filter(({ key }) => !kept.has(key)).map(({ key }) => key), ended, told };
}
