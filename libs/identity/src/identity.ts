import { ONE_LINE, PERSON_SUBJECT, SLUG } from '#lifecycle/text-rules';
import { InvalidTokenError } from './identity-errors.ts';

/** The person of a verified token. Many requests share one object, so it is frozen. */
export interface Identity {
  /** An opaque id that never changes for a person. */
  readonly subject: string;
  /** A display name; null if the token has none. */
  readonly name: string | null;
  /** The person's email address, if the token contains a verified one. */
  readonly email?: string;
  readonly roles: readonly string[];
  /** The slugs of the bodies that the person belongs to. */
  readonly organisations: readonly string[];
  /** When the token expires, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the token was issued, in milliseconds since 1970; null if the token does not say. */
  readonly issuedAt: number | null;
}

/**
 * An email address in its usual form (maximum length: RFC 5321, 4.5.3.1), also once compatible characters are replaced
 * (NFKC), as some mail servers do: a full-width `@` would move the domain. Only the mail server knows whether it exists.
 */
const ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const isAddress = (value: unknown): value is string =>
  typeof value === 'string' &&
  value.length <= 254 &&
  ONE_LINE.test(value) &&
  [value, value.normalize('NFKC')].every((form) => ADDRESS.test(form));

const SUBJECT_LENGTH_MAX = 255;
const NAME_LENGTH_MAX = 200;
const ROLE_LENGTH_MAX = 64;
const ITEMS_MAX = 100;

/**
 * Returns a person's subject as it is recorded and compared, in Unicode's form NFC; null if it could be mistaken for
 * another one.
 */
export function subjectOf(claimed: string): string | null {
  const subject = claimed.normalize('NFC');
  return PERSON_SUBJECT.test(subject) ? subject : null;
}

/**
 * Returns the identity in a token's claims. Absent roles or organisations are empty lists; every claim that
 * is present must be valid. An organisation that is not a slug would match no record, which would disable the
 * rule that people do not decide on records of their own body.
 * @throws InvalidTokenError `invalid-claim` that names the claim.
 */
export function identityOf(
  claims: {
    readonly sub?: unknown;
    readonly name?: unknown;
    readonly email?: unknown;
    readonly email_verified?: unknown;
    readonly roles?: unknown;
    readonly organisations?: unknown;
    readonly iat?: unknown;
  },
  expiresAt: number,
): Identity {
  const { sub, name = null, email, email_verified: isVerified, roles = [], organisations = [], iat } = claims;
  if (!isLabel(sub, SUBJECT_LENGTH_MAX)) throw invalidClaim('sub', textOf(SUBJECT_LENGTH_MAX));
  const subject = subjectOf(sub);
  if (subject === null)
    throw invalidClaim(
      'sub',
      'the subject of a person with no outer white space and no invisible characters and without the reserved prefix docket',
    );
  if (name !== null && !isLabel(name, NAME_LENGTH_MAX)) throw invalidClaim('name', textOf(NAME_LENGTH_MAX));
  if (iat !== undefined && !isInstant(iat)) throw invalidClaim('iat', 'a number of seconds since 1970');
  return Object.freeze({
    subject,
    name,
    // An unverified or invalid address could belong to anyone, so it is ignored. The token stays valid.
    ...(isVerified === true && isAddress(email) && { email }),
    roles: itemsOf('roles', roles, isRole, textOf(ROLE_LENGTH_MAX)),
    organisations: itemsOf(
      'organisations',
      organisations,
      isSlug,
      'a slug of small letters digits and dashes',
    ),
    expiresAt,
    issuedAt: iat === undefined ? null : iat * 1_000,
  });
}

function itemsOf(
  claim: string,
  value: unknown,
  isItem: (item: unknown) => item is string,
  wanted: string,
): readonly string[] {
  if (!Array.isArray(value) || value.length > ITEMS_MAX || !value.every(isItem))
    throw invalidClaim(claim, `an array of at most ${ITEMS_MAX} items and each item ${wanted}`);
  return Object.freeze([...new Set(value)]);
}

const isSlug = (value: unknown): value is string => typeof value === 'string' && SLUG.test(value);
const isRole = (value: unknown): value is string => isLabel(value, ROLE_LENGTH_MAX);
const isInstant = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;

/** Reports whether a text can be sealed, stored and printed anywhere: well-formed, not blank, one line. */
const isLabel = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' &&
  value.length <= lengthMax &&
  value.isWellFormed() &&
  value.trim() !== '' &&
  ONE_LINE.test(value);

const textOf = (lengthMax: number): string => `a string of 1 to ${lengthMax} characters`;

const invalidClaim = (claim: string, wanted: string): InvalidTokenError =>
  new InvalidTokenError('invalid-claim', `the claim ${claim} must be ${wanted}`, claim);
