import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Service } from '#platform/service';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRefusals } from '#use-cases/refusals/list-refusals';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { PROBLEM_CODES } from './problems.ts';
import { dateOf, limitOf, LIST_PAGE, oneOf, queryOf } from './request-values.ts';

const PARAMETERS = ['subject', 'command', 'code', 'recommendation', 'from', 'to', 'limit', 'cursor'] as const;

type RefusalsAccess = Pick<RecordsAccess, 'store' | 'readModels' | 'reached'>;

/** Refused attempts, for auditors. */
@Controller('api/refusals')
export class RefusalsController {
  readonly #access: RefusalsAccess;

  constructor(@Inject(Service) access: RefusalsAccess) {
    this.#access = access;
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
    return listRefusals(this.#access, identityOf(request), {
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
