import { createRemoteJWKSet, customFetch, decodeJwt, errors, jwksCache } from 'jose';
import type { CryptoKey, JWKSCacheInput, JWTVerifyGetKey, RemoteJWKSet } from 'jose';
import { systemClock } from '#event-sourcing/clock';
import type { Timer } from '#event-sourcing/clock';
import { fetchDocument } from './fetch-document.ts';
import { IdentityProviderUnavailableError, InvalidTokenError } from './identity-errors.ts';
import { discoveryAddress, providerAddress } from './provider-address.ts';
import type { TrustedIssuer } from './tokens.ts';

/** Whose access tokens are accepted, and for which service they must be. */
export interface ProviderSettings {
  readonly issuer: string;
  readonly audience: string;
}

/** How long the provider's keys and what was verified with them are believed, and how often it is asked; in milliseconds. */
export interface Periods {
  /** Between two fetches of the keys while all is well. */
  readonly refresh: number;
  /** After which keys that could not be fetched anew are believed no more. */
  readonly keys: number;
  /** After which a verified token's signature is looked at again. */
  readonly verified: number;
  /** Between two fetches that tokens with unknown keys ask for. */
  readonly cooldown: number;
  /** Between two attempts while the provider fails. */
  readonly retry: number;
  /** For one answer of the provider. */
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

/** Signatures that anybody can check and the provider alone can make; a shared secret would let each checker sign. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA', 'Ed25519'],
];
/** Clocks differ by this much at the most. */
const CLOCK_TOLERANCE_SECONDS = 30;
/** RFC 7518, section 3.3. */
const RSA_BITS_MIN = 2_048;

interface Keys {
  readonly address: string;
  readonly fetched: JWKSCacheInput;
  readonly find: RemoteJWKSet;
}

/**
 * An OpenID Connect provider. Its keys are fetched at start, anew at intervals, and when a token names one that is not
 * known; a provider that cannot be reached is asked again until it can.
 */
export class OpenIdProvider implements TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms = ALGORITHMS;
  readonly clockToleranceSeconds = CLOCK_TOLERANCE_SECONDS;
  readonly believedMs: number;
  readonly #periods: Periods;
  readonly #tell: (message: string) => void;
  #keys: Keys | null = null;
  #asking: Promise<Keys> | null = null;
  #failure: string | null = null;
  /** As `Clock.elapsed` tells it. */
  #leftAloneUntil = 0;
  #timer: Timer | undefined;
  #stopped = false;

  /** `tell` hears of each failure once, and when it is over. */
  constructor({ issuer, audience }: ProviderSettings, tell: (message: string) => void, periods = PERIODS) {
    this.issuer = issuer;
    this.audience = audience;
    this.believedMs = periods.verified;
    this.#periods = periods;
    this.#tell = tell;
  }

  /** Whether keys are held that tokens can be verified with now. */
  get isReady(): boolean {
    return this.#keys?.find.fresh === true;
  }

  /** What the provider failed at when it was last asked, for the log; null where it answered. */
  get failure(): string | null {
    return this.#failure;
  }

  /** Another object for each time that the keys were fetched; none once they are too old. */
  keySet(): unknown {
    return this.isReady ? this.#keys?.fetched.jwks : undefined;
  }

  /** Asks for the keys, and goes on asking until `stop`. Resolves after the first attempt, whatever came of it. */
  async start(): Promise<void> {
    // A failure has been told by then, and the next attempt is due.
    await this.#ask().catch(() => undefined);
    if (this.#stopped) return;
    const { refresh, retry } = this.#periods;
    this.#timer = systemClock
      .after(() => void this.start(), this.#failure === null ? refresh : retry)
      .unref();
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.close();
  }

  /**
   * The key that a token says it was signed with.
   * @throws InvalidTokenError when the provider has no such key, or the token is from another issuer.
   * @throws IdentityProviderUnavailableError when that cannot be found out.
   */
  readonly key: JWTVerifyGetKey = async (header, token) => {
    // What others signed is no reason to ask the provider.
    if (decodeJwt(`.${String(token.payload)}.`).iss !== this.issuer) {
      throw new InvalidTokenError('wrong-issuer', 'the token is from another issuer');
    }
    try {
      const { find } = this.#keys ?? (await this.#ask());
      return longEnough(await find(header, token));
    } catch (error) {
      if (error instanceof InvalidTokenError) throw error;
      if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWKSMultipleMatchingKeys) {
        throw new InvalidTokenError('wrong-signature', 'the token names no key of the identity provider');
      }
      // Told already where it was a fetch that failed; else one of its keys cannot be read.
      if (this.#failure === null) this.#fail(`a key of it: ${reasonOf(error)}`);
      throw new IdentityProviderUnavailableError({ cause: error });
    }
  };

  /** One attempt at a time, however many tokens wait for it. */
  #ask(): Promise<Keys> {
    this.#asking ??= this.#discoverAndFetch().finally(() => {
      this.#asking = null;
    });
    return this.#asking;
  }

  async #discoverAndFetch(): Promise<Keys> {
    const { jwks_uri } = (await this.#fetch(
      discoveryAddress(this.issuer),
      AbortSignal.timeout(this.#periods.timeout),
      this.#expectMetadata,
    )) as { jwks_uri: string };
    // The provider may move its keys, and says so here alone.
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
    if (typeof jwks_uri !== 'string') throw new Error('it names no jwks_uri');
    providerAddress(jwks_uri);
  };

  readonly #expectKeys = ({ keys }: Readonly<Record<string, unknown>>): void => {
    const isSet = Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
    if (!isSet) throw new Error('it is no JSON Web Key Set');
    if (this.#failure !== null) this.#tell('The identity provider answers again');
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

  /** Every request to the provider. One that has just failed is left alone for a while, whoever asks. */
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
    if (this.#failure !== failure) this.#tell(`The identity provider cannot be used: ${failure}`);
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

/** Node says "fetch failed", and why in the cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as { message?: string; cause?: { message?: string; code?: string } };
  const because = cause?.message || cause?.code;
  return because === undefined ? String(message) : `${String(message)} (${because})`;
}
