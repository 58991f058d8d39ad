import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwksCache } from 'jose';
import type { CryptoKey, JWKSCacheInput, JWTVerifyGetKey, RemoteJWKSet } from 'jose';
import { systemClock } from '#event-sourcing/clock';
import type { Timer } from '#event-sourcing/clock';
import { fetchDocument } from './fetch-document.ts';
import { IdentityProviderUnavailableError, InvalidTokenError } from './identity-errors.ts';
import { discoveryAddress, providerAddress } from './provider-address.ts';
import type { TrustedIssuer } from './tokens.ts';

/** The accepted issuer, and the audience that its access tokens must name. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly audience: string;
}

/** Cache and retry periods of the provider's keys and of verified tokens, in milliseconds. */
export interface Periods {
  /** The time between two fetches of the keys, without failures. */
  readonly refresh: number;
  /** The time after which keys that could not be refreshed expire. */
  readonly keys: number;
  /** The time after which a verified token's signature is verified again. */
  readonly verified: number;
  /** The minimum time between two fetches for tokens with unknown keys. */
  readonly cooldown: number;
  /** The time between two attempts while the provider fails. */
  readonly retry: number;
  /** The timeout of a request to the provider. */
  readonly timeout: number;
}

export const PERIODS: Periods = {
  refresh: 5 * 60_000,
  keys: 10 * 60_000,
  verified: 5 * 60_000,
  cooldown: 5_000,
  retry: 5_000,
  timeout: 5_000,
};

/** Only asymmetric algorithms: with a shared secret, every verifier could sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** The maximum difference between the provider's clock and ours. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** The minimum size of an RSA key (RFC 7518, section 3.3). */
const RSA_BITS_MIN = 2_048;

interface Keys {
  readonly address: string;
  readonly fetched: JWKSCacheInput;
  readonly find: RemoteJWKSet;
}

/**
 * An OpenID Connect provider. It fetches the keys at start, at intervals, and when a token names an unknown
 * key. It retries an unreachable provider until it responds.
 */
