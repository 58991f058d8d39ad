import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { isUtf8 } from 'node:buffer';
import { Service } from '../../../../libs/platform/src/service.ts';
import {
  EXPORT_FORMATS,
  ExportError,
  exportRecord,
  withheldBetween,
} from '../../../../libs/use-cases/src/export-record.ts';
import type { ExportFormat } from '../../../../libs/use-cases/src/export-record.ts';
import { identityOf } from './authentication.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import { oneOf, queryOf } from './request-values.ts';
import { visibleEvents } from './visible-record.ts';
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

  constructor(service: Service) {
    this.#service = service;
  }

  @Get()
  @Documented('export')
  async export(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ) {
    const { format: given } = queryOf(request, ['format']);
    const format = oneOf('format', given, EXPORT_FORMATS) ?? 'register';
    const whole = await visibleEvents(this.#service, request, id);
    const events = withheldFrom(identityOf(request), whole);
    try {
      const bytes = exportRecord(events, format, withheldBetween(whole, events));
      const { mediaType, ending } = FILES[format];
      void reply.headers({
        // What was imported comes back as it was, and need not be UTF-8.
        'content-type': isUtf8(bytes) ? mediaType : 'text/plain',
        // A record's id is of letters, digits, dots, dashes and underscores.
        'content-disposition': `attachment; filename="${id}.${ending}"`,
      });
      return bytes;
    } catch (error) {
      if (error instanceof ExportError) throw new ProblemError('text-not-printable', error.message);
      throw error;
    }
  }
}
