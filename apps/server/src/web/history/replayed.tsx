import { PARAMETER_MESSAGES } from '#use-cases/parameter-messages';
import type { SeenHistory } from '#use-cases/records/see-history';
import type { ListProblems } from '../lists/list-address.ts';
import type { Position } from '../record/record-addresses.ts';
import type { ShownRecord } from '../record/shown-page.ts';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';

/** An invalid position, with the problems. */
export interface RefusedPosition {
  readonly typed: Readonly<Record<'version' | 'effectiveOn' | 'knownAt', string | undefined>>;
  readonly problems: ListProblems;
}

export const POSITION_LABELS = {
  effectiveOn: 'As at the end of',
  knownAt: 'As recorded by',
} as const;

export const EVENT_OR_DATE = 'Enter an event number or a date, not both';

/** Returns the error of a field, if any. */
export function refusalOf(name: string, { refused, seen }: Replayed): string | undefined {
  const problem = refused?.problems.find(({ pointer }) => pointer === `/${name}`);
  if (problem === undefined) return undefined;
  if (problem.detail === EVENT_OR_DATE) return problem.detail;
  if (problem.detail === PARAMETER_MESSAGES.future) return 'The date must be today or in the past';
  if (name === 'version') return `Enter an event number between 1 and ${seen.axes.versions.last}`;
  if (name === 'effectiveOn') return 'Enter a real date, like 15 June 2016';
  return 'Enter a date, like 15 June 2016, or a date and time, like 2016-06-15T14:05:00Z';
}

export interface Replayed {
  readonly shown: ShownRecord;
  readonly seen: SeenHistory;
  readonly position: Position;
  /** The drawing of the statechart; null if it cannot be drawn. */
  readonly picture: string | null;
  /** Null if the position is valid. */
  readonly refused: RefusedPosition | null;
  /** The event whose details are open. */
  readonly at: number | null;
}

export function CompareLinks({ shown: { addresses }, seen, position, refused }: Replayed): Element | null {
  if (refused !== null) return null;
  const { versions } = seen.axes;
  const here = pointOf(seen, position);
  const last = `v${versions.last}`;
  const links = [
    ...(position.version !== undefined && versions.previous !== null
      ? [{ to: { from: `v${versions.previous}`, to: here ?? last }, words: 'What this event changed' }]
      : []),
    ...(here !== null && here !== last
      ? [{ to: { from: here, to: last }, words: 'What has changed since' }]
      : []),
    { to: here === null ? {} : { point: here }, words: 'Compare this point with another' },
  ];
  return (
    <ul class="govuk-list docket-links docket-not-on-paper">
      {links.map(({ to, words }) => (
        <li>
          <Link href={addresses.compare(to)}>{words}</Link>
        </li>
      ))}
    </ul>
  );
}

/** Returns the point as comparisons write it; null for now, and for a point on both axes of time. */
function pointOf(
  { chart }: Replayed['seen'],
  { version, effectiveOn, knownAt }: Replayed['position'],
): string | null {
  if (version !== undefined) return `v${version}`;
  if (knownAt === undefined) return effectiveOn ?? null;
  return effectiveOn === undefined ? chart.view.knownAt : null;
}
