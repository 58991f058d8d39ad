import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TrailName } from '#state-machines/audit-trail-events';
import { listTrail, trailTable } from '#use-cases/audit-trail/list-trail';
import type { TrailAccess } from '#use-cases/audit-trail/list-trail';
import { identityOf } from '../../api/authentication.ts';
import { CsvAnswers } from '../../api/csv-answers.ts';
import { withFreshReads } from '../../api/fresh-reads.ts';
import { parseQuery } from '../../api/route-query.ts';
import { RECORDS } from '../../parts.ts';
import { parseParams, parseOrRedirect, foundAt, queryFrom } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { AuditTrailView, headingOf } from './audit-trail-view.tsx';
import { TRAIL_PATHS } from './log-addresses.ts';
import { peopleMeant } from './people-meant.tsx';

/** The lists of the audit trail, as pages and as files. */
@ApiExcludeController()
@Controller('audit')
export class AuditTrailPages {
  readonly #access: TrailAccess;
  readonly #answers: CsvAnswers;

  constructor(@Inject(RECORDS) access: TrailAccess, answers: CsvAnswers) {
    this.#access = access;
    this.#answers = answers;
  }

  @Get('refusals')
  refusals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#page('refusals', request, reply);
  }

  @Get('accesses')
  accesses(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#page('accesses', request, reply);
  }

  @Get('refusals.csv')
  refusalsFile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#file('refusals', request, reply);
  }

  @Get('accesses.csv')
  accessesFile(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#file('accesses', request, reply);
  }

  async #page(list: TrailName, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const params = await parseOrRedirect(request, reply, TRAIL_PATHS[list]);
    if (params === null) return;
    const { readModels } = this.#access;
    const filter = { path: TRAIL_PATHS[list], name: 'subject' };
    const people = await peopleMeant(request, reply, filter, { params, readModels });
    if (people === null) return;
    const { found: page, problems } = await foundAt(params, { route: list }, (query) =>
      listTrail(...this.#listArgs(request), list, query),
    );
    const content = <AuditTrailView {...{ list, params, problems, page, people }} />;
    const isRefused = problems.length > 0;
    const breadcrumbs = [{ text: 'Audit', href: '/audit' }];
    const title = [headingOf(list)];
    const sent = { title, section: 'audit', isWide: true, breadcrumbs, isRefused, content } as const;
    await sendPage(request, reply, sent);
  }

  async #file(list: TrailName, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const query = parseQuery(queryFrom(parseParams(request.url)), list);
    await this.#answers.sendTable(request, reply, list, () =>
      trailTable(...this.#listArgs(request), list, query),
    );
  }

  #listArgs(request: FastifyRequest) {
    return [withFreshReads(request, this.#access), identityOf(request)] as const;
  }
}
