import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { readUnsubscribeKey } from '#notifications/people/unsubscribe-key';
import type { Unsubscribed } from '#notifications/people/unsubscribe-key';
import { NOTICE_KINDS, unsubscribe } from '#use-cases/inbox/keep-inbox';
import { ProblemError } from '#use-cases/problems';
import { Button } from '../components/button.tsx';
import { UNSUBSCRIBE_PATH } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';

/** Where a mail's link leads that ends such mails: opening it changes nothing, and its form needs no sign-in (RFC 8058). */
@ApiExcludeController()
@Controller('unsubscribe')
export class UnsubscribePage {
  @Get()
  async ask(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const { kind } = askedOf(request);
    const content = (
      <>
        <h1 class="govuk-heading-l">Stop mails</h1>
        <p class="govuk-body">{`You will be sent no more mail ${aboutWhat(kind)}. Your inbox still has it.`}</p>
        <form
          method="post"
          action={`${UNSUBSCRIBE_PATH}?${new URLSearchParams({ key: keyOf(request) }).toString()}`}
        >
          <Button>Stop mails</Button>
        </form>
      </>
    );
    await sendPage(request, reply, { title: ['Stop mails'], content });
  }

  @Post()
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const asked = askedOf(request);
    const actor = { subject: asked.subject, roles: [] };
    const call = { actor, now: request.server.clock.now(), correlationId: request.id };
    await unsubscribe({ people: request.server.pages.people }, asked, call);
    const content = (
      <>
        <h1 class="govuk-heading-l">Mails have stopped</h1>
        <p class="govuk-body">
          {`You are sent no more mail ${aboutWhat(asked.kind)}. To be sent it again, choose so in your inbox.`}
        </p>
      </>
    );
    await sendPage(request, reply, { title: ['Mails have stopped'], content });
  }
}

const aboutWhat = (kind: string | null): string =>
  kind === null ? 'by Docket' : `about this: ${NOTICE_KINDS.get(kind) ?? kind}`;

const keyOf = ({ url }: FastifyRequest): string =>
  new URL(url, 'http://here.invalid').searchParams.get('key') ?? '';

/** @throws ProblemError `not-found` for a key that nobody was sent. */
function askedOf(request: FastifyRequest): Unsubscribed {
  const asked = readUnsubscribeKey(request.server.pages.sessions.unsubscribing, keyOf(request));
  if (asked === null)
    throw new ProblemError(
      'not-found',
      'This link is not whole. Open the one in the mail again, or choose in your inbox',
    );
  return asked;
}
