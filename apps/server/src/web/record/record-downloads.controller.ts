import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { RecordReference } from '#lifecycle/kind';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { sendExport } from '../../api/export.controller.ts';
import { OpenAnswers } from '../../api/open-answers.ts';
import { sendPicture } from '../../api/statechart.controller.ts';
import { OfRecord, pagesOfEachKind } from '../../of-each-kind.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';

/** Downloads of a record's page. A session cookie is not valid for the API. */
@ApiExcludeController()
@Controller(pagesOfEachKind('/:id'))
export class RecordDownloads {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenAnswers) private readonly answers!: OpenAnswers;

  @Get('export')
  async export(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    await sendExport(request, reply, { access: this.parts, answers: this.answers, record });
  }

  @Get('statechart.svg')
  async picture(@Res() reply: FastifyReply, @OfRecord() record: RecordReference): Promise<void> {
    const { request } = reply;
    await sendPicture(request, reply, { access: this.parts, record });
  }
}