export class OpenIdProvider implements TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms = ALGORITHMS;
  readonly clockToleranceSeconds = CLOCK_TOLERANCE_SECONDS;
  readonly believedMs: number;
  readonly #periods: Periods;
  readonly #report: (message: string) => void;
  #keys: Keys | null = null;
  #pendingKeys: Promise<Keys> | null = null;
  #failure: string | null = null;
  /** The end of the retry period, on the clock of `Clock.elapsed`. */
  #leftAloneUntil = 0;
  #timer: Timer | undefined;
  #isStopped = false;

  /** @param report called once for each new failure, and once when it is over. */
  constructor({ issuer, audience }: ProviderSettings, report: (message: string) => void, periods = PERIODS) {
    this.issuer = issuer;
    this.audience = audience;
    this.believedMs = periods.verified;
    this.#periods = periods;
    this.#report = report;
  }

  /** Whether valid keys are cached. */
  get isReady(): boolean {
    return this.#keys?.find.fresh === true;
  }

  /** The reason of the last failure, for the log; null after a success. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Returns a different object after each fetch of the keys; undefined once they have expired. */
  keySet(): unknown {
    return this.isReady ? this.#keys?.fetched.jwks : undefined;
  }

  /** Fetches the keys and keeps refreshing until `stop`. Resolves after the first attempt, successful or not. */
  async start(): Promise<void> {
    // The failure was already reported, and the next attempt is scheduled.
    await this.#fetchKeys().catch(() => undefined);
    if (this.#isStopped) return;
    const { refresh, retry } = this.#periods;
    this.#timer = systemClock
      .after(() => void this.start(), this.#failure === null ? refresh : retry)
      .unref();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.close();
  }

  /**
   * Returns the key that a token names.
   * @throws InvalidTokenError if the provider has no such key or the token is from a different issuer.
   * @throws IdentityProviderUnavailableError if the provider cannot be reached.
   */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    // Tokens of other issuers must not cause requests to the provider.
    if (decodeJwt(`.${String(token.payload)}.`).iss !== this.issuer) {
      throw new InvalidTokenError('wrong-issuer', 'the token is from a different issuer');
    }
    try {
      const { find } = this.#keys ?? (await this.#fetchKeys());
      return longEnough(await find(header, token));
    } catch (error) {
      if (error instanceof InvalidTokenError) throw error;
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
        throw new InvalidTokenError(
          'wrong-signature',
          "the token's key id is not one of the identity provider's keys",
        );
      }
      // A failed fetch was already reported; otherwise one of the keys is unreadable.
      if (this.#failure === null) this.#fail(`one of its keys: ${reasonOf(error)}`);
      throw new IdentityProviderUnavailableError({ cause: error });
    }
  };

  /** Fetches the keys, one attempt at a time: concurrent tokens wait for the same attempt. */
  #fetchKeys(): Promise<Keys> {
    this.#pendingKeys ??= this.#discoverAndFetch().finally(() => {
      this.#pendingKeys = null;
    });
    return this.#pendingKeys;
  }

  async #discoverAndFetch(): Promise<Keys> {
    const { jwks_uri } = (await this.#fetch(
      discoveryAddress(this.issuer),
      AbortSignal.timeout(this.#periods.timeout),
      this.#expectMetadata,
    )) as { jwks_uri: string };
    // The provider may move its keys, which only its metadata states.
    const keys = this.#keys?.address === jwks_uri ? this.#keys : this.#keysAt(jwks_uri);
    await keys.find.reload();
    this.#keys = keys;
    return keys;
  }

  readonly #expectMetadata = (document: Readonly<Record<string, unknown>>): void => {
    const { issuer, jwks_uri } = document;
    if (issuer !== this.issuer) {
      throw new Error(
        `it describes the issuer ${JSON.stringify(issuer)}; DOCKET_OIDC_ISSUER must be the same`,
      );
    }
    if (typeof jwks_uri !== 'string') throw new Error('it has no jwks_uri');
    providerAddress(jwks_uri);
  };

  readonly #expectKeys = ({ keys }: Readonly<Record<string, unknown>>): void => {
    const isSet = Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
    if (!isSet) throw new Error('it is not a JSON Web Key Set');
    if (this.#failure !== null) this.#report('The identity provider is available again');
    this.#failure = null;
  };

  #keysAt(address: string): Keys {
    const { keys, cooldown, timeout } = this.#periods;
    const fetched: JWKSCacheInput = {};
    const find = createRemoteJWKSet(new URL(address), {
      cacheMaxAge: keys,
      cooldownDuration: cooldown,
      timeoutDuration: timeout,
      [jwksCache]: fetched,
      [customFetch]: async (url, { signal }) =>
        Response.json(await this.#fetch(url, signal, this.#expectKeys)),
    });
    return { address, fetched, find };
  }

  /** Fetches a document of the provider. After a failure, sends no request until the retry period is over. */
  async #fetch(
    url: URL | string,
    signal: AbortSignal,
    expect: (document: Readonly<Record<string, unknown>>) => void,
  ): Promise<Readonly<Record<string, unknown>>> {
    if (systemClock.elapsed() < this.#leftAloneUntil)
      throw new Error('The identity provider failed just now');
    try {
      const document = await fetchDocument(url, signal);
      expect(document);
      return document;
    } catch (error) {
      this.#leftAloneUntil = systemClock.elapsed() + this.#periods.retry / 2;
      this.#fail(`${String(url)}: ${reasonOf(error)}`);
      throw error;
    }
  }

  #fail(failure: string): void {
    if (this.#failure !== failure) this.#report(`The identity provider cannot be used: ${failure}`);
    this.#failure = failure;
  }
}

function longEnough(key: CryptoKey): CryptoKey {
  const { modulusLength = RSA_BITS_MIN } = key.algorithm as { modulusLength?: number };
  if (modulusLength >= RSA_BITS_MIN) return key;
  throw new InvalidTokenError(
    'wrong-signature',
    `the token is signed with an RSA key of ${modulusLength} bits`,
  );
}

/** Returns the reason of a failed fetch. Node's message is "fetch failed"; the reason is in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  const because = cause?.message || cause?.code;
  return because === undefined ? String(message) : `${String(message)} (${because})`;
}
