/** Names of this machine: requests to it do not cross a network. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An address is not trustworthy. The message says why, without the address. */
export class ProviderAddressError extends Error {
  override readonly name = 'ProviderAddressError';
}

/**
 * Parses the address of a provider or of its keys. Anyone who can change its responses can sign in as anyone, so it must use https, or http
 * on this machine.
 * @throws ProviderAddressError
 */
export function providerAddress(text: string): URL {
  if (!URL.canParse(text)) throw new ProviderAddressError('is not a URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new ProviderAddressError('contains a user name or a password');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return url;
  throw new ProviderAddressError('must use https; http is allowed only for a provider on the same machine');
}

/**
 * Returns a valid issuer, as tokens name it (OpenID Connect Discovery 1.0, section 2). The text is not
 * normalised, because issuers are compared character by character.
 * @throws ProviderAddressError
 */
export function issuerOf(text: string): string {
  const { search, hash } = providerAddress(text);
  if (search === '' && hash === '' && !/[?#\s]/.test(text)) return text;
  throw new ProviderAddressError('must be an address without a query, a fragment or white space');
}

/** Returns the address of an issuer's metadata (OpenID Connect Discovery 1.0, section 4). */
export const discoveryAddress = (issuer: string): URL =>
  new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
