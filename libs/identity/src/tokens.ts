import { hash } from 'node:crypto';
import { errors, jwtVerify, SignJWT } from 'jose';
import type { JWTPayload, JWTVerifyGetKey } from 'jose';
import type { DevelopmentKey } from './development-key.ts';
import { InvalidTokenError } from './identity-errors.ts';
import { identityOf } from './identity.ts';
import type { Identity } from './identity.ts';

/** Who makes development tokens, and for whom: neither is a name that a real provider would use. */
export const DEVELOPMENT_ISSUER = 'urn:docket:development';
export const DEVELOPMENT_AUDIENCE = 'urn:docket:api';
const DEVELOPMENT_ALGORITHM = 'HS256';

/** The longest token that is looked at; Node takes no more than 16 KiB of headers. */
export const TOKEN_LENGTH_MAX = 8_192;

interface TokenRequest {
  readonly subject: string;
  readonly roles: readonly string[];
  readonly organisations: readonly string[];
  readonly name?: string;
  readonly expiresInSeconds: number;
}

/**
 * A bearer token signed with the development key.
 * @throws InvalidTokenError (`invalid-claim`) for what no verifier would accept.
 */
export async function issueToken(
  key: DevelopmentKey,
  { subject, roles, organisations, name, expiresInSeconds }: TokenRequest,
  now: number,
): Promise<string> {
  identityOf({ sub: subject, name, roles, organisations }, 0);
  const issuedAt = Math.floor(now / 1_000);
  const token = await new SignJWT({ ...(name !== undefined && { name }), roles, organisations })
    .setProtectedHeader({ alg: DEVELOPMENT_ALGORITHM, typ: 'JWT' })
    .setSubject(subject)
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

/** Whose tokens are accepted. */
export interface TrustedIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** Never taken from the token: it would let the caller choose. */
  readonly algorithms: readonly string[];
  /** The key that a token's header names. */
  readonly key: JWTVerifyGetKey;
  /** What the keys are known by: what was verified under others is verified again. */
  keySet(): unknown;
  /** How far the issuer's clock and ours may be apart. */
  readonly clockToleranceSeconds: number;
  /** How long a verified token is believed without another look at its signature, in milliseconds. */
  readonly believedMs: number;
}

export const developmentIssuer = (key: DevelopmentKey): TrustedIssuer => ({
  issuer: DEVELOPMENT_ISSUER,
  audience: DEVELOPMENT_AUDIENCE,
  algorithms: [DEVELOPMENT_ALGORITHM],
  key: () => Promise.resolve(key),
  keySet: () => key,
  // Tokens are made on the machine that checks them, and the key does not change while it runs.
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

/** Checks bearer tokens. Those that hold are remembered by their digest, the token itself never. */
export class TokenVerifier {
  readonly #trusted: TrustedIssuer;
  readonly #limit: number;
  /** The one used longest ago comes first. */
  readonly #verified = new Map<string, Verified>();

  constructor(trusted: TrustedIssuer, limit = 10_000) {
    this.#trusted = trusted;
    this.#limit = limit;
  }

  /** Whose tokens are accepted. */
  get issuer(): string {
    return this.#trusted.issuer;
  }

  /** The identity of a token that was verified before and holds at this moment; null where that takes `verify`. */
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
   * The identity that a token proves at a moment, in milliseconds since 1970.
   * @throws InvalidTokenError with the reason.
   * @throws IdentityProviderUnavailableError when it takes keys that cannot be had now.
   */
  async verify(token: string, now: number): Promise<Identity> {
    const known = this.verifyCached(token, now);
    if (known !== null) return known;
    const { clockToleranceSeconds, believedMs } = this.#trusted;
    // Before the keys are used: what is verified while they change counts as verified under the old ones.
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

/** RFC 7519, section 5.1, and RFC 9068, section 2.1, as RFC 7515 has media types written. */
const TYPE = /^(?:application\/)?(?:at\+)?jwt$/i;

/** A token that says to be of another type, such as a logout token or a proof of possession, opens nothing (RFC 8725, section 3.11). */
function refuseOtherType(type: unknown): void {
  if (type === undefined || (typeof type === 'string' && TYPE.test(type))) return;
  throw new InvalidTokenError('wrong-type', 'the type of the token must be absent, JWT or at+jwt');
}

const digestOf = (token: string): string => hash('sha256', token, 'base64');

/** What jose found, as a code and a sentence of ours: its messages are for developers. */
function refusal(error: errors.JOSEError): InvalidTokenError {
  if (error instanceof errors.JWTExpired) return new InvalidTokenError('expired', 'the token has expired');
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return new InvalidTokenError('wrong-algorithm', 'the token is signed in a way that is not accepted here');
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new InvalidTokenError(
      'wrong-signature',
      'the token was not signed with a key that is trusted here',
    );
  }
  if (!(error instanceof errors.JWTClaimValidationFailed)) {
    return new InvalidTokenError('malformed', 'the token is not a signed JSON Web Token');
  }
  switch (error.claim) {
    case 'iss':
      return new InvalidTokenError('wrong-issuer', 'the token is from another issuer');
    case 'aud':
      return new InvalidTokenError('wrong-audience', 'the token is for another service');
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
