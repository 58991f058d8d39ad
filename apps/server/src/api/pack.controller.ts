import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';
import type { RecordReference } from '#lifecycle/kind';
import { zippedPack } from '#use-cases/audit/make-pack';
import { requestPack } from '#use-cases/audit/request-pack';
import type { RequestedPack } from '#use-cases/audit/request-pack';
import { ProblemError } from '#use-cases/problems';
import { apiOfEachKind, OfRecord } from '../of-each-kind.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { waitForRecord } from './fresh-reads.ts';
import { OpenPacks } from './open-answers.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** A record's evidence pack, as a zip. */
@Controller(apiOfEachKind('/:id/pack'))
export class PackController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenPacks) private readonly packs!: OpenPacks;

  @Get()
  @Documented('pack')
  async pack(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ): Promise<void> {
    const { since, withhold = [] } = queryOf(request, 'pack');
    await waitForRecord(request, this.parts, record);
    if (request.method === 'HEAD')
      throw new ProblemError(
        'method-not-allowed',
        'HEAD is not supported, because Docket records every pack that it creates. Use GET',
      );
    const packRequest = {
      record,
      withhold,
      ...(since !== undefined && { since: { size: since } }),
    };
    await sendPack(request, reply, { parts: this.parts, packs: this.packs }, packRequest);
  }
}

/** Makes a pack and sends it. @throws ProblemError if too many are being made; as `requestPack` does. */
export async function sendPack(
  request: FastifyRequest,
  reply: FastifyReply,
  { parts, packs }: { readonly parts: Parts; readonly packs: OpenPacks },
  packRequest: RequestedPack,
): Promise<void> {
  await packs.admit(request, reply);
  const pack = await requestPack(parts, callContext(request), packRequest);
  const { id } = packRequest.record;
  void reply.headers({
    'content-type': 'application/zip',
    // A record's id contains only letters, digits, dots, dashes and underscores.
    'content-disposition': `attachment; filename="${id}.pack.zip"`,
  });
  await reply.send(Readable.from(zippedPack(pack, id), { objectMode: false }));
}
