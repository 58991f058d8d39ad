import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { counted } from '../words.ts';
import type { Replayed } from './replayed.ts';

/** So many years' ends are linked to. */
const YEARS_MAX = 30;

/** A time in which nothing happened. */
interface IdleTime {
  readonly from: string;
  readonly to: string;
  /** Whole ones. */
  readonly years: number;
  /** The last days of the years that ended in it. */
  readonly ends: readonly string[];
}

/** The time between two events, where it is a year or more. */
export function idleTime(from: string, to: string): IdleTime | null {
  const [first, last] = [Number(from.slice(0, 4)), Number(to.slice(0, 4))];
  const years = last - first - (to.slice(4) < from.slice(4) ? 1 : 0);
  if (years < 1) return null;
  const count = Math.min(last - first, YEARS_MAX);
  const ends = Array.from({ length: count }, (_, index) => `${String(first + index).padStart(4, '0')}-12-31`);
  return { from, to, years, ends };
}

/** One line for years of it; deadlines pass while nothing else happens, so that one can look at the end of each. */
export const IdleYears = ({
  idle: { from, to, years, ends },
  replayed: { shown, position },
}: {
  readonly idle: IdleTime;
  readonly replayed: Replayed;
}): Element => (
  <Details
    summary={`Nothing for ${counted(years, 'year')}, from ${longDate(from)} to ${longDate(to)}`}
    classes="docket-idle"
  >
    <p class="govuk-body">As it stood at the end of:</p>
    <ul class="govuk-list">
      {ends.map((day) => (
        <li key={day}>
          <a
            class="govuk-link"
            href={shown.addresses.replay({ effectiveOn: day, knownAt: position.knownAt })}
          >
            {day.slice(0, 4)}
          </a>
        </li>
      ))}
    </ul>
  </Details>
);
