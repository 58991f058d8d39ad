import type { Identity } from '#identity/identity';
import { INTERVALS } from '#lives/intervals';
import { visibleBodies, visibleKinds } from '#state-machines/access';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { AS_IT_WAS, bodyFilter, choiceFilter, day, kindFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { addressOf, changedParams } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListPage } from '../lists/list-page.tsx';
import { bodyName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { Ages, Outcomes, Times, OverTime } from './by-body.tsx';
import { partsOf } from '../kind-parts.ts';
import { Lists, nounOf } from './figures-shown.ts';
import type { Figures } from './figures-shown.ts';

export const STATISTICS_PATH = '/statistics';

function statisticsFilters(viewer: Identity): readonly FilterGroup[] {
  return [
    ...kindFilter('kind', visibleKinds(viewer)),
    ...bodyFilter(viewer),
    {
      title: 'Days',
      filters: [
        day('from', 'From'),
        day('to', 'To'),
        choiceFilter(
          'interval',
          'Chart interval',
          'one',
          INTERVALS.map((value) => ({ value, text: `${value.charAt(0).toUpperCase()}${value.slice(1)}` })),
        ),
      ],
    },
    AS_IT_WAS,
  ];
}

interface StatisticsViewOptions {
  readonly viewer: Identity;
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Null if the query is invalid. */
  readonly figures: Figures | null;
}

export function StatisticsView({ viewer, params, problems, figures }: StatisticsViewOptions): Element {
  return (
    <ListPage
      heading="Statistics"
      path={STATISTICS_PATH}
      groups={statisticsFilters(viewer)}
      params={params}
      problems={problems}
      pastFilters={figures !== null && '#over-time'}
    >
      {figures !== null && <Plots viewer={viewer} params={params} figures={figures} />}
    </ListPage>
  );
}

function Plots({
  viewer,
  params,
  figures,
}: Pick<StatisticsViewOptions, 'viewer' | 'params'> & { readonly figures: Figures }): Element {
  const lists = new Lists(params, figures, visibleBodies(viewer));
  const now = addressOf(STATISTICS_PATH, changedParams(params, { effectiveOn: null, knownAt: null }));
  const csv = (name: string) => addressOf(`${STATISTICS_PATH}/${name}.csv`, params);
  const shared = { figures, lists, issued: issuedInWords(params) };
  const recipient = params.get('recipient');
  const { plural } = nounOf(figures);
  const hasDates = figures.kind === null || partsOf(figures.kind.name).dates;
  return (
    <>
      {figures.view !== null && (
        <ViewBanner of={inViewWords(figures.view.effectiveOn, figures.view.knownAt)} now={now} />
      )}
      <p class="govuk-body">
        {recipient === null
          ? `These figures are for all ${plural} that you can see.`
          : `These figures are for ${plural} that were for ${bodyName(recipient)} at the time.`}{' '}
        {figures.kind === null
          ? 'Choose a kind of record to get a link from each part of a chart to its list.'
          : 'Select a part of a chart to see its list.'}
      </p>
      <OverTime figures={figures} lists={lists} csv={csv('series')} />
      <Ages {...shared} csv={csv('counts')} />
      <Times {...shared} csv={csv('closure-times')} />
      {hasDates && <Outcomes {...shared} csv={csv('deadlines')} />}
    </>
  );
}

function issuedInWords(params: URLSearchParams): string {
  const [from, to] = [params.get('from'), params.get('to')];
  if (from !== null && to !== null) return ` that were issued from ${longDate(from)} to ${longDate(to)}`;
  if (from !== null) return ` that were issued from ${longDate(from)} on`;
  return to === null ? '' : ` that were issued by ${longDate(to)}`;
}
