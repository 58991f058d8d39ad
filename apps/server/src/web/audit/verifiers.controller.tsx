import { Controller, Get, Param, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { VERIFIER_FILES, verifierFile } from '#platform/verifiers';
import { lifecycles } from '#state-machines/lifecycles';
import { ProblemError } from '#use-cases/problems';
import { sendPage } from '../send-page.tsx';
import { VerifiersView } from './verifiers-view.tsx';

/** The verifiers, their source and their digests; no sign-in needed. */
@ApiExcludeController()
@Controller('verify')
export class VerifiersPages {
  @Get()
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const [html, python] = await Promise.all([verifierFile('verify.html'), verifierFile('verify.py')]);
    const content = (
      <VerifiersView
        html={describe(html)}
        python={describe(python)}
        lifecycles={lifecycles.all.map(({ reference }) => reference)}
      />
    );
    await sendPage(request, reply, { title: ['Verify a history'], content });
  }

  /** Sent as a download: a verifier must never run as a page of this service. */
  @Get(':name')
  async file(@Param('name') name: string, @Res() reply: FastifyReply): Promise<void> {
    const file = VERIFIER_FILES.find((each) => each === name);
    if (file === undefined) throw new ProblemError('not-found', `There is no verifier ${name}`);
    await reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${file}"`)
      .send(Buffer.from(await verifierFile(file)));
  }
}

const describe = (bytes: Uint8Array) => ({
  size: bytes.length,
  digest: createHash('sha256').update(bytes).digest('hex'),
});
