import { chartOf } from '#lifecycle/chart';
import type { ChartArrow } from '#lifecycle/chart';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { drawChart, NAMES } from '#statechart/draw-chart';
import type { Wording } from '#statechart/draw-chart';
import { fileOf } from '#statechart/picture';
import { isLive, moveTitle, regionTitle, stateTitle } from '../words.ts';

const WORDS: Wording = {
  isInPage: true,
  region: regionTitle,
  state: stateTitle,
  arrow: ({ event }: ChartArrow) => moveTitle(event),
};

/** Returns the pictures of a lifecycle by file name, for the build: the service only colours them. */
export async function drawingsOf({
  definition,
  reference,
}: Pick<Lifecycle, 'definition' | 'reference'>): Promise<Record<string, string>> {
  const chart = chartOf(definition, reference);
  const live = chart.regions.map((region) => ({
    ...region,
    arrows: region.arrows.filter(({ event }) => isLive(event)),
  }));
  const name = fileOf.bind(null, reference.digest);
  return {
    [name('names')]: await drawChart(chart, NAMES),
    [name('words')]: await drawChart(chart, WORDS),
    [name('live')]: await drawChart({ ...chart, regions: live }, WORDS),
  };
}
