import { isIPv4 } from 'node:net';
import type { FastifyRequest } from 'fastify';
import { ProblemError } from '#use-cases/problems';
import { isOpen } from './api/authentication.ts';

/** The names and addresses of this machine alone, as a browser writes them into `Host`. */
const LOOPBACK = /^(localhost|127\.[\d.]+|\[::1\])(?::\d{1,5})?$/i;

/**
 * Refuses a request that names a host which is not ours. A site elsewhere can let its own name lead to our address (DNS rebinding); a
 * browser then sends our pages' requests for it, and takes the answers for that site's own.
 * Probes and scrapes are answered under every name: load balancers address a node by its own.
 * @throws ProblemError `foreign-host`
 */
export function refuseForeignHost(request: FastifyRequest): void {
  const { host, routeOptions, server } = request;
  if (isForProbes(routeOptions.url)) return;
  if ([host, ...targetHost(request.url)].every((each) => isOurs(each, server.pages))) return;
  const { isDevelopment, publicUrl } = server.pages;
  throw new ProblemError(
    'foreign-host',
    isDevelopment
      ? 'With the development key the service answers at localhost, 127.0.0.1 and [::1] only; use one of them'
      : `The service answers at ${publicUrl ?? ''} only; use this address, and let a proxy pass the header "Host" on unchanged`,
  );
}

/** The origin of our pages in a browser that names this host; null where no page of ours is there. */
export function originOf({ host, server }: FastifyRequest): string | null {
  const { isDevelopment, publicUrl } = server.pages;
  const { origin } = publicUrl === null ? { origin: null } : new URL(publicUrl);
  if (origin !== null && hostIn(host, origin) === new URL(origin).host) return origin;
  return isDevelopment ? (URL.parse(`http://${host}`)?.origin ?? null) : null;
}

const isForProbes = (route: string | undefined): boolean =>
  route !== undefined && isOpen(route) && /^\/(?:health|metrics)\b/.test(route);

/** The host of a request target in absolute form (RFC 9112, section 3.2.2), which comes before that of the header. */
const targetHost = (target: string): string[] =>
  target.startsWith('/') ? [] : [/^[a-z]+:\/\/([^/?#]*)/i.exec(target)?.[1] ?? ''];

function isOurs(
  host: string,
  { isDevelopment, publicUrl }: { readonly isDevelopment: boolean; readonly publicUrl: string | null },
): boolean {
  if (isDevelopment) return isLoopback(host);
  // Without a public address there is no sign-in, and a bearer token is sent by nobody unasked.
  return publicUrl === null || hostIn(host, publicUrl) === new URL(publicUrl).host;
}

function isLoopback(host: string): boolean {
  const name = LOOPBACK.exec(host)?.[1];
  return name !== undefined && (isIPv4(name) || !name.startsWith('127.'));
}

/** A host as an address of the same scheme has it: without the port that goes without saying. Null for what is no host. */
const hostIn = (host: string, url: string): string | null =>
  /^[\w.:[\]-]+$/.test(host) ? (URL.parse(`${new URL(url).protocol}//${host}`)?.host ?? null) : null;
