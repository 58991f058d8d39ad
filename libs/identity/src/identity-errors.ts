/** A token that is not accepted. The message is safe to show and quotes nothing of the token. */
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
  /** The claim that is missing or not valid; null where another part of the token is refused. */
  readonly claim: string | null;

  constructor(code: InvalidTokenError['code'], reason: string, claim: string | null = null) {
    super(reason);
    this.name = 'InvalidTokenError';
    this.code = code;
    this.claim = claim;
  }
}

/** The provider's keys are needed, and cannot be had now. */
export class IdentityProviderUnavailableError extends Error {
  readonly code = 'identity-provider-unavailable';

  constructor(options?: ErrorOptions) {
    super('The keys of the identity provider cannot be fetched', options);
    this.name = 'IdentityProviderUnavailableError';
  }
}

/** Somebody did not sign in; the message says why, and is safe to show. */
export class SignInFailedError extends Error {
  override readonly name = 'SignInFailedError';
}

/** The longest cookie that every browser keeps whole is 4,096 bytes, with its name and attributes (RFC 6265, section 6.1). */
export const SEALED_LENGTH_MAX = 3_800;

/** A session would not fit into a cookie. */
export class SessionTooLongError extends Error {
  override readonly name = 'SessionTooLongError';

  constructor(roles: number, organisations: number, length: number) {
    super(
      `The sign-in holds ${roles} roles and ${organisations} organisations, ${length} characters once it is sealed; a browser keeps ${SEALED_LENGTH_MAX}`,
    );
  }
}
