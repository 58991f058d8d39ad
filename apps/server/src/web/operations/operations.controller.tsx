import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { MessageState } from '#notifications/outbox/outbox-database';
import { seeMessages, requestRetry } from '#use-cases/operations/messages';
import { enterPerson } from '#use-cases/people/administer-people';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { PARTS } from '../../parts.ts';
import type { Parts } from '../../parts.ts';
import { seeOperations } from '../../see-operations.ts';
import { slugsIn } from '../body-names.ts';
import { formOf, FormValues } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import { EnterPersonPage, personErrors } from './enter-person-view.tsx';
import type { EnterPersonOptions } from './enter-person-view.tsx';
import { OperationsView } from './operations-view.tsx';

/** The page shows the newest messages. */
const MESSAGES_SHOWN = 20;

/** The administrator's pages. */
@ApiExcludeController()
@Controller('operations')
export class OperationsPages {
  @Inject(PARTS) private readonly parts!: Parts;

  @Get()
  async operations(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const viewer = identityOf(request);
    const seen = await seeOperations(this.parts, viewer, (err, message) => {
      request.log.error({ err }, message);
    });
    const messages = async (state: MessageState) =>
      (await seeMessages(this.parts.outbox, viewer, { state, limit: MESSAGES_SHOWN })).items;
    const [dead, waiting] = await Promise.all([messages('dead'), messages('waiting')]);
    const content = <OperationsView {...{ seen, dead, waiting }} />;
    await sendPage(reply, { title: ['Operations'], section: 'operations', content });
  }

  @Post('people')
  async enterPerson(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const [subject, name] = [form.text('subject').trim(), form.text('name').trim()];
    let outcome: EnterPersonOptions;
    try {
      const organisations = slugsIn(form.text('organisations'), await request.server.pages.bodies.all());
      const entered = { subject, name, roles: form.getAll('roles'), organisations };
      await enterPerson(this.parts, callContext(request), entered);
      outcome = { values: new FormValues(), errors: [], entered: name };
    } catch (error) {
      const errors = personErrors(error, form);
      if (errors === null) throw error;
      outcome = { values: form, errors };
    }
    const isRefused = outcome.errors.length > 0;
    const content = <EnterPersonPage {...outcome} />;
    const breadcrumbs = [{ text: 'Operations', href: '/operations' }];
    const page = {
      title: ['Add a person'],
      section: 'operations',
      breadcrumbs,
      isRefused,
      content,
    } as const;
    await sendPage(reply, page);
  }

  @Post('messages/:id/retry')
  async retry(@Res() reply: FastifyReply, @Param('id') id: string): Promise<void> {
    const { request } = reply;
    formOf(request);
    await requestRetry(this.parts.outbox, identityOf(request), id, request.server.clock.now());
    await reply.redirect('/operations#messages', 303);
  }
}
