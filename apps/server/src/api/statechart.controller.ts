import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { RecordReference } from '#lifecycle/kind';
import { mermaidOf } from '#statechart/mermaid';
import { svgOf } from '#statechart/picture';
import type { RecordsAccess } from '#use-cases/records/records-access';
import { seeChart } from '#use-cases/records/see-record';
import { apiOfEachKind, OfRecord } from '../of-each-kind.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { identityOf } from './authentication.ts';
import { waitForRecord } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { mediaTypeOf, viewOf } from './request-values.ts';
import { queryOf } from './route-query.ts';

const MEDIA_TYPES = ['application/json', 'image/svg+xml', 'text/vnd.mermaid'] as const;

/** A picture can be opened on its own: it may then use its own style and nothing else. */
const PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** A record in its statechart, as data, a picture, or text for Mermaid. */
@Controller(apiOfEachKind('/:id/statechart'))
export class StatechartController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  @Documented('statechart')
  async statechart(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ) {
    const now = request.server.clock.now();
    const view = viewOf(queryOf(request, 'statechart'), now);
    const mediaType = mediaTypeOf(request, reply, MEDIA_TYPES);
    await waitForRecord(request, this.parts, record);
    const chart = await seeChart(this.parts, identityOf(request), record, { view, now });
    if (mediaType === 'application/json') return chart;
    void reply.header('content-type', `${mediaType}; charset=utf-8`);
    if (mediaType === 'text/vnd.mermaid') return mermaidOf(chart);
    void reply.header('content-security-policy', PICTURE_POLICY);
    return svgOf(chart);
  }
}

/** Sends only the picture. */
export async function sendPicture(
  request: FastifyRequest,
  reply: FastifyReply,
  { access, record }: { readonly access: RecordsAccess; readonly record: RecordReference },
): Promise<void> {
  const now = request.server.clock.now();
  const view = viewOf(queryOf(request, 'statechart'), now);
  await waitForRecord(request, access, record);
  const chart = await seeChart(access, identityOf(request), record, { view, now });
  void reply.header('content-security-policy', PICTURE_POLICY);
  await reply.type('image/svg+xml; charset=utf-8').send(svgOf(chart));
}
