import { Controller, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { requestCheckpoint } from '#use-cases/audit/sign-log';
import { seeLogStatus } from '#use-cases/audit/see-log-status';
import { seeCheckpoint } from '#use-cases/audit/see-tree';
import { requestVerification, seeVerifications } from '#use-cases/audit/verify-now';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { AUDIT } from '../../parts.ts';
import type { AuditParts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import { AuditView } from './audit-view.tsx';

@ApiExcludeController()
@Controller('audit')
export class AuditPages {
  readonly #parts: AuditParts;

  constructor(@Inject(AUDIT) parts: AuditParts) {
    this.#parts = parts;
  }

  @Get()
  async audit(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const [standing, verifications] = await Promise.all([
      seeLogStatus(this.#parts, viewer),
      seeVerifications(this.#parts.verifications, viewer),
    ]);
    const content = <AuditView {...{ standing, verifications }} />;
    await sendPage(request, reply, { title: ['Audit'], section: 'audit', content });
  }

  @Post('verifications')
  async verify(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    await requestVerification(this.#parts.verifications, identityOf(request));
    await reply.redirect('/audit#verify', 303);
  }

  @Post('checkpoints')
  async sign(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    formOf(request);
    await requestCheckpoint(this.#parts.signing, callContext(request));
    await reply.redirect('/audit#protected', 303);
  }

  @Get('checkpoint')
  async checkpoint(@Res() reply: FastifyReply): Promise<void> {
    const note = await seeCheckpoint(this.#parts.readModels);
    const [, size = ''] = note.split('\n');
    await reply
      .type('text/plain; charset=utf-8')
      .header('content-disposition', `attachment; filename="checkpoint-${size}.txt"`)
      .send(note);
  }
}
