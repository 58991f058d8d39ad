import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import type { Body } from '#state-machines/body-events';
import {
  addWebhook,
  INSPECTORATE,
  redeliver,
  removeWebhook,
  seeDeliveries,
  seeWebhook,
  seeWebhooks,
} from '#use-cases/webhooks/administer-webhooks';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { slugsIn } from '../body-names.ts';
import { formOf, FormValues } from '../form-values.ts';
import { parseParams } from '../lists/list-address.ts';
import { sendPage } from '../send-page.tsx';
import { webhookErrors, WebhookView, WebhooksView } from './webhooks-view.tsx';
import type { AddWebhookOptions } from './webhooks-view.tsx';

const DELIVERIES_SHOWN = 50;
const OPERATIONS = { text: 'Operations', href: '/operations' };
const WEBHOOKS_PATH = '/operations/webhooks';

/** The administrator's pages for webhooks. */
@ApiExcludeController()
@Controller('operations/webhooks')
export class WebhookPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  webhooks(@Res() reply: FastifyReply): Promise<void> {
    return this.#list(reply, { values: new FormValues(), errors: [] });
  }

  @Post()
  async add(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const values = formOf(request);
    try {
      const added = await addWebhook(
        this.parts,
        callContext(request),
        settingsIn(values, await request.server.pages.bodies.all()),
      );
      await this.#list(reply, { values: new FormValues(), errors: [], added });
    } catch (error) {
      const errors = webhookErrors(error, values);
      if (errors === null) throw error;
      await this.#list(reply, { values, errors });
    }
  }

  @Get(':id')
  async webhook(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    const viewer = identityOf(request);
    const webhook = await seeWebhook(this.parts, viewer, id);
    const params = parseParams(request.url);
    const cursor = params.get('cursor');
    const query = { limit: DELIVERIES_SHOWN, ...(cursor !== null && { cursor }) };
    const page = await seeDeliveries(this.parts, viewer, id, query);
    const content = <WebhookView {...{ webhook, page, params }} />;
    const breadcrumbs = [OPERATIONS, { text: 'Webhooks', href: WEBHOOKS_PATH }];
    await sendPage(reply, { title: ['Webhook'], section: 'operations', breadcrumbs, content });
  }

  @Post(':id/redeliver')
  async redeliver(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    const ids = formOf(request).getAll('delivery');
    await redeliver(this.parts, callContext(request), id, ids.length === 0 ? {} : { ids });
    await reply.redirect(`${WEBHOOKS_PATH}/${encodeURIComponent(id)}`, 303);
  }

  @Post(':id/remove')
  async remove(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    formOf(request);
    await removeWebhook(this.parts, callContext(request), id);
    await reply.redirect(WEBHOOKS_PATH, 303);
  }

  async #list(reply: FastifyReply, form: AddWebhookOptions): Promise<void> {
    const { request } = reply;
    const webhooks = await seeWebhooks(this.parts, identityOf(request));
    const content = <WebhooksView {...form} webhooks={webhooks} />;
    const isRefused = form.errors.length > 0;
    const page = {
      title: ['Webhooks'],
      section: 'operations',
      breadcrumbs: [OPERATIONS],
      isRefused,
      content,
    };
    await sendPage(reply, page);
  }
}

/** Converts the form to a payload without empty fields. */
function settingsIn(values: FormValues, bodies: ReadonlyMap<string, Body>): JsonObject {
  const several = (name: string, found: readonly string[]) => (found.length === 0 ? {} : { [name]: found });
  const bodiesMember = (name: string) => several(name, slugsIn(values.text(name), bodies));
  const types = values
    .text('types')
    .split(/[\s,]+/u)
    .filter((word) => word !== '');
  const isInspectorate = values.text('reads') === INSPECTORATE;
  return {
    url: values.text('url').trim(),
    ...several('types', types),
    ...bodiesMember('bodies'),
    ...(isInspectorate ? { audience: [INSPECTORATE] } : bodiesMember('audience')),
    ...(values.getAll('kinds').length > 0 && { kinds: values.getAll('kinds') }),
  };
}
