import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { accessesTable, listAccesses } from '#use-cases/accesses/list-accesses';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { RECORDS } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { CsvAnswers } from './csv-answers.ts';
import { withFolded } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

type AccessesAccess = Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>;

/** Who was given what, for auditors. */
@Controller('api/accesses')
export class AccessesController {
  readonly #access: AccessesAccess;
  readonly #answers: CsvAnswers;

  constructor(@Inject(RECORDS) access: AccessesAccess, answers: CsvAnswers) {
    this.#access = access;
    this.#answers = answers;
  }

  @Get()
  @Documented('accesses')
  async accesses(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { recommendation: record, limit, ...others } = queryOf(request, 'accesses');
    const filters = { ...others, ...(record !== undefined && { record }) };
    const asked = [withFolded(request, this.#access), identityOf(request)] as const;
    await this.#answers.send(request, reply, 'accesses', {
      json: (): Promise<Answer<'Accesses'>> => listAccesses(...asked, { ...filters, limit }),
      csv: () => accessesTable(...asked, filters),
    });
  }
}
