import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { listCalendarLinks, makeCalendarLink, revokeCalendarLink } from '#use-cases/people/calendar-links';
import { problemOf } from '#use-cases/problems';
import { callContext } from '../../api/call-context.ts';
import { identityOf } from '../../api/authentication.ts';
import { calendarLinkPath } from '../../api/calendar-link-access.ts';
import { filterOf } from '../../api/calendar-links.controller.ts';
import { LIST_PAGE } from '../../api/query-parameters.ts';
import { publicAddress } from '../../api/request-values.ts';
import { CALENDAR_LINKS } from '../../parts.ts';
import type { CalendarLinksParts } from '../../parts.ts';
import { formOf } from '../form-values.ts';
import { sendPage } from '../send-page.tsx';
import { CalendarView } from './calendar-view.tsx';
import type { CalendarViewOptions } from './calendar-view.tsx';

type Shown = Pick<CalendarViewOptions, 'typed' | 'refusal' | 'made'>;

/** The page of calendar links: list, create and revoke. */
@ApiExcludeController()
@Controller('deadlines/calendar')
export class CalendarPages {
  readonly #access: CalendarLinksParts;

  constructor(@Inject(CALENDAR_LINKS) access: CalendarLinksParts) {
    this.#access = access;
  }

  @Get()
  async list(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    await this.#show(request, reply, { typed: {}, refusal: null, made: null });
  }

  /** Responds with the page instead of a redirect, because the secret is shown only once. */
  @Post()
  async make(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const form = formOf(request);
    const fields = ['recipient', 'kind', 'state'].map(
      (name) => [name, (form.get(name) ?? '').trim()] as const,
    );
    const typed = Object.fromEntries(fields.filter(([, value]) => value !== ''));
    try {
      const context = callContext(request);
      const { link, secret } = await makeCalendarLink(this.#access, context, filterOf(typed));
      const path = calendarLinkPath(context.viewer.subject, { linkId: link.linkId, secret });
      const made = `${publicAddress(this.#access, request)}${path}`;
      await this.#show(request, reply, { typed: {}, refusal: null, made });
    } catch (error) {
      await this.#show(request, reply, { typed, refusal: refusalOf(error), made: null });
    }
  }

  @Post(':id/revoke')
  async revoke(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
  ): Promise<void> {
    formOf(request);
    await revokeCalendarLink(this.#access, callContext(request), id);
    await reply.redirect('/deadlines/calendar#links', 303);
  }

  async #show(request: FastifyRequest, reply: FastifyReply, shown: Shown): Promise<void> {
    const viewer = identityOf(request);
    const { items } = await listCalendarLinks(
      this.#access,
      viewer,
      { limit: LIST_PAGE.most },
      request.server.clock.now(),
    );
    // The viewer's own stream is up to date; the read model may lag behind.
    const { links: own } = await this.#access.people.find(viewer.subject);
    const links = items.filter(
      ({ id, subject }) => subject !== viewer.subject || own.some(({ linkId }) => linkId === id),
    );
    const isRefused = shown.refusal !== null;
    const content = <CalendarView {...shown} links={links} viewer={viewer} />;
    const breadcrumbs = [{ text: 'Deadlines', href: '/deadlines' }];
    const title = ['Deadlines in your calendar'];
    const page = { title, section: 'deadlines', breadcrumbs, isRefused, content } as const;
    await sendPage(request, reply, page);
  }
}

/** Returns the message and its field; rethrows other errors. */
function refusalOf(error: unknown): CalendarViewOptions['refusal'] {
  const known = problemOf(error);
  if (known?.code === 'other-organisation' || known?.code === 'too-many-calendar-links')
    return { field: 'recipient', message: known.detail };
  if (known?.code !== 'invalid-payload') throw error;
  const [problem] = known.members.errors ?? [];
  return { field: problem?.pointer.slice(1) ?? 'recipient', message: `This ${problem?.detail ?? ''}` };
}
