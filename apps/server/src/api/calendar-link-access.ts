import type { FastifyRequest } from 'fastify';
import type { Service } from '../../../../libs/platform/src/service.ts';
import type { CalendarFilter } from '../../../../libs/lifecycle/src/person-events.ts';
import { calendarLinkOwner } from '../../../../libs/projections/src/calendar-links/calendar-links-projection.ts';
import { ProblemError } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the calendar link shows by which a request came; null where it came with a token. */
    calendarLink: CalendarFilter | null;
  }
}

/** Where a calendar program reads what its link shows. */
export const CALENDAR_LINK_PATH = '/api/calendar-links/:id/deadlines.ics';

export const isCalendarLink = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === CALENDAR_LINK_PATH;

/** The address of a link. The secret is part of it: a calendar program can send nothing else. */
export const calendarLinkAddress = (request: FastifyRequest, linkId: string, secret: string): string =>
  `${request.protocol}://${request.host}${CALENDAR_LINK_PATH.replace(':id', linkId)}?key=${secret}`;

/**
 * Lets a calendar program in by its link, with the rights that its person has now.
 * @throws ProblemError 404 for a link that is unknown, revoked or over, and for a wrong key: which of them it is, is not told.
 */
export async function admitCalendarLink(request: FastifyRequest, service: Service): Promise<void> {
  const { id } = request.params as { id: string };
  const { key } = request.query as { key?: unknown };
  const subject = UUID.test(id) ? await calendarLinkOwner(service.readModels, id) : null;
  const opened =
    subject === null || typeof key !== 'string'
      ? null
      : await service.people.openCalendarLink(subject, id, key, Date.now());
  if (subject === null || opened === null) {
    throw new ProblemError('not-found', 'There is no such calendar link, or it was revoked, or it is over');
  }
  const { name, roles, organisations } = opened.person;
  request.identity = { subject, name, roles, organisations, expiresAt: Infinity, issuedAt: null };
  request.calendarLink = opened.link;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
