import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { countWords } from '../words.ts';
import type { Replayed } from './replayed.ts';

const YEARS_MAX = 30;

interface IdleTime {
  readonly from: string;
  readonly to: string;
  /** Whole years. */
  readonly years: number;
  /** The last days of the years in it. */
  readonly ends: readonly string[];
}

/** Returns the time between two events if it is a year or more. */
export function idleTime(from: string, to: string): IdleTime | null {
  const [first, last] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))];
  const years = last - first - (to.slice(4) < from.slice(4) ? 1 : 0);
  if (years < 1) return null;
  const count = Math.min(last - first, YEARS_MAX);
  const ends = Array.from({ length: count }, (_, index) => `${String(first + index).padStart(4, '0')}-12-31`);
  return { from, to, years, ends };
}

/** Deadlines can pass in a gap, so each year's end has a link. */
export const IdleYears = ({
  idle: { from, to, years, ends },
  replayed: { shown, position },
}: {
  readonly idle: IdleTime;
  readonly replayed: Replayed;
}): Element => (
  <Details
    summary={`No events for ${countWords(years, 'year')}, from ${longDate(from)} to ${longDate(to)}`}
    classes="docket-idle"
  >
    <p class="govuk-body">State at the end of:</p>
    <ul class="govuk-list">
      {ends.map((day) => (
        <li key={day}>
          <Link href={shown.addresses.replay({ effectiveOn: day, knownAt: position.knownAt })}>
            {day.slice(0, 4)}
          </Link>
        </li>
      ))}
    </ul>
  </Details>
);
