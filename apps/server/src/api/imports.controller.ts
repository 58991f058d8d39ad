import { Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { hash } from 'node:crypto';
import { LIFECYCLE } from '#platform/docket';
import { Service } from '#platform/service';
import { importRecord } from '#use-cases/register/import-record';
import { askedBy } from './asked.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import { booleanOf, idempotencyKeyOf, queryOf } from './request-values.ts';

/** Brings register records in. */
@Controller('api/imports')
export class ImportsController {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  @Post()
  @Documented('import')
  async import(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const query = queryOf(request, ['id', 'recipient', 'dryRun', 'anyway', 'corrects']);
    const dryRun = booleanOf('dryRun', query.dryRun);
    const source = request.body;
    if (!Buffer.isBuffer(source)) {
      throw new ProblemError('unsupported-media-type', 'Send the register record as text/plain');
    }
    const { store } = this.#service;
    const call = {
      source,
      id: query.id ?? null,
      recipient: query.recipient ?? null,
      anyway: booleanOf('anyway', query.anyway),
      corrects: query.corrects ?? null,
      dryRun,
      ...askedBy(request, dryRun ? null : idempotencyKeyOf(request), () => ({
        sourceSha256: hash('sha256', source),
      })),
    };
    void reply.status(dryRun ? 200 : 201);
    // A dry run asks what would happen: it is no attempt, changes nothing, and says so, lest `created` be taken for done.
    if (dryRun) return { dryRun, ...(await importRecord(store, LIFECYCLE, call)) };
    return this.#service.attempt({ ...call, command: 'import', record: call.id }, () =>
      importRecord(store, LIFECYCLE, call),
    );
  }
}
