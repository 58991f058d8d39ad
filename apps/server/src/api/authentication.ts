import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { DocketNode } from '#platform/node';
import type { Random } from '#event-sourcing/random';
import type { Clock } from '#event-sourcing/clock';
import type { Identity } from '#identity/identity';
import { DEVELOPMENT_ISSUER } from '#identity/tokens';
import type { TokenVerifier } from '#identity/tokens';
import type { Viewer } from '#state-machines/access';
import type { Reader } from '#use-cases/asked';
import { ProblemError } from '#use-cases/problems';
import { CALENDAR_PATH } from './problems.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks; null on open routes. */
    identity: Identity | null;
  }
  interface FastifyInstance {
    /** What a request's moment is read from, and what its ids are drawn from. */
    clock: Clock;
    random: Random;
    /** The organisations of the inspectorate's own people. */
    ownOrganisations: readonly string[];
  }
}

const OPEN_PATHS = ['/health/live', '/health/ready', '/metrics', '/api/openapi.json'];

/** The pages of the API's documentation, and what they load. */
export const isDocumentation = (path: string): boolean =>
  path === '/api/docs' || path.startsWith('/api/docs/');

/** Whether a request's address is answered without a token. */
export const isOpen = (url: string): boolean => {
  const [path] = url.split('?') as [string];
  return OPEN_PATHS.includes(path) || isDocumentation(path);
};

/** What shows outsiders that the log is as it was signed; nothing of it is a text, or a person's. */
const AUDIT_PATH = /^\/api\/audit\/(?:checkpoint$|tile\/|proofs\/)/;

/** Whether a request asks, without a token, for what anybody may read where a setting says so. */
export const isOfThePublic = ({ method, url, headers }: FastifyRequest): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  headers.authorization === undefined &&
  AUDIT_PATH.test(url.split('?')[0] ?? '');

const BEARER = /^Bearer +([^\s]+) *$/i;
const BASIC = /^Basic +([A-Za-z0-9+/_-]+=*) *$/i;

/** Makes room on requests for who asks. */
export function knowWhoAsks(
  server: FastifyInstance,
  { ownOrganisations, machine }: Pick<DocketNode, 'ownOrganisations' | 'machine'>,
): void {
  for (const name of ['identity', 'calendarLink'] as const) server.decorateRequest(name, null);
  server.decorate('ownOrganisations', ownOrganisations);
  server.decorate('clock', machine.clock);
  server.decorate('random', machine.random);
}

/** The token of a request: as a bearer token, and for the calendar also as the password of any user. */
function tokenOf({ headers, url }: FastifyRequest): string | undefined {
  const { authorization = '' } = headers;
  const basic = url.split('?')[0] === CALENDAR_PATH ? BASIC.exec(authorization)?.[1] : undefined;
  if (basic === undefined) return BEARER.exec(authorization)?.[1];
  // No user name holds a colon (RFC 7617).
  const [, password] = /^[^:]*:(\S+)$/.exec(Buffer.from(basic, 'base64').toString()) ?? [];
  return password;
}

/** Node keeps the first of several, and a proxy in front may have looked at another. */
export function isNamedTwice({ raw }: FastifyRequest, name: string): boolean {
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0);
  return names.filter((each) => each.toLowerCase() === name).length > 1;
}

/**
 * Finds out who asks, before the body is read.
 * @throws ProblemError or InvalidTokenError, both answered with 401.
 * @throws IdentityProviderUnavailableError, answered with 503.
 */
export async function authenticate(request: FastifyRequest, verifier: TokenVerifier): Promise<void> {
  if (isOpen(request.url)) return;
  if (isNamedTwice(request, 'authorization'))
    throw new ProblemError(
      'unauthenticated',
      'Send one header "Authorization"; which of two was meant nobody knows',
    );
  const token = tokenOf(request);
  if (token === undefined) {
    const whence =
      verifier.issuer === DEVELOPMENT_ISSUER
        ? '"docket token" makes one for development'
        : `${verifier.issuer} gives one`;
    const detail = `Send the header "Authorization: Bearer TOKEN"; ${whence}`;
    throw new ProblemError('unauthenticated', detail);
  }
  const now = request.server.clock.now();
  request.identity = verifier.verifyCached(token, now) ?? (await verifier.verify(token, now));
}

/** Who asks, on a route that is not open. */
export function identityOf({ identity, url, server }: FastifyRequest): Identity & Viewer {
  if (identity === null) throw new Error(`${url} was reached without an identity`);
  const { ownOrganisations } = server;
  const bodies = identity.organisations.filter((each) => !ownOrganisations.includes(each));
  return { ...identity, bodies };
}

/** The same, for what is put on record when it is read. */
export const readerOf = (request: FastifyRequest): Identity & Reader => ({
  ...identityOf(request),
  correlationId: request.id,
});
