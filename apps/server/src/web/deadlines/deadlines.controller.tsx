import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { londonDate } from '#state-machines/london';
import { listDeadlines } from '#use-cases/register/lists';
import type { DeadlinesRequest } from '#use-cases/register/lists';
import { deadlinesTable } from '#use-cases/register/list-tables';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { inView } from '../../api/request-values.ts';
import { parseQuery } from '../../api/route-query.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { parseParams, parseOrRedirect, foundAt, queryFrom } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { DEADLINES_PATH, DeadlinesView } from './deadlines-view.tsx';

/** The deadlines page and its file. */
@ApiExcludeController()
@Controller()
export class DeadlinesPages {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('deadlines')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const params = await parseOrRedirect(request, reply, DEADLINES_PATH);
    if (params === null) return;
    const now = request.server.clock.now();
    const today = londonDate(now);
    const viewer = identityOf(request);
    const { found, problems } = await foundAt(params, { route: 'deadlines' }, (read) =>
      listDeadlines(withFreshReads(request, this.parts), viewer, openOnly(inView(read, now)), now),
    );
    const content = <DeadlinesView {...{ viewer, params, problems, found, today }} />;
    const isRefused = problems.length > 0;
    await sendPage(reply, {
      title: ['Deadlines'],
      section: 'deadlines',
      isWide: true,
      isRefused,
      content,
    });
  }

  @Get('deadlines.csv')
  async csv(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = request.server.clock.now();
    const query = openOnly(inView(parseQuery(queryFrom(parseParams(request.url)), 'deadlines'), now));
    const list = [withFreshReads(request, this.parts), identityOf(request), query, now] as const;
    await this.answers.sendTable(request, reply, 'deadlines', () => deadlinesTable(...list));
  }
}

/** Leaves out what is settled, unless a state, an outcome or the past is requested. */
const openOnly = (query: DeadlinesRequest): DeadlinesRequest =>
  query.state === undefined && query.outcome === undefined && query.view === undefined
    ? { ...query, unsettled: true }
    : query;
