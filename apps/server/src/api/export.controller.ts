import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { Envelope } from '#event-sourcing/envelope';
import { Service } from '#platform/service';
import {
  EXPORT_FORMATS,
  ExportError,
  exportRecord,
  withheldBetween,
} from '#use-cases/register/export-record';
import type { ExportFormat } from '#use-cases/register/export-record';
import { wholeEvent } from '#use-cases/records/record-events';
import { identityOf } from './authentication.ts';
import { OpenAnswers } from './open-answers.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import { oneOf, queryOf } from './request-values.ts';
import { recipientOf, visibleWithoutTexts } from './visible-record.ts';
import { withheldFrom } from './withhold.ts';

const FILES: Readonly<Record<ExportFormat, { readonly mediaType: string; readonly ending: string }>> = {
  register: { mediaType: 'text/plain; charset=utf-8', ending: 'txt' },
  json: { mediaType: 'application/json; charset=utf-8', ending: 'json' },
  csv: { mediaType: 'text/csv; charset=utf-8; header=present', ending: 'csv' },
  cloudevents: { mediaType: 'application/cloudevents-batch+json; charset=utf-8', ending: 'cloudevents.json' },
};

/** A record as a file, as far as the caller may see it. */
@Controller('api/recommendations/:id/export')
export class ExportController {
  readonly #service: Service;
  readonly #answers: OpenAnswers;

  constructor(service: Service, answers: OpenAnswers) {
    this.#service = service;
    this.#answers = answers;
  }

  @Get()
  @Documented('export')
  async export(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    await this.#answers.admit(request, reply);
    const { format: given } = queryOf(request, ['format']);
    const format = oneOf('format', given, EXPORT_FORMATS) ?? 'register';
    const light = await visibleWithoutTexts(this.#service, request, id);
    const viewer = identityOf(request);
    const recipient = recipientOf(light);
    const seen = (event: Envelope): Envelope => withheldFrom(viewer, recipient, [event])[0] ?? event;
    const events = light.map(seen);
    const { store } = this.#service;
    const pieces = exportRecord(events, format, {
      whole: async (event) => seen(await wholeEvent(store, event)),
      withheld: withheldBetween(light, events),
    });
    const { mediaType, ending } = FILES[format];
    const file = format === 'register' ? await printed(pieces) : Readable.from(pieces, { objectMode: false });
    void reply.headers({
      // What was imported comes back as it was, and need not be UTF-8.
      'content-type': file instanceof Readable || isUtf8(file) ? mediaType : 'text/plain',
      // A record's id is of letters, digits, dots, dashes and underscores.
      'content-disposition': `attachment; filename="${id}.${ending}"`,
    });
    await reply.send(file);
  }
}

async function printed(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  try {
    return Buffer.concat(await Array.fromAsync(pieces));
  } catch (error) {
    if (error instanceof ExportError) throw new ProblemError('text-not-printable', error.message);
    throw error;
  }
}
