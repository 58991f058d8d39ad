import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { RecordReference } from '#lifecycle/kind';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { formatFor } from '#use-cases/register-files/export-formats';
import type { ExportFormat } from '#use-cases/register-files/export-formats';
import { seeExport } from '#use-cases/register/export-record';
import { apiOfEachKind, OfRecord } from '../of-each-kind.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { readerOf } from './authentication.ts';
import { OpenAnswers } from './open-answers.ts';
import { waitForRecord } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

const FILES: Readonly<Record<ExportFormat, { readonly mediaType: string; readonly ending: string }>> = {
  register: { mediaType: 'text/plain; charset=utf-8', ending: 'txt' },
  json: { mediaType: 'application/json; charset=utf-8', ending: 'json' },
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', ending: 'csv' },
  cloudevents: { mediaType: 'application/cloudevents-batch+json; charset=utf-8', ending: 'cloudevents.json' },
};

/** A record as a file, limited to what the caller may see. */
@Controller(apiOfEachKind('/:id/export'))
export class ExportController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenAnswers) private readonly answers!: OpenAnswers;

  @Get()
  @Documented('export')
  async export(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ): Promise<void> {
    await sendExport(request, reply, { access: this.parts, answers: this.answers, record });
  }
}

/** Sends a record as a file in the requested format. */
export async function sendExport(
  request: FastifyRequest,
  reply: FastifyReply,
  {
    access,
    answers,
    record,
  }: { readonly access: RecordsAccess; readonly answers: OpenAnswers; readonly record: RecordReference },
): Promise<void> {
  const format = formatFor(record.kind, queryOf(request, 'export').format);
  await waitForRecord(request, access, record);
  await answers.admit(request, reply);
  const pieces = await seeExport(access, readerOf(request), record, format);
  const { mediaType, ending } = FILES[format];
  // Unprintable text is refused before anything is sent.
  const file =
    format === 'register'
      ? Buffer.concat(await Array.fromAsync(pieces))
      : Readable.from(pieces, { objectMode: false });
  void reply.headers({
    // Imported bytes are returned unchanged and need not be UTF-8.
    'content-type': file instanceof Readable || isUtf8(file) ? mediaType : 'text/plain',
    // A record's id contains only letters, digits, dots, dashes and underscores.
    'content-disposition': `attachment; filename="${record.id}.${ending}"`,
  });
  await reply.send(file);
}
