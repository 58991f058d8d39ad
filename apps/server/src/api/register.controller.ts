import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { Service } from '#platform/service';
import { REGISTER_SORTS } from '#projections/register/register-query';
import { DEADLINE_STATES } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { DeadlineState } from '#state-machines/inspection-recommendation/v1/deadlines';
import { STATUS_ORIGINS } from '#state-machines/inspection-recommendation/v1/facts';
import type { StatusOrigin } from '#state-machines/inspection-recommendation/v1/facts';
import { STATUSES } from '#state-machines/inspection-recommendation/v1/machine';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRecords, seeStatistics } from '#use-cases/register/lists';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { limitOf, LIST_PAGE, oneOf, queryOf, valuesOf } from './request-values.ts';
import type { ValueForm } from './request-values.ts';

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

type RegisterAccess = Pick<RecordsAccess, 'readModels'>;

/** What is read from the read models: the register and its statistics. */
@Controller('api')
export class RegisterController {
  readonly #access: RegisterAccess;

  constructor(@Inject(Service) access: RegisterAccess) {
    this.#access = access;
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
    const list = {
      ...given(filters),
      ...(q !== undefined && { q: q.replaceAll('\0', ' ') }),
      ...(sort && { sort }),
      ...(cursor !== undefined && { cursor }),
      limit,
    };
    return listRecords(this.#access, identityOf(request), list, Date.now());
  }

  @Get('statistics')
  @Documented('statistics')
  async statistics(@Req() request: FastifyRequest) {
    queryOf(request, []);
    return seeStatistics(this.#access, identityOf(request), Date.now());
  }
}
