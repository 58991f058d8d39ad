import { hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import { InvalidTokenError } from './identity-errors.ts';
import { identityOf } from './identity.ts';
import type { Identity } from './identity.ts';

/** The issuer and audience of development tokens, which no real provider would use. */
export const DEVELOPMENT_ISSUER = 'urn:docket:development';
export const DEVELOPMENT_AUDIENCE = 'urn:docket:api';
const DEVELOPMENT_ALGORITHM = 'HS256';

/** The maximum length of a token. Node accepts at most 16 KiB of headers. */
export const TOKEN_LENGTH_MAX = 8_192;

interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
  readonly name?: string;
  readonly expiresInSeconds: number;
}

/**
 * Issues a bearer token signed with the development key.
 * @throws InvalidTokenError (`invalid-claim`) for claims that no verifier would accept.
 */
export async function issueToken(
  key: KeyObject,
  { subject, roles, organisations, name, expiresInSeconds }: TokenRequest,
  now: number,
): Promise<string> {
  const identity = identityOf({ sub: subject, name, roles, organisations }, 0);
  const issuedAt = Math.floor(now / 1_000);
  const token = await new SignJWT({ ...(name !== undefined && { name }), roles, organisations })
    .setProtectedHeader({ alg: DEVELOPMENT_ALGORITHM, typ: 'JWT' })
    .setSubject(identity.subject)
    .setIssuer(DEVELOPMENT_ISSUER)
    .setAudience(DEVELOPMENT_AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + expiresInSeconds)
    .sign(key);
  if (token.length > TOKEN_LENGTH_MAX) {
    throw new InvalidTokenError('malformed', `the token would be longer than ${TOKEN_LENGTH_MAX} characters`);
  }
  return token;
}

export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** The permitted algorithms. They never come from the token, because then the caller could choose. */
  readonly algorithms: readonly string[];
  /** Returns the key that a token's header names. */
  readonly key: JWTVerifyGetKey;
  /** Returns an object that identifies the current keys: tokens verified under other keys are verified again. */
  keySet(): unknown;
  /** The maximum difference between the issuer's clock and ours. */
  readonly clockToleranceSeconds: number;
  /** How long a verified token is cached, in milliseconds. */
  readonly believedMs: number;
}

export const developmentIssuer = (key: KeyObject): TrustedIssuer => ({
  issuer: DEVELOPMENT_ISSUER,
  audience: DEVELOPMENT_AUDIENCE,
  algorithms: [DEVELOPMENT_ALGORITHM],
  key: () => Promise.resolve(key),
  keySet: () => key,
  // Tokens are issued on the machine that verifies them, and the key does not change while it runs.
  clockToleranceSeconds: 0,
  believedMs: Infinity,
});

interface Verified {
  readonly identity: Identity;
  /** Milliseconds since 1970. */
  readonly validFrom: number;
  readonly believedUntil: number;
  readonly keySet: unknown;
}

/** Verifies bearer tokens. Caches valid ones by their digest, never by the token itself. */
export class TokenVerifier {
  readonly #trusted: TrustedIssuer;
  readonly #limit: number;
  /** The verified tokens by digest, least recently used first. */
  readonly #verified = new Map<string, Verified>();

  constructor(trusted: TrustedIssuer, limit = 10_000) {
    this.#trusted = trusted;
    this.#limit = limit;
  }

  get issuer(): string {
    return this.#trusted.issuer;
  }

  /** Returns the identity of a cached token that is valid now; null if `verify` must be called. */
  verifyCached(token: string, now: number): Identity | null {
    if (token.length > TOKEN_LENGTH_MAX) return null;
    const digest = digestOf(token);
    const verified = this.#verified.get(digest);
    if (verified === undefined) return null;
    this.#verified.delete(digest);
    if (now >= verified.believedUntil || verified.keySet !== this.#trusted.keySet()) return null;
    this.#verified.set(digest, verified);
    return now >= verified.validFrom ? verified.identity : null;
  }

  /**
   * Returns the identity that a token proves.
   * @param now milliseconds since 1970.
   * @throws InvalidTokenError with the reason.
   * @throws IdentityProviderUnavailableError if the provider's keys are unavailable.
   */
  async verify(token: string, now: number): Promise<Identity> {
    const cached = this.verifyCached(token, now);
    if (cached !== null) return cached;
    const { clockToleranceSeconds, believedMs } = this.#trusted;
    // Read before the keys are used: if they change during the verification, the token counts as verified under the old ones.
    const keySet = this.#trusted.keySet();
    const { nbf, exp, ...claims } = await this.#signedClaims(token, now);
    const expiresAt = ((exp ?? 0) + clockToleranceSeconds) * 1_000;
    const identity = identityOf(claims, expiresAt);
    this.#verified.set(digestOf(token), {
      identity,
      validFrom: ((nbf ?? 0) - clockToleranceSeconds) * 1_000,
      believedUntil: Math.min(expiresAt, now + believedMs),
      keySet,
    });
    if (this.#verified.size > this.#limit) {
      const [oldest] = this.#verified.keys();
      this.#verified.delete(oldest as string);
    }
    return identity;
  }

  async #signedClaims(token: string, now: number): Promise<JWTPayload> {
    if (token.length > TOKEN_LENGTH_MAX) {
      throw new InvalidTokenError('malformed', `the token is longer than ${TOKEN_LENGTH_MAX} characters`);
    }
    const { issuer, audience, algorithms, key, clockToleranceSeconds } = this.#trusted;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, key, {
        issuer,
        audience,
        algorithms: [...algorithms],
        requiredClaims: ['exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(now),
      });
      refuseOtherType(protectedHeader.typ);
      return payload;
    } catch (error) {
      throw error instanceof errors.JOSEError ? refusal(error) : error;
    }
  }
}

/** The type of an access token (RFC 7519, section 5.1; RFC 9068, section 2.1; media types as in RFC 7515). */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;

/** Rejects tokens of a different type, such as logout tokens or proofs of possession (RFC 8725, section 3.11). */
function refuseOtherType(type: unknown): void {
  if (type === undefined || (typeof type === 'string' && TYPE.test(type))) return;
  throw new InvalidTokenError('wrong-type', 'the type of the token must be absent, JWT or at+jwt');
}

const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** Maps an error of jose to our codes and messages, because jose's messages are for developers. */
function refusal(error: errors.JOSEError): InvalidTokenError {
  if (error instanceof errors.JWTExpired) return new InvalidTokenError('expired', 'the token has expired');
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new InvalidTokenError(
      'wrong-algorithm',
      'the token is signed with an algorithm that Docket does not accept',
    );
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new InvalidTokenError('wrong-signature', 'the token was not signed with a key that Docket trusts');
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) {
    return new InvalidTokenError('malformed', 'the token is not a signed JSON Web Token');
  }
  switch (error.claim) {
    case 'iss':
      return new InvalidTokenError('wrong-issuer', 'the token is from a different issuer');
    case 'aud':
      return new InvalidTokenError('wrong-audience', 'the token is for a different service');
    case 'nbf':
      return error.reason === 'check_failed'
        ? new InvalidTokenError('not-yet-valid', 'the token is not valid yet')
        : new InvalidTokenError('invalid-claim', 'the claim nbf must be a number', 'nbf');
    default:
      return new InvalidTokenError(
        'invalid-claim',
        `the claim ${error.claim} is missing or wrong`,
        error.claim,
      );
  }
}
