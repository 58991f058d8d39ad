import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  closureTimesTable,
  deadlineFiguresTable,
  seriesTable,
  seeClosureTimes,
  seeDeadlineFigures,
  seeSeries,
} from '#use-cases/register/see-figures';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { CsvAnswers } from './csv-answers.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { viewOf } from './request-values.ts';
import { queryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

/** Figures over time: the register's size, times to closure, and outcomes of deadlines. */
@Controller('api/statistics')
export class StatisticsController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('series')
  @Documented('series')
  async series(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const args = this.#argsOf(request, queryOf(request, 'series'));
    await this.answers.send(request, reply, 'series', {
      json: (): Promise<Answer<'Series'>> => seeSeries(...args),
      csv: () => seriesTable(...args),
    });
  }

  @Get('closure-times')
  @Documented('closureTimes')
  async closureTimes(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const args = this.#argsOf(request, queryOf(request, 'closureTimes'));
    await this.answers.send(request, reply, 'closure-times', {
      json: (): Promise<Answer<'ClosureTimes'>> => seeClosureTimes(...args),
      csv: () => closureTimesTable(...args),
    });
  }

  @Get('deadlines')
  @Documented('deadlineFigures')
  async deadlines(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const args = this.#argsOf(request, queryOf(request, 'deadlineFigures'));
    await this.answers.send(request, reply, 'deadlines', {
      json: (): Promise<Answer<'DeadlineFigures'>> => seeDeadlineFigures(...args),
      csv: () => deadlineFiguresTable(...args),
    });
  }

  #argsOf<Query extends { readonly knownAt?: string }>(request: FastifyRequest, query: Query) {
    const now = request.server.clock.now();
    const { knownAt } = viewOf(query.knownAt === undefined ? {} : { knownAt: query.knownAt }, now);
    return [withFreshReads(request, this.parts), identityOf(request), { ...query, knownAt }, now] as const;
  }
}
