import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { listRefusals, refusalsTable } from '#use-cases/refusals/list-refusals';
import { RECORDS } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { CsvAnswers } from './csv-answers.ts';
import { withFolded } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

type RefusalsAccess = Pick<RecordsAccess, 'store' | 'readModels' | 'projections'>;

/** Refused attempts, for auditors. */
@Controller('api/refusals')
export class RefusalsController {
  readonly #access: RefusalsAccess;
  readonly #answers: CsvAnswers;

  constructor(@Inject(RECORDS) access: RefusalsAccess, answers: CsvAnswers) {
    this.#access = access;
    this.#answers = answers;
  }

  @Get()
  @Documented('refusals')
  async refusals(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { recommendation: record, limit, ...others } = queryOf(request, 'refusals');
    const filters = { ...others, ...(record !== undefined && { record }) };
    const asked = [withFolded(request, this.#access), identityOf(request)] as const;
    await this.#answers.send(request, reply, 'refusals', {
      json: (): Promise<Answer<'Refusals'>> => listRefusals(...asked, { ...filters, limit }),
      csv: () => refusalsTable(...asked, filters),
    });
  }
}
