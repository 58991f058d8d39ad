import { isPlainDate } from '#lifecycle/plain-date';
import { cuedDates } from './cues.ts';
import type { CuedDate, Search } from './cues.ts';
import { flatten } from './flat-text.ts';
import { FROM_PUBLICATION } from './found-deadline.ts';
import type { Due, FoundDeadline } from './found-deadline.ts';

interface FindOptions {
  /** The plain date from which relative words count; null if unknown. */
  readonly publishedOn: string | null;
}

/** More deadlines than any recommendation contains. */
export const FOUND_MAX = 200;
/** More dates and urgent words than any recommendation contains. It limits the work. */
export const JUDGED_MAX = 1000;

/** The length searched: the maximum of a text entered in Docket. A register's file may be ten times as long. */
export const SEARCHED_MAX = 50_000;
/** How far a sentence is read beyond that limit. */
const READ_ON = 400;

/** A publication where none is known. Dates that count from it are not suggested. */
const STAND_IN = '2024-08-21';

/**
 * Returns the deadlines in a recommendation's text, in order of place and each day once. Days in the text are exact; others are proposed by
 * a rule (PROPOSAL_RULES) for an inspector to confirm or dismiss. A day before publication is never exact. After SEARCHED_MAX characters,
 * FOUND_MAX deadlines or JUDGED_MAX other dates, the rest is not searched; it becomes the span of a last proposal, `not-searched`. The time
 * is linear in the text searched.
 * @throws RangeError if `publishedOn` is not a plain date
 */
export function findDeadlines(text: string, { publishedOn }: FindOptions): FoundDeadline[] {
  if (publishedOn !== null && !isPlainDate(publishedOn)) {
    throw new RangeError(`publishedOn is not a plain date: ${publishedOn}`);
  }
  const length = Math.min(text.length, SEARCHED_MAX);
  const flat = flatten(text.slice(0, length + READ_ON));
  const isPublicationKnown = publishedOn !== null;
  const search = { text: flat.text, publishedOn: publishedOn ?? STAND_IN, isPublicationKnown };
  const { findings, end } = searchText(search);
  const deadlines = findings.map(({ from, to, due }): FoundDeadline => {
    const isUnknown = !isPublicationKnown && due.kind === 'proposed' && FROM_PUBLICATION.has(due.rule);
    return { span: flat.spanOf(from, to), ...due, ...(isUnknown && { suggestedOn: null }) };
  });
  const withinLimit = deadlines.filter(({ span }) => span.to <= length);
  // A deadline across the limit belongs to the rest.
  const across = deadlines.find(({ span }) => span.to > length)?.span.from ?? length;
  const ended = end === null ? text.length : flat.spanOf(end, end + 1).from;
  const from = Math.min(ended, across, length);
  const isRest = text.slice(from).trim() !== '';
  return [...once(withinLimit), ...(isRest ? [notSearched({ from, to: text.length })] : [])];
}

/** A deadline, by its place in the flat text. */
type Finding = CuedDate & { readonly due: Due };

interface Result {
  readonly findings: readonly Finding[];
  /** The end of the search; null if it reached the end of the text. */
  readonly end: number | null;
}

function searchText(search: Search): Result {
  const findings: Finding[] = [];
  let judged = 0;
  for (const { from, to, due } of cuedDates(search)) {
    if (judged === JUDGED_MAX || findings.length === FOUND_MAX) return { findings, end: from };
    judged += 1;
    if (due !== null) findings.push({ from, to, due });
  }
  return { findings, end: null };
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
