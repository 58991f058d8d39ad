import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { countIntervals, INTERVALS } from '#lives/intervals';
import type { Interval } from '#lives/intervals';
import { londonDate } from '#state-machines/london';
import type { CsvTable } from '#use-cases/csv';
import type { RecordsAccess } from '#use-cases/records/records-access';
import {
  closureTimesTable,
  deadlineFiguresTable,
  seriesTable,
  seeClosureTimes,
  seeDeadlineFigures,
  seeSeries,
} from '#use-cases/register/see-figures';
import { seeStatistics } from '#use-cases/register/lists';
import { statisticsTable } from '#use-cases/register/list-tables';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { inView } from '../../api/request-values.ts';
import { parseQuery } from '../../api/route-query.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { parseParams, parseOrRedirect, queryFrom, listProblems, readParams } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { selectedKind } from './figures-shown.ts';
import type { Figures } from './figures-shown.ts';
import { STATISTICS_PATH, StatisticsView } from './statistics-view.tsx';

/** More points are drawn in longer intervals by default. */
const POINTS_DRAWN = 24;

type Access = readonly [RecordsAccess, ReturnType<typeof identityOf>];
type Queries = ReturnType<typeof queriesOf>;
type TableName = 'series' | 'counts' | 'closure-times' | 'deadlines';

/** The tables by the names of their files. */
const TABLES: Readonly<Record<TableName, (access: Access, queries: Queries) => Promise<CsvTable>>> = {
  series: (access, { figures, now }) => seriesTable(...access, figures, now),
  counts: (access, { counts, now }) => statisticsTable(...access, counts, now),
  'closure-times': (access, { figures, now }) => closureTimesTable(...access, figures, now),
  deadlines: (access, { figures, now }) => deadlineFiguresTable(...access, figures, now),
};

/** The statistics page, and its tables as files. */
@ApiExcludeController()
@Controller()
export class StatisticsPages {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('statistics')
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const params = await parseOrRedirect(request, reply, STATISTICS_PATH);
    if (params === null) return;
    const { figures, problems } = await this.#figures(request, params);
    const viewer = identityOf(request);
    const content = <StatisticsView {...{ viewer, params, problems, figures }} />;
    const isRefused = problems.length > 0;
    await sendPage(reply, { title: ['Statistics'], section: 'statistics', isRefused, content });
  }

  async #figures(
    request: FastifyRequest,
    params: URLSearchParams,
  ): Promise<{ readonly figures: Figures | null; readonly problems: ListProblems }> {
    const problems = problemsOf(params);
    if (problems.length > 0) return { figures: null, problems };
    try {
      return { figures: await this.#read(request, params), problems };
    } catch (error) {
      return { figures: null, problems: listProblems(error) };
    }
  }

  async #read(request: FastifyRequest, params: URLSearchParams): Promise<Figures> {
    const { figures, counts, day, now } = queriesOf(params, request.server.clock.now());
    const access = [withFreshReads(request, this.parts), identityOf(request)] as const;
    const [series, counted, times, deadlines] = await Promise.all([
      seeSeries(...access, figures, now),
      seeStatistics(...access, counts, now),
      seeClosureTimes(...access, figures, now),
      seeDeadlineFigures(...access, figures, now),
    ]);
    const { interval } = figures;
    return {
      kind: selectedKind(params),
      on: day,
      view: counted.view ?? null,
      ...{ interval, times, deadlines },
      series: series.items,
      counts: counted,
    };
  }

  @Get(Object.keys(TABLES).map((name) => `statistics/${name}.csv`))
  async file(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const queries = queriesOf(parseParams(request.url), request.server.clock.now());
    const [, name = ''] = /(\w[-\w]*)\.csv$/.exec(request.routeOptions.url ?? '') ?? [];
    const access = [withFreshReads(request, this.parts), identityOf(request)] as const;
    await this.answers.sendTable(request, reply, name, () => TABLES[name as TableName](access, queries));
  }
}

/** Returns the query without a parameter that the route does not accept. */
const without = (params: URLSearchParams, name: string): URLSearchParams =>
  new URLSearchParams([...params].filter(([each]) => each !== name));

function problemsOf(params: URLSearchParams): ListProblems {
  const read = [
    readParams(without(params, 'effectiveOn'), 'series'),
    readParams(without(params, 'interval'), 'closureTimes'),
  ];
  const problems = read.flatMap((each) => ('problems' in each ? each.problems : []));
  return [...new Map(problems.map((each) => [each.pointer, each])).values()];
}

/** Returns the queries of the figures and of the counts for the same day. */
function queriesOf(params: URLSearchParams, now: number) {
  const { interval } = parseQuery(queryFrom(without(params, 'effectiveOn')), 'series');
  const { view, recipient, kind, from, to } = inView(
    parseQuery(queryFrom(without(params, 'interval')), 'closureTimes'),
    now,
  );
  const day = view?.effectiveOn ?? londonDate(now);
  return {
    now,
    day,
    figures: {
      ...(recipient !== undefined && { recipient }),
      ...(kind !== undefined && { kind }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      interval: interval ?? drawnIn(from, to ?? day),
      effectiveOn: day,
      knownAt: view?.knownAt ?? null,
    },
    counts: {
      ...(recipient !== undefined && { recipient: [recipient] }),
      ...(kind !== undefined && { kind }),
      ...(view && { view }),
    },
  };
}

/** Returns the shortest interval that fits the plot. */
const drawnIn = (from: string | undefined, to: string): Interval =>
  from === undefined
    ? 'month'
    : (INTERVALS.find((each) => countIntervals(from, to, each) <= POINTS_DRAWN) ?? 'year');
