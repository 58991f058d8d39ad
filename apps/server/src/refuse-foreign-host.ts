import { isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { isOpen } from './api/authentication.ts';

/** `Host` values that address this machine. */
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses a request for another host. This prevents DNS rebinding: a foreign site could point its name to our
 * address and read our pages as its own.
 * Probes and scrapes are exempt, because load balancers address nodes by their own names.
 * @throws ProblemError `foreign-host`
 */
export function refuseForeignHost(request: FastifyRequest): void {
  const { routeOptions, server } = request;
  const { host = '' } = request.headers;
  if (isForProbes(routeOptions.url)) return;
  if ([host, ...targetHost(request.url)].every((each) => isOurs(each, server.pages))) return;
  const { isDevelopment, publicUrl } = server.pages;
  throw new ProblemError(
    'foreign-host',
    isDevelopment
      ? 'With the development key, the service can be reached only at localhost, 127.0.0.1 and [::1]; use one of them'
      : `The service can be reached only at ${publicUrl ?? ''}; use this address, and make sure that proxies keep the "Host" header unchanged`,
  );
}

/** Returns the origin of our pages for the request's host; null if the host serves no pages. */
export function originOf({ headers: { host = '' }, server }: FastifyRequest): string | null {
  const { isDevelopment, publicUrl } = server.pages;
  const { origin } = publicUrl === null ? { origin: null } : new URL(publicUrl);
  if (origin !== null && hostIn(host, origin) === new URL(origin).host) return origin;
  return isDevelopment ? (URL.parse(`http://${host}`)?.origin ?? null) : null;
}

const isForProbes = (route: string | undefined): boolean =>
  route !== undefined && isOpen(route) && /^\/(?:health|metrics)\b/.test(route);

/**
 * Returns the host of a request target in absolute form. It overrides the Host header (RFC 9112, section
 * 3.2.2).
 */
const targetHost = (target: string): string[] =>
  target.startsWith('/') ? [] : [/^[a-z]+:\/\/([^/?#]*)/i.exec(target)?.[1] ?? ''];

function isOurs(
  host: string,
  { isDevelopment, publicUrl }: { readonly isDevelopment: boolean; readonly publicUrl: string | null },
): boolean {
  if (isDevelopment) return isLoopback(host);
  // Without a public address no one can sign in, and browsers do not send bearer tokens by themselves.
  return publicUrl === null || hostIn(host, publicUrl) === new URL(publicUrl).host;
}

function isLoopback(host: string): boolean {
  const name = LOOPBACK.exec(host)?.[1];
  return name !== undefined && (isIPv4(name) || !name.startsWith('127.'));
}

/** Returns the host without the scheme's default port; null if it is not a valid host. */
const hostIn = (host: string, url: string): string | null =>
  /^[\w.:[\]-]+$/.test(host) ? (URL.parse(`${new URL(url).protocol}//${host}`)?.host ?? null) : null;
