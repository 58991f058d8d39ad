import type { Sample, SampleFinding, SampleStep } from '#state-machines/sample';
import { longDate } from '../web/dates.ts';

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const YEARS_DAYS = 3_640;
/** The time of the last finding that has no day of its own, in days before the end. */
const LAST_DAYS = 150;
/** The reference that follows that of record 730. */
const FIRST_REFERENCE = 731;
const SWEEP_DAYS = 28;

/** A record of the sample, whose body follows courses. */
export interface SampleRecord {
  readonly id: string;
  readonly body: string;
  readonly finding: SampleFinding;
  /** True if the two inspectors have swapped roles. */
  readonly isSwapped: boolean;
  /** The event of the last step, to which `{last}` refers. */
  last: string;
}

/** What happens at one time, in milliseconds since 1970. */
export type Happening = { readonly at: number } & (
  | { readonly sweeps: true }
  | { readonly issues: SampleFinding; readonly reference: string; readonly bodies: readonly string[] }
  | { readonly record: SampleRecord; readonly step: SampleStep; readonly count: number }
);

export const dayAt = (at: number, days: number): string =>
  new Date(at + days * DAY_MS).toISOString().slice(0, 10);

/** Replaces `{about}`, `{title}`, `{day+N}` and `{date+N}`: a subject, a title, a plain date, and one in words. */
export const fillText = (text: string, { about, title }: SampleFinding, at: number): string =>
  text
    .replaceAll('{about}', about)
    .replaceAll('{title}', title)
    .replaceAll(/\{day([+-]\d+)\}/g, (_, days) => dayAt(at, Number(days)))
    .replaceAll(/\{date([+-]\d+)\}/g, (_, days) => longDate(dayAt(at, Number(days))));

/** Returns everything that happens in the sample before `end`, in order of time. */
export function scheduleOf(sample: Sample, end: number): readonly Happening[] {
  const first = end - YEARS_DAYS * DAY_MS;
  const happenings: Happening[] = [];
  for (let at = first + 1; at < end; at += SWEEP_DAYS * DAY_MS) happenings.push({ at, sweeps: true });
  const spread = sample.findings.filter(({ daysAgo }) => daysAgo === undefined);
  const pace = (YEARS_DAYS - LAST_DAYS) / spread.length;
  for (const [index, finding] of sample.findings.entries()) {
    const daysAgo = finding.daysAgo ?? YEARS_DAYS - Math.round(spread.indexOf(finding) * pace);
    const at = atWork(end - daysAgo * DAY_MS, index);
    happenings.push(...happeningsOf(sample, finding, { at, index }));
  }
  return happenings.filter(({ at }) => at < end).toSorted((one, other) => one.at - other.at);
}

/** Returns a time within working hours of a day; the same for the same number. */
const atWork = (at: number, number: number): number =>
  Math.floor(at / DAY_MS) * DAY_MS + 9 * HOUR_MS + ((number * 7_919_000) % (7 * HOUR_MS));

function happeningsOf(
  sample: Sample,
  finding: SampleFinding,
  { at, index }: { readonly at: number; readonly index: number },
): Happening[] {
  const kind = finding.kind ?? 'police-force';
  const possible = sample.bodies.filter((body) => body.kind === kind).map(({ slug }) => slug);
  // Another body comes first each time, but for the newest findings, which the demo's own users see.
  const skipped = finding.daysAgo === undefined ? index : 0;
  const bodies = Array.from(
    { length: finding.bodies },
    (_, place) => possible[(skipped + place) % possible.length] as string,
  );
  const reference = String(FIRST_REFERENCE + index);
  const happenings: Happening[] = [{ at, issues: finding, reference, bodies }];
  for (const [place, body] of bodies.entries()) {
    const id = bodies.length === 1 ? reference : `${reference}.${body}`;
    const record: SampleRecord = { id, body, finding, isSwapped: (index + place) % 2 === 1, last: '' };
    const course = finding.courses[place % finding.courses.length] as string;
    for (const name of [course, ...(finding.also ?? [])])
      happenings.push(...stepsOf(sample.courses[name] ?? [], record, { at, place }));
  }
  return happenings;
}

/** Returns the steps of a course, which are further apart for each further body. */
function stepsOf(
  steps: readonly SampleStep[],
  record: SampleRecord,
  { at, place }: { readonly at: number; readonly place: number },
): Happening[] {
  const pace = 1 + place * 0.11;
  let days = 0;
  return steps.map((step, count) => {
    days += step.days * pace;
    // Steps of one day are an hour apart or less, in their order.
    const time = atWork(at + days * DAY_MS, place) + (count + 1) * 60_000;
    return { at: time, record, step, count: count + place };
  });
}
