import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Service } from '#platform/service';
import { queryRefusals } from '#projections/refusals/refusals-query';
import { READS_REFUSALS } from '#state-machines/access';
import { requireRole } from './authentication.ts';
import { inTime } from './in-time.ts';
import { Documented } from './openapi.ts';
import { PROBLEM_CODES } from './problems.ts';
import { dateOf, limitOf, LIST_PAGE, oneOf, queryOf } from './request-values.ts';

/** How long a list waits for what is on record already; what comes later is listed later. */
const FRESH_MS_MAX = 1_000;
const PARAMETERS = ['subject', 'command', 'code', 'recommendation', 'from', 'to', 'limit', 'cursor'] as const;

/** Refused attempts, for auditors. */
@Controller('api/refusals')
export class RefusalsController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Get()
  @Documented('refusals')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, PARAMETERS);
    const { subject, command, recommendation, cursor } = query;
    const code = oneOf('code', query.code, PROBLEM_CODES);
    const from = dateOf('from', query.from);
    const to = dateOf('to', query.to);
    const limit = limitOf(query.limit, LIST_PAGE);
    requireRole(request, READS_REFUSALS);
    // A refusal's answer names no position to wait for, and is on record by then: what the log holds is to be listed.
    const end = await inTime(this.#service.store.lastPosition(), FRESH_MS_MAX).catch(() => null);
    // Where the log cannot be asked, what is folded is listed all the same: the answer says up to where that is.
    if (end !== null) await this.#service.reached(end, FRESH_MS_MAX);
    return queryRefusals(this.#service.readModels, {
      ...(subject !== undefined && { subject }),
      ...(command !== undefined && { command }),
      ...(code && { code }),
      ...(recommendation !== undefined && { record: recommendation }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      ...(cursor !== undefined && { cursor }),
      limit,
    });
  }
}
