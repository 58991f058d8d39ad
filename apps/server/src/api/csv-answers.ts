import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { Bodies } from '#use-cases/bodies/bodies';
import { csvFile } from '#use-cases/csv';
import type { CsvNames, CsvTable } from '#use-cases/csv';
import type { PeopleAccess } from '#use-cases/people/administer-people';
import { BODIES, PEOPLE } from '../parts.ts';
import { OpenAnswers } from './open-answers.ts';
import { mediaTypeOf } from './request-values.ts';

/** What lists and counts are given as; JSON where nobody says. */
const MEDIA_TYPES = ['application/json', 'text/csv'] as const;
/** As a file with a line of names above it. */
const CSV = 'text/csv; charset=utf-8; header=present';

/** Answers that people may have as a table: page by page as JSON, and whole as CSV. */
@Injectable()
export class CsvAnswers {
  readonly #answers: OpenAnswers;
  readonly #names: CsvNames;

  constructor(
    answers: OpenAnswers,
    @Inject(BODIES) bodies: Bodies,
    @Inject(PEOPLE) { people }: PeopleAccess,
  ) {
    this.#answers = answers;
    this.#names = { bodies, people };
  }

  /**
   * Answers with JSON, or with a file of this name where the request likes CSV better, which is sent as it is read.
   * @throws ProblemError where it takes neither, or too much is being sent; what the answer itself throws before it begins.
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

  /** Answers with a table as a CSV file of this name, with the names of bodies and people in it; throws as `sendFile`. */
  async sendTable(
    request: FastifyRequest,
    reply: FastifyReply,
    name: string,
    table: () => Promise<CsvTable>,
  ): Promise<void> {
    await this.sendFile(request, reply, { name: `${name}.csv`, mediaType: CSV }, async () =>
      Readable.from(csvFile(await table(), this.#names), { objectMode: false }),
    );
  }

  /**
   * Answers with a file that is sent as it is read.
   * @throws ProblemError where too much is being sent; what the file itself throws before it begins.
   */
  async sendFile(
    request: FastifyRequest,
    reply: FastifyReply,
    { name, mediaType }: { readonly name: string; readonly mediaType: string },
    file: () => Promise<Readable>,
  ): Promise<void> {
    await this.#answers.admit(request, reply);
    const pieces = await file();
    void reply.headers({
      'content-type': mediaType,
      'content-disposition': `attachment; filename="${name}"`,
    });
    await reply.send(pieces);
  }
}
