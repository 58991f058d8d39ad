import { Controller, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { attemptFile } from '#use-cases/register-files/attempt-import';
import { divideFile } from '#use-cases/register-files/import-file';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { contextPerRecord } from './call-context.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';
import { notPlainText } from './read-register-file.ts';
import { idempotencyKeyOf } from './request-values.ts';

/** Imports register records. */
@Controller('api/imports')
export class ImportsController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Post()
  @Documented('import')
  async import(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const query = queryOf(request, 'import');
    const { id = null, recipient = null, digest: previewed = null, dryRun } = query;
    const source = request.body;
    if (!Buffer.isBuffer(source)) throw notPlainText();
    const key = dryRun ? null : idempotencyKeyOf(request);
    const file = await divideFile(source);
    const contextAt = contextPerRecord(request, key, { sourceSha256: file.digest });
    const about = { id, recipient, dryRun, previewed };
    const outcome = await attemptFile(this.parts, contextAt, { ...file, ...about });
    void reply.status(dryRun || 'differences' in outcome ? 200 : 201);
    // Otherwise `created` could be read as done.
    return dryRun ? { dryRun, ...outcome } : outcome;
  }
}
