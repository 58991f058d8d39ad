import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRefusals } from '#use-cases/refusals/list-refusals';
import { RECORDS } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

type RefusalsAccess = Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>;

/** Refused attempts, for auditors. */
@Controller('api/refusals')
export class RefusalsController {
  readonly #access: RefusalsAccess;

  constructor(@Inject(RECORDS) access: RefusalsAccess) {
    this.#access = access;
  }

  @Get()
  @Documented('refusals')
  async list(@Req() request: FastifyRequest) {
    const { recommendation: record, ...query } = queryOf(request, 'refusals');
    return listRefusals(this.#access, identityOf(request), {
      ...query,
      ...(record !== undefined && { record }),
    });
  }
}
