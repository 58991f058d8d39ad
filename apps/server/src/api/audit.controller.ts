import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestCheckpoint } from '#use-cases/audit/sign-log';
import { seeCheckpoint } from '#use-cases/audit/see-log-status';
import { requestVerification, seeVerifications } from '#use-cases/audit/verify-now';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';

const TEXT = 'text/plain; charset=utf-8';

/** The signed log, for external verifiers. */
@Controller('api/audit')
export class AuditController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get('checkpoint')
  @Documented('checkpoint')
  checkpoint(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    void reply.type(TEXT);
    return seeCheckpoint(withFreshReads(request, this.parts).readModels);
  }

  @Post('checkpoints')
  @Documented('makeCheckpoint')
  async makeCheckpoint(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const call = { viewer: identityOf(request), now: request.server.clock.now(), correlationId: request.id };
    const { isNew, note } = await requestCheckpoint(this.parts.signing, call);
    void reply.status(isNew ? 201 : 200).type(TEXT);
    return note;
  }

  @Post('verifications')
  @Documented('verifyLog')
  async verify(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { isNew, verification } = await requestVerification(this.parts.verifications, identityOf(request));
    void reply.status(isNew ? 202 : 200);
    return verification;
  }

  @Get('verifications')
  @Documented('verifications')
  async verifications(@Req() request: FastifyRequest) {
    return { items: await seeVerifications(this.parts.verifications, identityOf(request)) };
  }
}
