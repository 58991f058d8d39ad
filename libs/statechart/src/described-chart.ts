import type { Chart, ChartRegion } from '#lifecycle/chart';
import type { RecordChart, TravelledRegion } from '#lifecycle/travelled-chart';
import { daysInWords } from './stay-lines.ts';

interface ChartDescription {
  readonly title: string;
  readonly subtitle: string;
  readonly description: string;
}

export const isTravelled = (region: ChartRegion): region is TravelledRegion => 'path' in region;

export function describedChart(chart: Chart | RecordChart): ChartDescription {
  const { name, version, digest } = chart.lifecycle;
  const lifecycle = `${name} v${version}`;
  const ground = `${lifecycle}, ${digest.slice(0, 12)}`;
  const guards = Object.entries(chart.guards).map(
    ([guard, { region, in: states }]) => `[${guard}]: ${region} is ${states.join(' or ')}.`,
  );
  if (!('view' in chart)) {
    const regions = chart.regions.map(({ region, states }) => `${region}: ${states.join(', ')}.`);
    return {
      title: lifecycle,
      subtitle: `Digest ${digest.slice(0, 12)}`,
      description: [...regions, ...guards].join(' '),
    };
  }
  const { id, status, view, day, regions } = chart;
  const effective = view.effectiveOn === null ? `Current on ${day}` : `Effective on ${day}`;
  const known = view.knownAt === null ? '' : `, as known at ${view.knownAt}`;
  return {
    title: `Record ${id}: ${status}`,
    subtitle: `${effective}${known} · ${ground}`,
    description: [...regions.map(pathInWords), ...guards].join(' '),
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
