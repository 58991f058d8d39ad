import { ONE_LINE, PERSON_SUBJECT, SLUG } from '#lifecycle/text-rules';
import { InvalidTokenError } from './identity-errors.ts';

/** Who a verified token speaks for. One object serves many requests, so it is frozen. */
export interface Identity {
  /** Opaque, and the same for one person always. */
  readonly subject: string;
  /** For people to read; null where the token has none. */
  readonly name: string | null;
  /** Where mail reaches the person: an address that the token says was verified; absent where it has none. */
  readonly email?: string;
  readonly roles: readonly string[];
  /** The slugs of the bodies that the person belongs to. */
  readonly organisations: readonly string[];
  /** From when on the token is refused, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the token was issued, in milliseconds since 1970; null where it does not say. */
  readonly issuedAt: number | null;
}

/** An address of mail in its usual form (RFC 5321, 4.5.3.1 for its length); what a mail server takes it says itself. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/;
const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= 254 && ONE_LINE.test(value) && ADDRESS.test(value);

const SUBJECT_LENGTH_MAX = 255;
const NAME_LENGTH_MAX = 200;
const ROLE_LENGTH_MAX = 64;
const ITEMS_MAX = 100;

/**
 * The identity that a token's claims describe. Absent roles or organisations are empty lists; every claim that is present must be
 * valid. An organisation that is not a slug would match no record, and so would switch off the rule that nobody decides on the
 * records of their own body.
 * @throws InvalidTokenError (`invalid-claim`) with the claim.
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
  if (!PERSON_SUBJECT.test(sub))
    throw invalidClaim('sub', 'the subject of a person and must not begin with docket:');
  if (name !== null && !isLabel(name, NAME_LENGTH_MAX)) throw invalidClaim('name', textOf(NAME_LENGTH_MAX));
  if (iat !== undefined && !isInstant(iat)) throw invalidClaim('iat', 'a number of seconds since 1970');
  return Object.freeze({
    subject: sub,
    name,
    // One that is not verified, or is none, could be anybody's: it is left aside, and refuses nobody.
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

/** Text that can be sealed, stored and printed anywhere: well-formed, not blank, in one line. */
const isLabel = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' &&
  value.length <= lengthMax &&
  value.isWellFormed() &&
  value.trim() !== '' &&
  ONE_LINE.test(value);

const textOf = (lengthMax: number): string => `a text of 1 to ${lengthMax} characters`;

const invalidClaim = (claim: string, wanted: string): InvalidTokenError =>
  new InvalidTokenError('invalid-claim', `the claim ${claim} must be ${wanted}`, claim);
