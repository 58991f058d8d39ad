import type { KeyObject } from 'node:crypto';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  AuthorizationResponseError,
  buildAuthorizationUrl,
  buildEndSessionUrl,
  calculatePKCECodeChallenge,
  ClientSecretPost,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { Configuration } from 'openid-client';
import type { Identity } from './identity.ts';
import { IdentityProviderUnavailableError, SignInFailedError } from './identity-errors.ts';
import { derivedKey, seal, unseal } from './sealed.ts';
import type { TokenVerifier } from './tokens.ts';

/** The service's client settings at the provider. */
export interface SignInSettings {
  readonly clientId: string;
  /** Null for a public client: then only PKCE proves that the same browser completes the sign-in. */
  readonly clientSecret: string | null;
  /** Additional request parameters, such as `scope` and `resource`. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** A started sign-in, which the browser stores until it is completed. */
interface BegunSignIn {
  /** The address that the browser is redirected to. */
  readonly address: string;
  readonly sealed: string;
}

/** The time limit for the sign-in at the provider, in milliseconds. */
const SIGN_IN_MS = 10 * 60_000;
const ANSWER_SECONDS_MAX = 10;

/**
 * Signs people in at an OpenID Connect provider: authorization code flow with PKCE (RFC 7636), state and
 * nonce. The access token identifies the person as in API requests. It is not stored.
 */
export class ProviderSignIn {
  readonly #issuer: string;
  readonly #settings: SignInSettings;
  readonly #redirectUri: string;
  readonly #tokens: TokenVerifier;
  readonly #key: Uint8Array;
  #configuration: Promise<Configuration> | null = null;

  constructor(options: {
    readonly issuer: string;
    readonly settings: SignInSettings;
    /** The redirect URI registered at the provider. */
    readonly redirectUri: string;
    readonly tokens: TokenVerifier;
    /** A key shared by all nodes: a sign-in may start on one node and complete on another. */
    readonly secret: KeyObject;
  }) {
    this.#issuer = options.issuer;
    this.#settings = options.settings;
    this.#redirectUri = options.redirectUri;
    this.#tokens = options.tokens;
    this.#key = derivedKey(options.secret, 'sign-ins');
  }

  /** Starts a sign-in that continues to one of our addresses. @throws IdentityProviderUnavailableError */
  async begin(to: string, now: number): Promise<BegunSignIn> {
    const configuration = await this.#loadConfiguration();
    const [state, nonce, verifier] = [randomState(), randomNonce(), randomPKCECodeVerifier()];
    const address = buildAuthorizationUrl(configuration, {
      ...this.#settings.parameters,
      redirect_uri: this.#redirectUri,
      state,
      nonce,
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    });
    const sealed = await seal(this.#key, { state, nonce, verifier, to }, now + SIGN_IN_MS);
    return { address: address.href, sealed };
  }

  /**
   * Completes a sign-in.
   * @param query the query of the address that the provider redirected the browser to.
   * @returns the person, and the address to continue to.
   * @throws SignInFailedError, InvalidTokenError, IdentityProviderUnavailableError
   */
  async end(
    sealed: string | undefined,
    query: string,
    now: number,
  ): Promise<{ readonly identity: Identity; readonly to: string }> {
    const pending = sealed === undefined ? null : await unseal(this.#key, sealed, now);
    if (pending === null)
      throw new SignInFailedError(
        'You started signing in too long ago, or in a different browser; sign in again',
      );
    const { state, nonce, verifier, to } = pending as Record<'state' | 'nonce' | 'verifier' | 'to', string>;
    const token = await this.#redeem(query, { state, nonce, verifier });
    return { identity: await this.#tokens.verify(token, now), to };
  }

  /** Returns the provider's sign-out address; null if it has none or cannot be reached. */
  async endAddress(returnTo: string): Promise<string | null> {
    const configuration = await this.#loadConfiguration().catch(() => null);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
    return buildEndSessionUrl(configuration, { post_logout_redirect_uri: returnTo }).href;
  }

  async #redeem(
    query: string,
    { state, nonce, verifier }: Readonly<Record<'state' | 'nonce' | 'verifier', string>>,
  ): Promise<string> {
    const configuration = await this.#loadConfiguration();
    const { resource } = this.#settings.parameters;
    try {
      const answer = await authorizationCodeGrant(
        configuration,
        new URL(`${this.#redirectUri}${query}`),
        { expectedState: state, expectedNonce: nonce, pkceCodeVerifier: verifier, idTokenExpected: true },
        resource === undefined ? {} : { resource },
      );
      return answer.access_token;
    } catch (error) {
      // RFC 6749, section 4.1.2.1: an error from the provider.
      if (error instanceof AuthorizationResponseError && error.error === 'access_denied')
        throw new SignInFailedError(
          'You cancelled the sign-in, or you are not allowed to sign in. Try again, or ask your administrator for access',
          { cause: error },
        );
      throw new SignInFailedError('The identity provider did not confirm the sign-in; sign in again', {
        cause: error,
      });
    }
  }

  /** Returns the provider's metadata. Fetches it on first use, and again after a failure. */
  #loadConfiguration(): Promise<Configuration> {
    this.#configuration ??= this.#discover().catch((error: unknown) => {
      this.#configuration = null;
      throw new IdentityProviderUnavailableError({ cause: error });
    });
    return this.#configuration;
  }

  async #discover(): Promise<Configuration> {
    const { clientId, clientSecret } = this.#settings;
    const issuer = new URL(this.#issuer);
    const authentication = clientSecret === null ? None() : ClientSecretPost(clientSecret);
    return discovery(issuer, clientId, undefined, authentication, {
      timeout: ANSWER_SECONDS_MAX,
      // Settings allow http only for a provider on this machine. The library marks the option as deprecated only as a warning.
      // eslint-disable-next-line @typescript-eslint/no-deprecated
      execute: issuer.protocol === 'http:' ? [allowInsecureRequests] : [],
    });
  }
}
