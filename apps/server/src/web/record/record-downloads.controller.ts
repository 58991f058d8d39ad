import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { sendExport } from '../../api/export.controller.ts';
import { OpenAnswers } from '../../api/open-answers.ts';
import { sendPicture } from '../../api/statechart.controller.ts';
import { MIN_POSITION, version } from '../../api/query-parameters.ts';
import { readQuery } from '../../api/route-query.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { RECORDS } from '../../parts.ts';
import { RecordChanges } from './record-changes.ts';

type Access = Pick<
  RecordsAccess,
  'store' | 'readModels' | 'lifecycles' | 'histories' | 'commands' | 'accesses'
>;

const CHANGES_QUERY = {
  after: { ...version('The version that the page shows.'), isRequired: true as const },
  minPosition: MIN_POSITION,
};

/** Downloads of a record's page. A session cookie is not valid for the API. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id'))
export class RecordDownloads {
  readonly #access: Access;
  readonly #answers: OpenAnswers;
  readonly #changes: RecordChanges;

  constructor(@Inject(RECORDS) access: Access, answers: OpenAnswers, changes: RecordChanges) {
    this.#access = access;
    this.#answers = answers;
    this.#changes = changes;
  }

  @Get('export')
  async export(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    await sendExport(request, reply, { access: this.#access, answers: this.#answers, record });
  }

  @Get('statechart.svg')
  async picture(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    await sendPicture(request, reply, { access: this.#access, record });
  }

  @Get('changes')
  async changes(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    const { after } = readQuery(CHANGES_QUERY, request.query as Readonly<Record<string, string | string[]>>);
    await this.#changes.open(reply, { record, after });
  }
}
