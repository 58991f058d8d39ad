import type { FastifyRequest } from 'fastify';
import type { CalendarFilter } from '#state-machines/person-events';
import type { People } from '#use-cases/people/people';
import { ProblemError } from '#use-cases/problems';

declare module 'fastify' {
  interface FastifyRequest {
    /** The filter of the calendar link used by the request; null for a request with a token. */
    calendarLink: CalendarFilter | null;
  }
}

/** The route that calendar programs read. */
const CALENDAR_LINK_PATH = '/api/calendar-links/:id/deadlines.ics';

export const isCalendarLink = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === CALENDAR_LINK_PATH;

/**
 * Returns a link's path. Its key names the person's stream, so that the link is valid immediately on every node, and contains the secret: a
 * calendar program can send nothing else.
 */
export function calendarLinkPath(
  subject: string,
  { linkId, secret }: { readonly linkId: string; readonly secret: string },
): string {
  const key = `${Buffer.from(subject).toString('base64url')}.${secret}`;
  return `${CALENDAR_LINK_PATH.replace(':id', linkId)}?key=${key}`;
}

/** A key of {@link calendarLinkPath}: a subject has up to 255 characters. */
const KEY = /^([\w-]{1,1400})\.([\w-]{43})$/;

function readKey(key: unknown): { readonly subject: string; readonly secret: string } | null {
  const [, encoded, secret] = (typeof key === 'string' && KEY.exec(key)) || [];
  if (encoded === undefined || secret === undefined) return null;
  const subject = Buffer.from(encoded, 'base64url').toString();
  const isOurs = Buffer.from(subject).toString('base64url') === encoded && !subject.includes('\0');
  return isOurs ? { subject, secret } : null;
}

/**
 * Authenticates a calendar program by its link, with the current rights of the link's person.
 * @throws ProblemError 404 for an unknown, revoked or expired link and for a wrong key, without distinction.
 */
export async function admitCalendarLink(request: FastifyRequest, people: People): Promise<void> {
  const { id } = request.params as { id: string };
  const { key } = request.query as { key?: unknown };
  const read = UUID.test(id) ? readKey(key) : null;
  const opened =
    read && (await people.openCalendarLink(read.subject, id, read.secret, request.server.clock.now()));
  if (read === null || opened === null) {
    throw new ProblemError('not-found', 'This calendar link does not exist, was revoked or has expired');
  }
  const { name, rights } = opened.person;
  const { roles, organisations } = rights ?? { roles: [], organisations: [] };
  const { subject } = read;
  request.identity = { subject, name, roles, organisations, expiresAt: Infinity, issuedAt: null };
  request.calendarLink = opened.link;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
