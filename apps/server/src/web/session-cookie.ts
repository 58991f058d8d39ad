import type { FastifyReply, FastifyRequest } from 'fastify';

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
