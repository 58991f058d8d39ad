import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpParts } from '#platform/http-parts';
import { authenticate, identityOf, isDocumentation, isOfThePublic } from './api/authentication.ts';
import { ProblemError } from '#use-cases/problems';
import { HttpProblemError } from './api/problems.ts';
import { admitCalendarLink, isCalendarLink } from './api/calendar-link-access.ts';
import { KnownPaths } from './known-paths.ts';
import { refuseAmbiguous } from './refuse-ambiguous.ts';
import { refuseForeignHost } from './refuse-foreign-host.ts';
import { Sightings } from './sightings.ts';
import { ANSWER_HEADERS, DOCUMENTATION_HEADERS, PAGE_HEADERS } from './security-headers.ts';
import { admitToPage } from './web/admit-to-pages.ts';
import { isPageRequest } from './web/page-paths.ts';

/** Admits a request or refuses it, before a byte of its body is read. */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Who is let in, and how often. */
export interface Admission {
  /** Null where nobody counts. */
  readonly requestsPerSecond: number | null;
  /** Whether the signed log is read without a token. */
  readonly isAuditPublic: boolean;
}

/** How many subjects are counted; beyond that the one that was silent longest is counted anew. */
const SUBJECTS_MAX = 10_000;
const WINDOW_MS = 1_000;

/**
 * What every request passes first: the headers of its answer, who asks, whether they ask too often, and whether there is
 * such a route at all, in the order in which refusals are told.
 */
export async function admission(
  fastify: FastifyInstance,
  { people, tokens }: Pick<HttpParts, 'people' | 'tokens'>,
  { requestsPerSecond, isAuditPublic }: Admission,
): Promise<Admit> {
  const paths = new KnownPaths(fastify);
  const sightings = new Sightings(people);
  const limits = requestsPerSecond === null ? null : await limiters(fastify, requestsPerSecond);
  return async (request, reply) => {
    const [path] = request.url.split('?') as [string];
    const isPage = isPageRequest(request);
    void reply.headers(
      isPage ? PAGE_HEADERS : isDocumentation(path) ? DOCUMENTATION_HEADERS : ANSWER_HEADERS,
    );
    void reply.header('x-correlation-id', request.id);
    refuseAmbiguous(request, reply);
    refuseForeignHost(request);
    if (isPage) await admitToPage(request, reply, path);
    else if (isCalendarLink(request)) {
      // Before it is looked up whose it is: whoever tries keys makes no more work than that.
      await limits?.ofLink(request);
      await admitCalendarLink(request, people);
    } else if (isAuditPublic && isOfThePublic(request)) await limits?.ofAddress(request);
    else await authenticate(request, tokens);
    if (reply.sent) return;
    if (request.identity !== null) await limits?.ofSubject(request);
    refuseUnknown(request, path, paths);
    if (request.calendarLink === null) await sightings.note(request);
  };
}

async function limiters(fastify: FastifyInstance, max: number) {
  await fastify.register(rateLimit, { global: false, max, timeWindow: WINDOW_MS, cache: SUBJECTS_MAX });
  return {
    ofSubject: limiter(fastify, max, (request) => identityOf(request).subject),
    ofAddress: limiter(fastify, max, ({ ip }) => ip),
    ofLink: limiter(fastify, max, (request) => (request.params as { id: string }).id),
  };
}

/** Each counts for itself. */
function limiter(fastify: FastifyInstance, max: number, keyGenerator: (request: FastifyRequest) => string) {
  const count = fastify.createRateLimit({ keyGenerator });
  return async (request: FastifyRequest): Promise<void> => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    const detail = `You may ask ${max} times a second; nothing was done, try again shortly`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(counted.ttlInSeconds) });
  };
}

function refuseUnknown(request: FastifyRequest, path: string, paths: KnownPaths): void {
  // No store can hold it, and some fail at being asked for it.
  if (/%00/.test(path)) throw new ProblemError('not-found', 'There is nothing at an address with U+0000');
  if (!request.is404) return;
  const methods = paths.methodsOf(path);
  // An address that no router can read is like that of a route, and is told as what it is.
  if (methods.length === 0 || methods.includes(request.method)) return;
  const allow = methods.join(', ');
  const detail = `${request.method} is not allowed here; the address takes ${allow}`;
  throw new HttpProblemError('method-not-allowed', detail, { allow });
}
