import { Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { GROUP_TITLES } from '#notifications/people/notice-groups';
import { readUnsubscribeKey } from '#notifications/people/unsubscribe-key';
import type { Unsubscribed } from '#notifications/people/unsubscribe-key';
import { unsubscribe } from '#use-cases/inbox/keep-inbox';
import { Button, Link } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { UNSUBSCRIBE_PATH } from '../page-paths.ts';
import { sendPage } from '../send-page.tsx';

/**
 * The page behind the unsubscribe link of an email: a GET changes nothing, and the POST needs no sign-in (RFC
 * 8058).
 */
@ApiExcludeController()
@Controller('unsubscribe')
export class UnsubscribePage {
  @Get()
  async confirm(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const subscription = subscriptionOf(request);
    if (subscription === null) return sendNoLink(reply);
    const content = (
      <>
        <h1 class="govuk-heading-l">Stop emails</h1>
        <p class="govuk-body">{`You will not get any more emails ${aboutWhat(subscription.group)}. Your inbox will still list these notices.`}</p>
        <form
          method="post"
          action={`${UNSUBSCRIBE_PATH}?${new URLSearchParams({ key: keyOf(request) }).toString()}`}
        >
          <Button>Stop emails</Button>
        </form>
      </>
    );
    await sendPage(reply, { title: ['Stop emails'], content });
  }

  @Post()
  async end(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const subscription = subscriptionOf(request);
    if (subscription === null) return sendNoLink(reply);
    const actor = { subject: subscription.subject, roles: [] };
    const call = { actor, now: request.server.clock.now(), correlationId: request.id };
    await unsubscribe({ people: request.server.pages.people }, subscription, call);
    const content = (
      <>
        <h1 class="govuk-heading-l">Emails have stopped</h1>
        <p class="govuk-body">
          {`You will not get any more emails ${aboutWhat(subscription.group)}. To get them again, change your `}
          <SettingsLink />.
        </p>
      </>
    );
    await sendPage(reply, { title: ['Emails have stopped'], content });
  }
}

const aboutWhat = (group: Unsubscribed['group']): string =>
  group === null ? 'from Docket' : `about “${GROUP_TITLES[group]}”`;

const SettingsLink = (): Element => <Link href="/inbox/choices">notification settings</Link>;

function sendNoLink(reply: FastifyReply): Promise<void> {
  const content = (
    <>
      <h1 class="govuk-heading-l">This link does not work</h1>
      <p class="govuk-body">
        Part of it may be missing. Open the link again from the email, or sign in and change your{' '}
        <SettingsLink />.
      </p>
    </>
  );
  return sendPage(reply, { title: ['This link does not work'], content }, 404);
}

const keyOf = ({ url }: FastifyRequest): string =>
  new URL(url, 'http://here.invalid').searchParams.get('key') ?? '';

/** Returns null for an invalid key. */
const subscriptionOf = (request: FastifyRequest): Unsubscribed | null =>
  readUnsubscribeKey(request.server.pages.sessions.unsubscribing, keyOf(request));
