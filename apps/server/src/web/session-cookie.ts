import type { FastifyReply, FastifyRequest } from 'fastify';

const NAME = 'docket-session';

/**
 * Over TLS the cookie's name makes browsers keep it to this very host (RFC 6265bis, "__Host-"). Without TLS, which only the
 * development key is for, there is no such promise, and no browser keeps a cookie of that name.
 */
const nameFor = ({ protocol }: FastifyRequest): string => (protocol === 'https' ? `__Host-${NAME}` : NAME);

/** The sealed session that a browser sends. */
export const cookieOf = (request: FastifyRequest): string | undefined => request.cookies[nameFor(request)];

const optionsFor = ({ protocol }: FastifyRequest) =>
  ({ path: '/', httpOnly: true, sameSite: 'lax', secure: protocol === 'https' }) as const;

/** Lets a browser keep a session until it is closed; the session says itself when it is over. */
export function startSession(reply: FastifyReply, sealed: string): void {
  void reply.setCookie(nameFor(reply.request), sealed, optionsFor(reply.request));
}

/** Lets a browser forget its session. */
export function endSession(reply: FastifyReply): void {
  void reply.clearCookie(nameFor(reply.request), optionsFor(reply.request));
}
