import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  addWebhook,
  redeliver,
  removeWebhook,
  seeDeliveries,
  seeWebhooks,
} from '#use-cases/webhooks/administer-webhooks';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { identityOf } from './authentication.ts';
import { waitForLog } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { queryOf } from './route-query.ts';

/** The destinations of events, for administrators. */
@Controller('api/webhooks')
export class WebhooksController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Post()
  @Documented('addWebhook')
  async add(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const added = await addWebhook(this.parts, callContext(request), request.body);
    // Caches must not store a response with a secret.
    void reply.header('cache-control', 'no-store');
    return added;
  }

  @Get()
  @Documented('webhooks')
  async list(@Req() request: FastifyRequest) {
    const see = () => seeWebhooks(this.parts, identityOf(request));
    await waitForLog(request, this.parts, see);
    return { items: await see() };
  }

  @Delete(':id')
  @Documented('removeWebhook')
  async remove(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await removeWebhook(this.parts, callContext(request), id);
  }

  @Get(':id/deliveries')
  @Documented('deliveries')
  async deliveries(@Req() request: FastifyRequest, @Param('id') id: string) {
    const { state, limit, cursor } = queryOf(request, 'deliveries');
    const query = { limit, ...(state && { state }), ...(cursor !== undefined && { cursor }) };
    const see = () => seeDeliveries(this.parts, identityOf(request), id, query);
    await waitForLog(request, this.parts, see);
    return see();
  }

  @Post(':id/redeliver')
  @Documented('redeliver')
  async redeliver(@Req() request: FastifyRequest, @Param('id') id: string) {
    return { ids: await redeliver(this.parts, callContext(request), id, request.body) };
  }

  @Post(':id/deliveries/:delivery/redeliver')
  @Documented('redeliverOne')
  async redeliverOne(
    @Req() request: FastifyRequest,
    @Param('id') id: string,
    @Param('delivery') delivery: string,
  ) {
    return { ids: await redeliver(this.parts, callContext(request), id, { ids: [delivery] }) };
  }
}
