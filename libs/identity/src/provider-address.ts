/** Names of this machine: what is sent to them passes no network. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** An address from which nothing can be believed; the message says what is wrong with it, and does not repeat it. */
export class ProviderAddressError extends Error {
  override readonly name = 'ProviderAddressError';
}

/**
 * The address of a provider or of its keys. Whoever can change what comes from there can sign in as anybody, so it is
 * https, or http on this machine.
 * @throws ProviderAddressError
 */
export function providerAddress(text: string): URL {
  if (!URL.canParse(text)) throw new ProviderAddressError('is no URL');
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new ProviderAddressError('holds a user or a password');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && LOOPBACK.test(url.hostname))) return url;
  throw new ProviderAddressError('must be an https address; http is for a provider on this machine only');
}

/**
 * An issuer, as tokens name it (OpenID Connect Discovery 1.0, section 2): it is compared character by character, so
 * nothing of it is changed.
 * @throws ProviderAddressError
 */
export function issuerOf(text: string): string {
  const { search, hash } = providerAddress(text);
  if (search === '' && hash === '' && !/[?#\s]/.test(text)) return text;
  throw new ProviderAddressError('must be an address without a query, a fragment or white space');
}

/** Where an issuer describes itself (OpenID Connect Discovery 1.0, section 4). */
export const discoveryAddress = (issuer: string): URL =>
  new URL(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`);
