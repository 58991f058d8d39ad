import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { csvFile } from '#use-cases/csv';
import type { CsvTable } from '#use-cases/csv';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { OpenAnswers } from './open-answers.ts';
import { mediaTypeOf } from './request-values.ts';

/** The media types of lists and counts; JSON by default. */
const MEDIA_TYPES = ['application/json', 'text/csv'] as const;
/** A file with a header row. */
const CSV = 'text/csv; charset=utf-8; header=present';

/** Responses that are also available as a table: JSON in pages, or all as CSV. */
@Injectable()
export class CsvAnswers {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenAnswers) private readonly answers!: OpenAnswers;

  /**
   * Sends JSON, or a file with this name, streamed, if the request prefers CSV.
   * @throws ProblemError if the request accepts neither or too many responses are being sent; what the response throws before it starts.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    { json, csv }: { readonly json: () => Promise<object>; readonly csv: () => Promise<CsvTable> },
  ): Promise<void> {
    if (mediaTypeOf(request, reply, MEDIA_TYPES) === 'application/json') {
      await reply.send(await json());
      return;
    }
    await this.sendTable(request, reply, name, csv);
  }

  /** Sends a table as a CSV file with this name, including names of bodies and people; throws as `sendFile`. */
  async sendTable(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    table: () => Promise<CsvTable>,
  ): Promise<void> {
    await this.sendFile(request, reply, { name: `${name}.csv`, mediaType: CSV }, async () =>
      Readable.from(csvFile(await table(), this.parts), { objectMode: false }),
    );
  }

  /** Streams a file. @throws ProblemError if too many responses are being sent; what the file throws before it starts. */
  async sendFile(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, mediaType }: { readonly name: string; readonly mediaType: string },
    file: () => Promise<Readable>,
  ): Promise<void> {
    await this.answers.admit(request, reply);
    const pieces = await file();
    void reply.headers({
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${name}"`,
    });
    await reply.send(pieces);
  }
}
