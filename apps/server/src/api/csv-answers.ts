import { Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import { OpenAnswers } from './open-answers.ts';
import { mediaTypeOf } from './request-values.ts';

/** What lists and counts are given as; JSON where nobody says. */
const MEDIA_TYPES = ['application/json', 'text/csv'] as const;

/** Answers that people may have as a table: page by page as JSON, and whole as CSV. */
@Injectable()
export class CsvAnswers {
  readonly #answers: OpenAnswers;

  constructor(answers: OpenAnswers) {
    this.#answers = answers;
  }

  /**
   * Answers with JSON, or with a file of this name where the request likes CSV better, which is sent as it is read.
   * @throws ProblemError where it takes neither, or too much is being sent; what the answer itself throws before it begins.
   */
  async send(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    {
      json,
      csv,
    }: { readonly json: () => Promise<object>; readonly csv: () => Promise<AsyncIterable<Uint8Array>> },
  ): Promise<void> {
    if (mediaTypeOf(request, reply, MEDIA_TYPES) === 'application/json') {
      await reply.send(await json());
      return;
    }
    await this.#answers.admit(request, reply);
    const pieces = await csv();
    void reply.headers({
      'content-type': 'text/csv; charset=utf-8; header=present',
      'content-disposition': `attachment; filename="${name}.csv"`,
    });
    await reply.send(Readable.from(pieces, { objectMode: false }));
  }
}
