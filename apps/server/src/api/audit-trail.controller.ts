import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { TrailName } from '#state-machines/audit-trail-events';
import { listTrail, trailTable } from '#use-cases/audit-trail/list-trail';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { CsvAnswers } from './csv-answers.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** The lists of the audit trail, for auditors. */
@Controller('api')
export class AuditTrailController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('refusals')
  @Documented('refusals')
  refusals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#send(request, reply, 'refusals');
  }

  @Get('accesses')
  @Documented('accesses')
  accesses(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    return this.#send(request, reply, 'accesses');
  }

  async #send(request: FastifyRequest, reply: FastifyReply, list: TrailName): Promise<void> {
    const query = queryOf(request, list);
    const args = [withFreshReads(request, this.parts), identityOf(request), list, query] as const;
    await this.answers.send(request, reply, list, {
      json: () => listTrail(...args),
      csv: () => trailTable(...args),
    });
  }
}
