import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import ipaddr from 'ipaddr.js';

/** Reports whether a text is an http or https URL without a user and a fragment, which would never be sent. */
export function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return (
    url !== null &&
    /^https?:$/.test(url.protocol) &&
    url.hostname !== '' &&
    [url.username, url.password, url.hash].every((part) => part === '')
  );
}

/** A receiver's name resolves to no allowed address. */
export class ReceiverAddressError extends Error {
  override readonly name = 'ReceiverAddressError';
}

/** Address ranges that are never allowed. `linkLocal` includes cloud metadata services. */
const NEVER: readonly string[] = ['linkLocal', 'multicast', 'broadcast', 'unspecified'];

/** The public addresses of IPv6 (RFC 4291, section 2.4, as IANA allocates them). */
const GLOBAL_UNICAST = ipaddr.parseCIDR('2000::/3');

/**
 * The addresses that webhooks may be sent to: public ones, and the operator's networks. Names are resolved and checked for the actual
 * connection, so that a DNS response that changes after the check has no effect (DNS rebinding).
 */
export class ReceiverNetworks {
  readonly #networks: readonly ReturnType<typeof ipaddr.parseCIDR>[];

  /**
   * @param networks additional, non-public networks, such as `10.20.0.0/16`.
   * @throws RangeError for an invalid network.
   */
  constructor(networks: readonly string[]) {
    this.#networks = networks.map((network) => {
      if (!ipaddr.isValidCIDR(network))
        throw new RangeError(`${network} is not a network such as 10.20.0.0/16`);
      return ipaddr.parseCIDR(network);
    });
  }

  /** Reports whether webhooks may be sent to an address, in any notation. */
  allows(address: string): boolean {
    if (!ipaddr.isValid(address)) return false;
    const parsed = ipaddr.process(address);
    const range = parsed.range();
    if (NEVER.includes(range)) return false;
    const isPublic = range === 'unicast' && (parsed.kind() === 'ipv4' || parsed.match(GLOBAL_UNICAST));
    return (
      isPublic ||
      this.#networks.some(
        ([network, bits]) => parsed.kind() === network.kind() && parsed.match(network, bits),
      )
    );
  }

  /**
   * Refuses a URL whose host is a literal address that is not allowed: such addresses are never looked up.
   * @throws ReceiverAddressError
   */
  checkHost(url: URL): void {
    const host = url.hostname.replace(/^\[|\]$/g, '');
    if (ipaddr.isValid(host) && !this.allows(host)) throw notAllowed();
  }

  /** Resolves a name for a connection. Returns only allowed addresses. */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const allowed: LookupAddress[] = error ? [] : addresses.filter(({ address }) => this.allows(address));
      const [first] = allowed;
      if (error) callback(error, '');
      else if (first === undefined) callback(notAllowed(), '');
      else if (options.all === true) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

const notAllowed = (): ReceiverAddressError =>
  new ReceiverAddressError(
    'its address is not public; add its network to DOCKET_WEBHOOK_NETWORKS to allow it, unless it is link-local, multicast, broadcast or unspecified, which is never allowed',
  );
