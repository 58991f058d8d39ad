import type { FastifyReply, FastifyRequest } from 'fastify';

/** What a browser keeps for us: who signed in, and a sign-in that has begun. */
type CookieName = 'docket-session' | 'docket-sign-in';

/** Whether browsers reach the service over TLS, as they are told to or as this request came. */
const isSecure = ({ protocol, server }: FastifyRequest): boolean =>
  server.pages.publicUrl?.startsWith('https:') ?? protocol === 'https';

/**
 * Over TLS a cookie's name makes browsers keep it to this very host (RFC 6265bis, "__Host-"). Without TLS, which is for trying
 * out on one machine, there is no such promise, and no browser keeps a cookie of that name.
 */
const nameFor = (request: FastifyRequest, name: CookieName): string =>
  isSecure(request) ? `__Host-${name}` : name;

/** What a browser sends of what it keeps. */
export const cookieOf = (request: FastifyRequest, name: CookieName): string | undefined =>
  request.cookies[nameFor(request, name)];

// Lax: whoever follows a link to a page, or comes back from the provider, is signed in there.
const optionsFor = (request: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure(request) }) as const;

/** Lets a browser keep something until it is closed; what is kept says itself when it is over. */
export function keepCookie(reply: FastifyReply, name: CookieName, sealed: string): void {
  const { request } = reply;
  void reply.setCookie(nameFor(request, name), sealed, optionsFor(request));
}

/** Lets a browser forget it. */
export function dropCookie(reply: FastifyReply, name: CookieName): void {
  const { request } = reply;
  void reply.clearCookie(nameFor(request, name), optionsFor(request));
}
