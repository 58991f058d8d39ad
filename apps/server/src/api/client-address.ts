import type { FastifyRequest } from 'fastify';
import ipaddr from 'ipaddr.js';

/** Some proxies append the port to the address in X-Forwarded-For. */
const WITH_PORT = /^(?:(\d+(?:\.\d+){3}):\d+|\[(.+)\](?::\d+)?)$/;

/** A client usually has a whole /64 network of IPv6, so limits count that (RFC 6177). */
const NETWORK_BYTES = 8;

/**
 * Returns the address by which limits count a client that sent no token. An entry of X-Forwarded-For that is not an address
 * counts as the proxy that sent it, because otherwise each invented entry would be a different client.
 */
export function clientAddress({ ip, socket }: Pick<FastifyRequest, 'ip' | 'socket'>): string {
  const [, ipv4, ipv6] = WITH_PORT.exec(ip) ?? [];
  const address = ipv4 ?? ipv6 ?? ip;
  if (!ipaddr.isValid(address)) return socket.remoteAddress ?? '';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return parsed.toByteArray().slice(0, NETWORK_BYTES).join('.');
}
