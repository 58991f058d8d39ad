import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { lifecycles } from '#state-machines/lifecycles';
import { kinds } from '#state-machines/record-streams';
import { listRecordsRecordingAccess, seeStatistics, seeWork } from '#use-cases/register/lists';
import { recordsTable, statisticsTable } from '#use-cases/register/list-tables';
import { apiOfEachKind, kindOf } from '../of-each-kind.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf, readerOf } from './authentication.ts';
import { CsvAnswers } from './csv-answers.ts';
import { waitForLog, withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { inView } from './request-values.ts';
import { queryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

@ApiTags('Register')
@Controller(apiOfEachKind())
export class RecordListController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get()
  @Documented('list')
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = request.server.clock.now();
    const kind = kindOf(request);
    // With a single kind, no filter is needed.
    const ofKind = kinds.all.length > 1 ? { kind: [kind.name] } : {};
    const query = { ...inView(queryOf(request, 'list'), now), ...ofKind };
    const args = [withFreshReads(request, this.parts), readerOf(request), query, now] as const;
    await this.answers.send(request, reply, kind.path, {
      json: (): Promise<Answer<'RecordPage'>> => listRecordsRecordingAccess(...args),
      csv: () => recordsTable(...args),
    });
  }
}

/** Returns the distinct versions of a lifecycle: a version can have had several definitions. */
const versionsOf = (lifecycle: string): readonly number[] => [
  ...new Set(
    lifecycles.all.flatMap(({ reference: { name, version } }) => (name === lifecycle ? [version] : [])),
  ),
];

/** Across all kinds of records: the kinds, statistics, and pending work. */
@Controller('api')
export class RegisterController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(CsvAnswers) private readonly answers!: CsvAnswers;

  @Get('statistics')
  @Documented('statistics')
  async statistics(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const now = request.server.clock.now();
    const query = inView(queryOf(request, 'statistics'), now);
    const args = [withFreshReads(request, this.parts), identityOf(request), query, now] as const;
    await this.answers.send(request, reply, 'statistics', {
      json: (): Promise<Answer<'Statistics'>> => seeStatistics(...args),
      csv: () => statisticsTable(...args),
    });
  }

  @Get('kinds')
  @Documented('kinds')
  async kinds(@Req() request: FastifyRequest) {
    await waitForLog(request, this.parts, () => undefined);
    const items = lifecycles.currents.map(({ kind, commands }) => ({
      ...{ kind: kind.name, path: kind.path, noun: kind.noun },
      versions: versionsOf(kind.name),
      commands: Object.keys(commands),
    }));
    return { items, nextCursor: null };
  }

  @Get('work')
  @Documented('work')
  async work(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'work');
    return seeWork(
      withFreshReads(request, this.parts),
      identityOf(request),
      request.server.clock.now(),
      query,
    );
  }
}
