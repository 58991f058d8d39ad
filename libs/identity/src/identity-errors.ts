/** A token was rejected. The message is safe to show, because it quotes nothing from the token. */
export class InvalidTokenError extends Error {
  readonly code:
    | 'malformed'
    | 'wrong-type'
    | 'wrong-algorithm'
    | 'wrong-signature'
    | 'wrong-issuer'
    | 'wrong-audience'
    | 'not-yet-valid'
    | 'expired'
    | 'invalid-claim';
  /** The missing or invalid claim; null if another part of the token is invalid. */
  readonly claim: string | null;

  constructor(code: InvalidTokenError['code'], reason: string, claim: string | null = null) {
    super(reason);
    this.name = 'InvalidTokenError';
    this.code = code;
    this.claim = claim;
  }
}

/** The provider's keys are needed but unavailable. */
export class IdentityProviderUnavailableError extends Error {
  readonly code = 'identity-provider-unavailable';

  constructor(options?: ErrorOptions) {
    super('The keys of the identity provider cannot be fetched', options);
    this.name = 'IdentityProviderUnavailableError';
  }
}

/** A sign-in failed. The message says why and is safe to show. */
export class SignInFailedError extends Error {
  override readonly name = 'SignInFailedError';
}

/**
 * The maximum length of a sealed session. Every browser stores cookies of up to 4,096 bytes, including name
 * and attributes (RFC 6265, section 6.1).
 */
export const SEALED_LENGTH_MAX = 3_800;

/** A session does not fit into a cookie. */
export class SessionTooLongError extends Error {
  override readonly name = 'SessionTooLongError';

  constructor(roles: number, organisations: number, length: number) {
    super(
      `Your account has ${roles} roles and ${organisations} organisations, so the session cookie would be ${length} characters long; the limit is ${SEALED_LENGTH_MAX}. Ask an administrator to remove some at the identity provider`,
    );
  }
}
