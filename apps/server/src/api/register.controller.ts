import { Controller, Get, Inject, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRecords, seeStatistics, seeWork } from '#use-cases/register/lists';
import { RECORDS } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

type RegisterAccess = Pick<RecordsAccess, 'readModels'>;

/** What is read from the read models: the register, its statistics, and what waits for somebody. */
@Controller('api')
export class RegisterController {
  readonly #access: RegisterAccess;

  constructor(@Inject(RECORDS) access: RegisterAccess) {
    this.#access = access;
  }

  @Get('recommendations')
  @Documented('list')
  async list(@Req() request: FastifyRequest) {
    return listRecords(this.#access, identityOf(request), queryOf(request, 'list'), Date.now());
  }

  @Get('statistics')
  @Documented('statistics')
  async statistics(@Req() request: FastifyRequest) {
    return seeStatistics(this.#access, identityOf(request), queryOf(request, 'statistics'), Date.now());
  }

  @Get('work')
  @Documented('work')
  async work(@Req() request: FastifyRequest) {
    queryOf(request, 'work');
    return seeWork(this.#access, identityOf(request), Date.now());
  }
}
