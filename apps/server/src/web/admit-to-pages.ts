import type { FastifyReply, FastifyRequest } from 'fastify';
import { messageOf } from '#event-sourcing/errors';
import type { Session } from '#identity/sessions';
import { callOf } from '#use-cases/asked';
import { isUnusedFor } from '#use-cases/people/people';
import { ProblemError } from '#use-cases/problems';
import { originOf } from '../refuse-foreign-host.ts';
import { ASSETS_PREFIX } from './assets.ts';
import { isHeldForm, isOpenPage, isSentFromAnywhere, signInAddress } from './page-paths.ts';
import { cookieOf, dropCookie } from './session-cookie.ts';

/**
 * Admits a request for a page: finds out who signed in, and sends whoever did not to where one signs in.
 * What changes something has to come from a page of ours.
 * @throws ProblemError where it comes from elsewhere.
 */
export async function admitToPage(request: FastifyRequest, reply: FastifyReply, path: string): Promise<void> {
  // Whoever may load them, nobody has to be known for that.
  if (path.startsWith(ASSETS_PREFIX)) return;
  const isChange = request.method !== 'GET' && request.method !== 'HEAD';
  if (isChange && !isSentFromAnywhere(path)) refuseFromElsewhere(request);
  // Where the service knows no address of its pages, nobody signs in, and no other node's sign-in counts.
  const sealed = originOf(request) === null ? undefined : cookieOf(request, 'docket-session');
  request.session = sealed === undefined ? null : await liveSession(request, sealed);
  request.identity = request.session?.identity ?? null;
  if (request.session !== null || isOpenPage(path) || request.is404) return;
  if (sealed !== undefined) dropCookie(reply, 'docket-session');
  // What was typed into it is shown again by the form's own page, and nothing is done.
  if (isChange && isHeldForm(path)) return;
  if (isChange) throw new ProblemError('unauthenticated', 'Your sign-in has ended. Sign in again to go on.');
  await reply.redirect(signInAddress(request.url), 303);
}

/** The session that a cookie seals, unless it was ended, here or at another node. */
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
    // The page does not wait for it.
    people.useSession(identity.subject, session.id, call).catch((error: unknown) => {
      log.warn(`The use of a session could not be recorded: ${messageOf(error)}`);
    });
  }
  return session;
}

/**
 * A browser says which site a form was sent from (Fetch, "Origin"), and where it does not, whether it was this one
 * (Fetch Metadata, "Sec-Fetch-Site").
 */
function refuseFromElsewhere(request: FastifyRequest): void {
  const { origin, 'sec-fetch-site': site } = request.headers;
  const ours = originOf(request);
  const isOurs = origin === undefined ? site === 'same-origin' : origin === ours;
  if (isOurs && ours !== null) return;
  throw new ProblemError(
    'form-from-elsewhere',
    'The form was not sent from a page of this service; open the page here and send it again',
  );
}
