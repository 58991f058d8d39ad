import { isPlainDate } from '#lifecycle/plain-date';
import type { HolidayRegion } from './bank-holidays.ts';
import { cuedDates, latestDates } from './cues.ts';
import type { CuedDate, Search } from './cues.ts';
import { flatten } from './flat-text.ts';
import type { Due, FoundDeadline } from './found-deadline.ts';

interface FindOptions {
  /** The plain date from which relative words count; null if unknown. */
  readonly publishedOn: string | null;
  /** The region of the bank holidays. By default, England and Wales. */
  readonly holidays?: HolidayRegion;
}

/** More deadlines than any recommendation contains. */
export const FOUND_MAX = 200;
/** More dates and urgent words than any recommendation contains. It limits the work. */
export const JUDGED_MAX = 1000;

/** The number of characters searched: the maximum length of a text entered in Docket. A register's file may have ten times as many. */
export const SEARCHED_MAX = 50_000;
/** How far a sentence is read beyond that limit. */
const READ_ON = 400;

/** Two publication dates that change the result of every relative word, in years with known bank holidays. */
const STAND_INS = ['2013-02-05', '2024-08-21'] as const;

/**
 * Returns the deadlines in a recommendation's text, in order of place and each day once. Days in the text are exact; others are proposed by
 * a rule (PROPOSAL_RULES) for an inspector to confirm or dismiss. A day before publication is never exact. After SEARCHED_MAX characters,
 * FOUND_MAX deadlines or JUDGED_MAX other dates, the rest is not searched; it becomes the span of a last proposal, `not-searched`. The time
 * is linear in the text searched.
 * @throws RangeError if `publishedOn` is not a plain date
 */
export function findDeadlines(text: string, options: FindOptions): FoundDeadline[] {
  const { publishedOn, holidays = 'england-and-wales' } = options;
  if (publishedOn !== null && !isPlainDate(publishedOn)) {
    throw new RangeError(`publishedOn is not a plain date: ${publishedOn}`);
  }
  const length = searchedLength(text);
  const flat = flatten(text.slice(0, length + READ_ON));
  const search = (on: string): Result =>
    searchText({ text: flat.text, publishedOn: on, isPublicationKnown: publishedOn !== null, holidays });
  const { findings, end } = publishedOn === null ? withoutPublication(search) : search(publishedOn);
  const deadlines = findings.map(({ from, to, due }): FoundDeadline => ({
    span: flat.spanOf(from, to),
    ...due,
  }));
  const withinLimit = deadlines.filter(({ span }) => span.to <= length);
  // A deadline across the limit belongs to the rest.
  const across = deadlines.find(({ span }) => span.to > length)?.span.from ?? length;
  const ended = end === null ? text.length : flat.spanOf(end, end + 1).from;
  const from = Math.min(ended, across, length);
  const isRest = text.slice(from).trim() !== '';
  return [...once(withinLimit), ...(isRest ? [notSearched({ from, to: text.length })] : [])];
}

/** Returns the UTF-16 length of the first SEARCHED_MAX characters of a text. */
export function searchedLength(text: string): number {
  if (text.length <= SEARCHED_MAX) return text.length;
  let at = 0;
  for (let count = 0; count < SEARCHED_MAX && at < text.length; count += 1) {
    at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
  }
  return at;
}

/** A deadline, by its place in the flat text. */
type Finding = CuedDate & { readonly due: Due };

interface Result {
  readonly findings: readonly Finding[];
  /** The end of the search; null if it reached the end of the text. */
  readonly end: number | null;
}

function searchText(search: Search): Result {
  const dates: CuedDate[] = [];
  // A fair share for each, because neither search knows what the other finds.
  for (const found of [cuedDates(search), latestDates(search)]) dates.push(...found.take(JUDGED_MAX + 1));
  dates.sort((one, other) => one.from - other.from);
  const findings: Finding[] = [];
  let end = 0;
  for (const [index, { from, to, due }] of dates.entries()) {
    if (index === JUDGED_MAX) return { findings, end: from };
    // "By 30 June at the latest" is found twice.
    if (due === null || from < end) continue;
    if (findings.length === FOUND_MAX) return { findings, end: from };
    findings.push({ from, to, due });
    end = to;
  }
  return { findings, end: null };
}

/** Returns the findings for an unknown publication: a date relative to it cannot be suggested. */
function withoutPublication(search: (on: string) => Result): Result {
  const [one, other] = [search(STAND_INS[0]), search(STAND_INS[1])];
  const findings = one.findings.map((finding, index): Finding => {
    const { due } = finding;
    const due2 = other.findings[index]?.due;
    if (due.kind === 'exact') return finding;
    const isSame = due2?.kind === 'proposed' && due2.suggestedOn === due.suggestedOn;
    return isSame ? finding : { ...finding, due: { ...due, suggestedOn: null } };
  });
  return { findings, end: one.end };
}

/** Returns each day once, at its first place. Exact days come before suggested ones. */
function once(found: readonly FoundDeadline[]): FoundDeadline[] {
  const byDate = new Map<string, FoundDeadline>();
  for (const each of found) {
    const date = each.kind === 'exact' ? each.dueOn : each.suggestedOn;
    // A finding without a date is unique.
    const key = date ?? `at ${each.span.from}`;
    const existing = byDate.get(key);
    if (existing === undefined || (existing.kind === 'proposed' && each.kind === 'exact'))
      byDate.set(key, each);
  }
  return [...byDate.values()].sort((one, other) => one.span.from - other.span.from);
}

const notSearched = (span: FoundDeadline['span']): FoundDeadline => ({
  span,
  kind: 'proposed',
  suggestedOn: null,
  rule: 'not-searched',
});
