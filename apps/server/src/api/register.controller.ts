import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { londonDate } from '../../../../libs/lifecycle/src/plain-date.ts';
import { Service } from '../../../../libs/platform/src/service.ts';
import { queryRegister, REGISTER_SORTS } from '../../../../libs/projections/src/register/register-query.ts';
import { queryStatistics } from '../../../../libs/projections/src/statistics/statistics-query.ts';
import { DEADLINE_STATES } from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import { STATUS_ORIGINS } from '../../../../state-machines/inspection-recommendation/v1/facts.ts';
import type { StatusOrigin } from '../../../../state-machines/inspection-recommendation/v1/facts.ts';
import { STATUSES } from '../../../../state-machines/inspection-recommendation/v1/machine.ts';
import { visibleBodies } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { limitOf, LIST_PAGE, oneOf, queryOf, valuesOf } from './request-values.ts';
import { namedBody } from './visible-record.ts';

const PARAMETERS = [
  'status',
  'recipient',
  'issue',
  'owner',
  'deadline',
  'q',
  'sort',
  'limit',
  'cursor',
] as const;

const STATUS_ORIGIN = {
  pattern: new RegExp(`^(?:${STATUS_ORIGINS.join('|')})$`),
  told: `one of ${STATUS_ORIGINS.join(', ')}`,
};

/** What is read from the read models: the register and its statistics. */
@Controller('api')
export class RegisterController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Get('recommendations')
  @Documented('list')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, PARAMETERS, ['statusOrigin']);
    const statusOrigin = valuesOf(request, 'statusOrigin', STATUS_ORIGIN);
    const { issue, owner, q, cursor } = query;
    const status = oneOf('status', query.status, STATUSES);
    const deadline = oneOf('deadline', query.deadline, DEADLINE_STATES);
    const sort = oneOf('sort', query.sort, REGISTER_SORTS);
    const limit = limitOf(query.limit, LIST_PAGE);
    const recipient = namedBody(request, query.recipient);
    return queryRegister(this.#service.readModels, {
      ...(status && { status }),
      ...(recipient !== undefined && { recipient }),
      ...(issue !== undefined && { issue }),
      ...(owner !== undefined && { owner }),
      ...(statusOrigin && { statusOrigin: statusOrigin as StatusOrigin[] }),
      ...(deadline && { deadline }),
      ...(q !== undefined && { q: q.replaceAll('\0', ' ') }),
      ...(sort && { sort }),
      ...(cursor !== undefined && { cursor }),
      recipients: visibleBodies(identityOf(request)),
      limit,
      today: londonDate(Date.now()),
    });
  }

  @Get('statistics')
  @Documented('statistics')
  async statistics(@Req() request: FastifyRequest) {
    queryOf(request, []);
    const recipients = visibleBodies(identityOf(request));
    return queryStatistics(this.#service.readModels, { recipients, today: londonDate(Date.now()) });
  }
}
