import { Controller, Get, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { londonDate } from '#lifecycle/plain-date';
import { Service } from '#platform/service';
import { queryRegister, REGISTER_SORTS } from '#projections/register/register-query';
import { queryStatistics } from '#projections/statistics/statistics-query';
import { DEADLINE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { DeadlineState } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import type { StatusOrigin } from '#state-machines/inspection-recommendation/v1/facts';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import { visibleBodies } from '#state-machines/access';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { limitOf, LIST_PAGE, oneOf, queryOf, valuesOf } from './request-values.ts';
import type { ValueForm } from './request-values.ts';
import { namedBody } from './visible-record.ts';

const PARAMETERS = ['q', 'sort', 'limit', 'cursor'] as const;

const formOf = (values: readonly string[]): ValueForm => ({
  pattern: new RegExp(`^(?:${values.join('|')})$`),
  told: `one of ${values.join(', ')}`,
});

/** What may be asked for several times, for any of the values; of ids and names whatever there is none of is found nowhere. */
const FORMS = {
  status: formOf(STATUSES),
  recipient: { pattern: /^/, told: 'the slug of a body' },
  issue: { pattern: /^/, told: 'the id of a recommendation' },
  owner: { pattern: /^/, told: 'the subject of an owner' },
  statusOrigin: formOf(STATUS_ORIGINS),
  deadline: formOf(DEADLINE_STATES),
} as const;

/** Without what was not given. */
const given = <Filters extends object>(
  filters: Filters,
): { [Name in keyof Filters]?: NonNullable<Filters[Name]> } =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== null)) as {
    [Name in keyof Filters]?: NonNullable<Filters[Name]>;
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
    const query = queryOf(request, PARAMETERS, Object.keys(FORMS));
    const { q, cursor } = query;
    const asked = (name: keyof typeof FORMS) => valuesOf(request, name, FORMS[name]);
    const filters = {
      status: asked('status'),
      recipient: asked('recipient'),
      issue: asked('issue'),
      owner: asked('owner'),
      statusOrigin: asked('statusOrigin') as readonly StatusOrigin[] | null,
      deadline: asked('deadline') as readonly DeadlineState[] | null,
    };
    const sort = oneOf('sort', query.sort, REGISTER_SORTS);
    const limit = limitOf(query.limit, LIST_PAGE);
    for (const body of filters.recipient ?? []) namedBody(request, body);
    return queryRegister(this.#service.readModels, {
      ...given(filters),
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
