import type { FastifyRequest } from 'fastify';
import type { CalendarFilter } from '#state-machines/person-events';
import type { People } from '#use-cases/people/people';
import { ProblemError } from '#use-cases/problems';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the calendar link shows by which a request came; null where it came with a token. */
    calendarLink: CalendarFilter | null;
  }
}

/** Where a calendar program reads what its link shows. */
const CALENDAR_LINK_PATH = '/api/calendar-links/:id/deadlines.ics';

export const isCalendarLink = ({ routeOptions }: FastifyRequest): boolean =>
  routeOptions.url === CALENDAR_LINK_PATH;

/**
 * The path of a link's address. Its key says in whose stream the link is, so that it holds from the moment it is made, and has the
 * secret: a calendar program can send nothing else.
 */
export function calendarLinkPath(
  subject: string,
  { linkId, secret }: { readonly linkId: string; readonly secret: string },
): string {
  const key = `${Buffer.from(subject).toString('base64url')}.${secret}`;
  return `${CALENDAR_LINK_PATH.replace(':id', linkId)}?key=${key}`;
}

/** A key as {@link calendarLinkPath} makes it: a subject has up to 255 characters. */
const KEY = /^([\w-]{1,1400})\.([\w-]{43})$/;

function readKey(key: unknown): { readonly subject: string; readonly secret: string } | null {
  const [, encoded, secret] = (typeof key === 'string' && KEY.exec(key)) || [];
  if (encoded === undefined || secret === undefined) return null;
  const subject = Buffer.from(encoded, 'base64url').toString();
  const isOurs = Buffer.from(subject).toString('base64url') === encoded && !subject.includes('\0');
  return isOurs ? { subject, secret } : null;
}

/**
 * Lets a calendar program in by its link, with the rights that its person has now.
 * @throws ProblemError 404 for a link that is unknown, revoked or over, and for a wrong key: which of them it is, is not told;
 *   429 where the caller's address has been told so too often.
 */
export async function admitCalendarLink(request: FastifyRequest, people: People): Promise<void> {
  const { id } = request.params as { id: string };
  const { key } = request.query as { key?: unknown };
  const { calendarLinkGuesses: guesses } = request.server;
  const link = `${id} ${String(key)}`;
  guesses.admit(request.ip, link);
  const read = UUID.test(id) ? readKey(key) : null;
  const opened =
    read && (await people.openCalendarLink(read.subject, id, read.secret, request.server.clock.now()));
  guesses.ended(request.ip, link, opened !== null);
  if (read === null || opened === null) {
    throw new ProblemError('not-found', 'There is no such calendar link, or it was revoked, or it is over');
  }
  const { name, rights } = opened.person;
  const { roles, organisations } = rights ?? { roles: [], organisations: [] };
  const { subject } = read;
  request.identity = { subject, name, roles, organisations, expiresAt: Infinity, issuedAt: null };
  request.calendarLink = opened.link;
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
