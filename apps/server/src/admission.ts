import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { HttpParts } from '#platform/http-parts';
import { authenticate, identityOf, isDocumentation, isNamedTwice } from './api/authentication.ts';
import { ProblemError } from '#use-cases/problems';
import { HttpProblemError } from './api/problems.ts';
import { admitCalendarLink, isCalendarLink } from './api/calendar-link-access.ts';
import { refuseForeignHost } from './refuse-foreign-host.ts';
import { Sightings } from './sightings.ts';
import { API_HEADERS, DOCUMENTATION_HEADERS, PAGE_HEADERS } from './security-headers.ts';
import { admitToPage } from './web/admit-to-pages.ts';
import { isOpenPage, isPageRequest } from './web/page-paths.ts';

/** Admits a request or refuses it, before a byte of its body is read. */
export type Admit = (request: FastifyRequest, reply: FastifyReply) => Promise<void>;

/** Access control and rate limits. */
interface Admission {
  /** Null disables the rate limit. */
  readonly requestsPerSecond: number | null;
}

/** The maximum number of counters in memory. The least recently used counter is dropped first. */
const COUNTERS_MAX = 10_000;
const WINDOW_MS = 1_000;

/**
 * Returns the admission check that every request passes. In this order, it sets the response headers, refuses
 * ambiguous requests and foreign hosts, authenticates the caller, applies the rate limit, and refuses methods
 * that the path does not allow. Exceptions are noted below.
 */
export async function admission(
  fastify: FastifyInstance,
  { people, tokens }: Pick<HttpParts, 'people' | 'tokens'>,
  { requestsPerSecond }: Admission,
): Promise<Admit> {
  const paths = new KnownPaths(fastify);
  const sightings = new Sightings(people);
  const limits = requestsPerSecond === null ? null : await limiters(fastify, requestsPerSecond);
  return async (request, reply) => {
    const [path] = request.url.split('?') as [string];
    const isPage = isPageRequest(request);
    void reply.headers(isPage ? PAGE_HEADERS : isDocumentation(path) ? DOCUMENTATION_HEADERS : API_HEADERS);
    void reply.header('x-correlation-id', request.id);
    refuseAmbiguous(request, reply);
    refuseForeignHost(request);
    // An open page needs no sign-in, so a wrong method is refused first.
    if (isOpenPage(path)) refuseUnknown(request, path, paths);
    if (isPage) await admitToPage(request, reply, path);
    else if (isCalendarLink(request)) {
      // Limited before the key is looked up, so that guessing keys stays cheap for the server.
      await limits?.ofLink(request);
      await admitCalendarLink(request, people);
    } else await authenticate(request, tokens);
    if (reply.sent) return;
    if (request.identity !== null) await limits?.ofSubject(request);
    refuseUnknown(request, path, paths);
    if (request.calendarLink === null) await sightings.note(request);
  };
}

async function limiters(fastify: FastifyInstance, max: number) {
  await fastify.register(rateLimit, { global: false, max, timeWindow: WINDOW_MS, cache: COUNTERS_MAX });
  return {
    ofSubject: limiter(fastify, max, (request) => identityOf(request).subject),
    ofLink: limiter(fastify, max, (request) => (request.params as { id: string }).id),
  };
}

function limiter(fastify: FastifyInstance, max: number, keyGenerator: (request: FastifyRequest) => string) {
  const count = fastify.createRateLimit({ keyGenerator });
  return async (request: FastifyRequest): Promise<void> => {
    const counted = await count(request);
    if (counted.isAllowed || !counted.isExceeded) return;
    const detail = `Rate limit of ${max} requests a second exceeded; nothing was done. Try again in a few seconds`;
    throw new HttpProblemError('rate-limited', detail, { 'retry-after': String(counted.ttlInSeconds) });
  };
}

function refuseUnknown(request: FastifyRequest, path: string, paths: KnownPaths): void {
  // No stored text contains U+0000, and PostgreSQL fails on it.
  if (/%00/.test(path)) throw new ProblemError('not-found', 'The path contains U+0000, which is not allowed');
  if (!request.is404) return;
  const methods = paths.methodsOf(path);
  // A path that the router cannot decode is reported by the router's own error.
  if (methods.length === 0 || methods.includes(request.method)) return;
  const allow = methods.join(', ');
  const detail = `${request.method} is not allowed for this path; use ${allow}`;
  throw new HttpProblemError('method-not-allowed', detail, { allow });
}

/**
 * Refuses a request that a proxy may have parsed differently (RFC 9112): its host or its length is ambiguous.
 * Closes the connection, because the rest of the body may follow on it.
 * @throws ProblemError `malformed-request`
 */
function refuseAmbiguous(request: FastifyRequest, reply: FastifyReply): void {
  const detail = ambiguityOf(request);
  if (detail === null) return;
  void reply.header('connection', 'close');
  throw new ProblemError('malformed-request', detail);
}

function ambiguityOf(request: FastifyRequest): string | null {
  const { raw, headers } = request;
  const coding = headers['transfer-encoding'];
  // RFC 9112, sections 3.2, 6.1 and 7.
  if (raw.httpVersion === '1.1' && headers.host === undefined)
    return 'The request has no "Host" header; send one';
  if (isNamedTwice(request, 'host')) return 'The request has more than one "Host" header; send only one';
  if (coding === undefined) return null;
  if (raw.httpVersion !== '1.1') return '"Transfer-Encoding" is allowed only with HTTP/1.1';
  return coding.toLowerCase() === 'chunked' ? null : 'The "Transfer-Encoding" header must be "chunked"';
}

interface KnownPath {
  readonly pattern: RegExp;
  readonly methods: Set<string>;
}

/** The registered routes and their methods. */
class KnownPaths {
  readonly #paths = new Map<string, KnownPath>();

  /** Records every route that is registered after this call. */
  constructor(fastify: FastifyInstance) {
    fastify.addHook('onRoute', ({ url, method }) => {
      const known = this.#paths.get(url) ?? { pattern: patternOf(url), methods: new Set<string>() };
      for (const each of [method].flat()) known.methods.add(each);
      this.#paths.set(url, known);
    });
  }

  /** Returns the methods allowed for a path; an empty list if no route matches. */
  methodsOf(path: string): string[] {
    const methods = [...this.#paths.values()]
      .filter(({ pattern }) => pattern.test(path))
      .flatMap((known) => [...known.methods]);
    return [...new Set(methods)].sort();
  }
}

/** Converts a Fastify route pattern (`:name`, `*`) to a regular expression. */
const patternOf = (url: string): RegExp =>
  new RegExp(
    `^${url
      .replaceAll(/[\\^$+?.()|[\]{}]/g, '\\$&')
      .replaceAll(/:\w+/g, '[^/]+')
      .replaceAll('*', '.*')}$`,
  );
