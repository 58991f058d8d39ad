import { Controller, Delete, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { validatePayload } from '#lifecycle/validate-payload';
import type { CalendarFilter } from '#state-machines/person-events';
import {
  CalendarLinkPayload,
  listCalendarLinks,
  makeCalendarLink,
  revokeCalendarLink,
} from '#use-cases/people/calendar-links';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { callContext } from './call-context.ts';
import { identityOf } from './authentication.ts';
import { calendarLinkPath } from './calendar-link-access.ts';
import { withFreshReads } from './fresh-reads.ts';
import { Documented } from './openapi.ts';
import { publicAddress } from './request-values.ts';
import { queryOf } from './route-query.ts';

/** Returns a link's filter from the request's payload. @throws as `validatePayload`. */
export function filterOf(sent: unknown): CalendarFilter {
  const { recipient = null, kind = null, state = null } = validatePayload(CalendarLinkPayload, sent);
  return { recipient, kind, state };
}

/** Addresses for calendar programs, which cannot send a token. Each person creates and revokes their own. */
@Controller('api/calendar-links')
export class CalendarLinksController {
  @Inject(PARTS) private readonly parts!: Parts;

  @Post()
  @Documented('makeCalendarLink')
  async make(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const filter = filterOf(request.body);
    const call = callContext(request);
    const made = await makeCalendarLink(this.parts, call, filter);
    const { linkId: id, expiresOn } = made.link;
    // Caches must not store a response with a secret.
    void reply.header('cache-control', 'no-store');
    const path = calendarLinkPath(call.viewer.subject, { linkId: id, secret: made.secret });
    const url = `${publicAddress(this.parts, request)}${path}`;
    return { id, url, path, expiresOn, ...filter, position: made.position };
  }

  @Get()
  @Documented('calendarLinks')
  async list(@Req() request: FastifyRequest) {
    const query = queryOf(request, 'calendarLinks');
    return listCalendarLinks(
      withFreshReads(request, this.parts),
      identityOf(request),
      query,
      request.server.clock.now(),
    );
  }

  @Delete(':id')
  @Documented('revokeCalendarLink')
  async revoke(@Req() request: FastifyRequest, @Param('id') id: string): Promise<void> {
    await revokeCalendarLink(this.parts, callContext(request), id);
  }
}
