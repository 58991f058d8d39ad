import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DocketNode } from '#platform/node';
import type { Random } from '#event-sourcing/random';
import type { Clock } from '#event-sourcing/clock';
import type { Identity } from '#identity/identity';
import { DEVELOPMENT_ISSUER } from '#identity/tokens';
import type { TokenVerifier } from '#identity/tokens';
import type { Viewer } from '#state-machines/access';
import type { Reader } from '#use-cases/call-context';
import { ProblemError } from '#use-cases/problems';
import { CALENDAR_PATH } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller; null on open routes. */
    identity: Identity | null;
  }
  interface FastifyInstance {
    /** The sources of the time and the ids of requests. */
    clock: Clock;
    random: Random;
    /** The organisations of the inspectorate's own staff. */
    ownOrganisations: readonly string[];
  }
}

const OPEN_PATHS = ['/health/live', '/health/ready', '/metrics', '/api/openapi.json'];

/** Reports whether a path belongs to the API's documentation pages and their assets. */
export const isDocumentation = (path: string): boolean =>
  path === '/api/docs' || path.startsWith('/api/docs/');

/** Reports whether a request's URL needs no token. */
export const isOpen = (url: string): boolean => {
  const [path] = url.split('?') as [string];
  return OPEN_PATHS.includes(path) || isDocumentation(path);
};

const BEARER = /^Bearer +([^\s]+) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/_-]+=*) *$/i;

/** Adds the caller's properties to requests. */
export function addCallerProperties(
  server: FastifyInstance,
  { ownOrganisations, machine }: Pick<DocketNode, 'ownOrganisations' | 'machine'>,
): void {
  for (const name of ['identity', 'calendarLink'] as const) server.decorateRequest(name, null);
  server.decorate('ownOrganisations', ownOrganisations);
  server.decorate('clock', machine.clock);
  server.decorate('random', machine.random);
}

/** Returns a request's token: a bearer token or, for the calendar, the password of any user. */
function tokenOf({ headers, url }: FastifyRequest): string | undefined {
  const { authorization = '' } = headers;
  const basic = url.split('?')[0] === CALENDAR_PATH ? BASIC.exec(authorization)?.[1] : undefined;
  if (basic === undefined) return BEARER.exec(authorization)?.[1];
  // A user name contains no colon (RFC 7617).
  const [, password] = /^[^:]*:(\S+)$/.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return password;
}

/** Reports whether a header occurs more than once. Node uses the first, and a reverse proxy may have used another. */
export function isNamedTwice({ raw }: FastifyRequest, name: string): boolean {
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0);
  return names.filter((each) => each.toLowerCase() === name).length > 1;
}

/**
 * Authenticates the caller before the body is read.
 * @throws ProblemError or InvalidTokenError, which both become a 401 response.
 * @throws IdentityProviderUnavailableError, which becomes a 503 response.
 */
export async function authenticate(request: FastifyRequest, verifier: TokenVerifier): Promise<void> {
  if (isOpen(request.url)) return;
  if (isNamedTwice(request, 'authorization'))
    throw new ProblemError(
      'unauthenticated',
      'The request has more than one "Authorization" header; send only one',
    );
  const token = tokenOf(request);
  if (token === undefined) {
    const whence =
      verifier.issuer === DEVELOPMENT_ISSUER
        ? '"docket token" issues one for development'
        : `${verifier.issuer} issues tokens`;
    const detail = `The request has no bearer token. Send the header "Authorization: Bearer TOKEN"; ${whence}`;
    throw new ProblemError('unauthenticated', detail);
  }
  const now = request.server.clock.now();
  request.identity = verifier.verifyCached(token, now) ?? (await verifier.verify(token, now));
}

/** Returns the caller on a route that requires a token. */
export function identityOf({ identity, url, server }: FastifyRequest): Identity & Viewer {
  if (identity === null) throw new Error(`${url} was reached without an identity`);
  const { ownOrganisations } = server;
  const bodies = identity.organisations.filter((each) => !ownOrganisations.includes(each));
  return { ...identity, bodies };
}

/** Returns the caller for reads that are recorded. */
export const readerOf = (request: FastifyRequest): Identity & Reader => ({
  ...identityOf(request),
  correlationId: request.id,
});
