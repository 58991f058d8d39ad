import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { sendExport } from '../../api/export.controller.ts';
import { OpenAnswers } from '../../api/open-answers.ts';
import { sendPicture } from '../../api/statechart.controller.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { RECORDS } from '../../parts.ts';

type Access = Pick<
  RecordsAccess,
  'store' | 'readModels' | 'lifecycles' | 'histories' | 'commands' | 'accesses'
>;

/** Downloads of a record's page. A session cookie is not valid for the API. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id'))
export class RecordDownloads {
  readonly #access: Access;
  readonly #answers: OpenAnswers;

  constructor(@Inject(RECORDS) access: Access, answers: OpenAnswers) {
    this.#access = access;
    this.#answers = answers;
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
}
