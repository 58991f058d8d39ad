import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';

const count = new Intl.NumberFormat('en-GB');

/** Returns a number of days such as `1 day` or `1,024 days`. */
export const daysInWords = (days: number): string => `${count.format(days)} ${days === 1 ? 'day' : 'days'}`;

/** Returns the two lines below a state's name: when the record was in it, and for how long; none if it never was. */
export function stayLines(
  { path, days }: TravelledRegion,
  state: string,
  written = (date: string): string => date,
): readonly string[] {
  const stays = path.filter((stay) => stay.state === state);
  const last = stays.at(-1);
  if (last === undefined) return [];
  const from = written(last.from);
  const span = last.to === null ? `since ${from}` : `${from} to ${written(last.to)}`;
  const total = daysInWords(days[state] ?? 0);
  if (stays.length === 1) return [span, total];
  return [last.to === null ? span : `last ${span}`, `${total}, in ${stays.length} stays`];
}

/** Returns a chart's heading, and the description for people who do not see it. */
export function describeChart({ id, status, view, day, regions, guards, lifecycle }: RecordChart) {
  const { name, version, digest } = lifecycle;
  const effective = view.effectiveOn === null ? `Current on ${day}` : `Effective on ${day}`;
  const known = view.knownAt === null ? '' : `, as known at ${view.knownAt}`;
  const rules = Object.entries(guards).map(
    ([guard, { region, in: states }]) => `[${guard}]: ${region} is ${states.join(' or ')}.`,
  );
  return {
    title: `Record ${id}: ${status}`,
    subtitle: `${effective}${known} · ${name} v${version}, ${digest.slice(0, 12)}`,
    description: [...regions.map(pathInWords), ...rules].join(' '),
  };
}

/** The maximum number of a region's stays that are described: a picture must not grow with its history. */
const STAYS_MAX = 10;

/** Returns a path such as `progress: awaiting-review from 2015-11-30 (305 days), then being-progressed since 2016-09-30 (3,707 days).` */
function pathInWords({ region, path }: TravelledRegion): string {
  const stays = path
    .slice(-STAYS_MAX)
    .map(
      ({ state, from, to, days }) =>
        `${state} ${to === null ? 'since' : 'from'} ${from} (${daysInWords(days)})`,
    );
  const before = path.length > STAYS_MAX ? `${path.length - STAYS_MAX} stays, then ` : '';
  return `${region}: ${before}${stays.join(', then ')}.`;
}
