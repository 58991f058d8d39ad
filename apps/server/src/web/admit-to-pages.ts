import type { FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '#event-sourcing/errors';
import type { Session } from '#identity/sessions';
import { callOf } from '#use-cases/call-context';
import { isUnusedFor } from '#use-cases/people/people';
import { ProblemError } from '#use-cases/problems';
import { originOf } from '../refuse-foreign-host.ts';
import { ASSETS_PREFIX } from './assets.ts';
import { isKeptForm, isOpenPage, isSentFromAnywhere, signInAddress } from './page-paths.ts';

/**
 * Authenticates a page request by its session cookie, and redirects to the sign-in page without one.
 * A request that changes something must come from our own pages.
 * @throws ProblemError if it comes from elsewhere.
 */
export async function admitToPage(request: FastifyRequest, reply: FastifyReply, path: string): Promise<void> {
  // Assets need no sign-in.
  if (path.startsWith(ASSETS_PREFIX)) return;
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  if (isChange && !isSentFromAnywhere(path)) refuseFromElsewhere(request);
  // Without a known origin sign-in is off, and sessions of other nodes are not accepted.
  const sealed = originOf(request) === null ? undefined : cookieOf(request, 'docket-session');
  request.session = sealed === undefined ? null : await liveSession(request, sealed);
  request.identity = request.session?.identity ?? null;
  if (request.session !== null || isOpenPage(path) || request.is404) return;
  if (sealed !== undefined) dropCookie(reply, 'docket-session');
  // The form's own page shows what was typed again; nothing is executed.
  if (isChange && isKeptForm(path)) return;
  if (isChange)
    throw new ProblemError('unauthenticated', 'Your sign-in has ended. Sign in again to continue.');
  await reply.redirect(signInAddress(request.url), 303);
}

/** Returns the session in a cookie; null if it has been ended on any node. */
async function liveSession({ id, log, server }: FastifyRequest, sealed: string): Promise<Session | null> {
  const { sessions, people } = server.pages;
  const now = server.clock.now();
  const session = await sessions.open(sealed, now);
  if (session === null) return null;
  const { identity } = session;
  const started = await people.findSession(identity.subject, session.id, now);
  if (started === null) return null;
  if (isUnusedFor(started, now)) {
    const call = callOf({ viewer: identity, now, correlationId: id });
    // The page does not wait for the append.
    people.useSession(identity.subject, session.id, call).catch((error: unknown) => {
      log.warn(`The use of a session could not be recorded: ${messageOf(error)}`);
    });
  }
  return session;
}

/**
 * Checks the Origin header of a form (Fetch), or Sec-Fetch-Site where a browser sends no Origin (Fetch
 * Metadata).
 */
function refuseFromElsewhere(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const ours = originOf(request);
  const isOurs = origin === undefined ? site === 'same-origin' : origin === ours;
  if (isOurs && ours !== null) return;
  throw new ProblemError(
    'form-from-elsewhere',
    'The form was not sent from a page of this service; open the form’s page in this service and send the form again',
  );
}

/** The cookies: the session, and a sign-in in progress. */
type CookieName = 'docket-session' | 'docket-sign-in';

/** Returns whether browsers reach the service over TLS. */
const isSecure = ({ protocol, server }: FastifyRequest): boolean =>
  server.pages.publicUrl?.startsWith('https:') ?? protocol === 'https';

/**
 * Over TLS the `__Host-` prefix restricts a cookie to this host (RFC 6265bis). Browsers refuse it without
 * TLS, which is for trying out on one machine.
 */
const nameFor = (request: FastifyRequest, name: CookieName): string =>
  isSecure(request) ? `__Host-${name}` : name;

export const cookieOf = (request: FastifyRequest, name: CookieName): string | undefined =>
  request.cookies[nameFor(request, name)];

// Lax, so that links from other sites and the provider's redirect keep the session.
const optionsFor = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request) }) as const;

/** Sets a session cookie; the sealed value contains its own expiry. */
export function keepCookie(reply: FastifyReply, name: CookieName, sealed: string): void {
  const { request } = reply;
  void reply.setCookie(nameFor(request, name), sealed, optionsFor(request));
}

export function dropCookie(reply: FastifyReply, name: CookieName): void {
  const { request } = reply;
  void reply.clearCookie(nameFor(request, name), optionsFor(request));
}
