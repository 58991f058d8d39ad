import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { createHash } from 'node:crypto';
import { ProblemError } from '#use-cases/problems';
import { ANY_RECORD_ID } from '#state-machines/inspection-recommendation/v1/payloads';
import { PACKS } from '../../parts.ts';
import type { PackParts } from '../../parts.ts';
import { sendPage } from '../send-page.tsx';
import { CheckPacks } from './check-packs-view.tsx';
import { packPath } from './pack-addresses.ts';

/** How a pack is checked, and with what; and the way to a record's pack. */
@ApiExcludeController()
@Controller('audit')
export class CheckPacksPages {
  readonly #verifiers: PackParts['verifiers'];

  constructor(@Inject(PACKS) { verifiers }: PackParts) {
    this.#verifiers = verifiers;
  }

  @Get('packs')
  async ofRecord(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { record } = request.query as { readonly record?: string | string[] };
    const id = typeof record === 'string' ? record.trim() : '';
    if (id !== '' && !ANY_RECORD_ID.test(id))
      throw new ProblemError(
        'not-found',
        'There is no such record: an id has letters, digits, dots, dashes and underscores',
      );
    await reply.redirect(id === '' ? '/audit#packs' : packPath(id), 303);
  }

  @Get('packs/check')
  async howToCheck(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { html, python } = await this.#verifiers();
    const digests = { html: digestOf(html), python: digestOf(python) };
    const breadcrumbs = [{ text: 'Audit', href: '/audit' }];
    const content = <CheckPacks digests={digests} />;
    await sendPage(request, reply, { title: ['Check a pack'], section: 'audit', breadcrumbs, content });
  }

  @Get('verify.html')
  async html(@Res() reply: FastifyReply): Promise<void> {
    await this.#send(reply, 'html', 'verify.html');
  }

  @Get('verify.py')
  async python(@Res() reply: FastifyReply): Promise<void> {
    await this.#send(reply, 'python', 'verify.py');
  }

  /** As a file: it is to be opened from a disk, and never runs as a page of this service. */
  async #send(reply: FastifyReply, which: 'html' | 'python', name: string): Promise<void> {
    await reply
      .type('application/octet-stream')
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(Buffer.from((await this.#verifiers())[which]));
  }
}

const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
