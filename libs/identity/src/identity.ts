import { ONE_LINE } from '#lifecycle/text-rules';
import { InvalidTokenError } from './identity-errors.ts';

/** Who a verified token speaks for. One object serves many requests, so it is frozen. */
export interface Identity {
  /** Opaque, and the same for one person always. */
  readonly subject: string;
  /** For people to read; null where the token has none. */
  readonly name: string | null;
  readonly roles: readonly string[];
  /** The slugs of the bodies that the person belongs to. */
  readonly organisations: readonly string[];
  /** From when on the token is refused, in milliseconds since 1970. */
  readonly expiresAt: number;
  /** When the token was issued, in milliseconds since 1970; null where it does not say. */
  readonly issuedAt: number | null;
}

const SUBJECT_LENGTH_MAX = 255;
const NAME_LENGTH_MAX = 200;
const ITEM_LENGTH_MAX = 64;
const ITEMS_MAX = 100;

/**
 * The identity that a token's claims describe. Absent roles or organisations are none; whatever is there must be right.
 * @throws InvalidTokenError (`invalid-claims`) naming the claim.
 */
export function identityOf(
  claims: {
    readonly sub?: unknown;
    readonly name?: unknown;
    readonly roles?: unknown;
    readonly organisations?: unknown;
    readonly iat?: unknown;
  },
  expiresAt: number,
): Identity {
  const { sub, name = null, roles = [], organisations = [], iat } = claims;
  if (!isLabel(sub, SUBJECT_LENGTH_MAX)) throw invalidClaim('sub', `a text of 1 to ${SUBJECT_LENGTH_MAX}`);
  if (name !== null && !isLabel(name, NAME_LENGTH_MAX)) {
    throw invalidClaim('name', `a text of 1 to ${NAME_LENGTH_MAX}`);
  }
  return Object.freeze({
    subject: sub,
    name,
    roles: labelsOf('roles', roles),
    organisations: labelsOf('organisations', organisations),
    expiresAt,
    issuedAt: typeof iat === 'number' && iat >= 0 ? iat * 1_000 : null,
  });
}

function labelsOf(claim: string, value: unknown): readonly string[] {
  const valid =
    Array.isArray(value) &&
    value.length <= ITEMS_MAX &&
    value.every((item): item is string => isLabel(item, ITEM_LENGTH_MAX));
  if (!valid) throw invalidClaim(claim, `an array of up to ${ITEMS_MAX} texts of 1 to ${ITEM_LENGTH_MAX}`);
  return Object.freeze([...new Set(value)]);
}

/** Text that can be sealed, stored and printed anywhere: well-formed, not blank, in one line. */
const isLabel = (value: unknown, lengthMax: number): value is string =>
  typeof value === 'string' &&
  value.length <= lengthMax &&
  value.isWellFormed() &&
  value.trim() !== '' &&
  ONE_LINE.test(value);

const invalidClaim = (claim: string, wanted: string): InvalidTokenError =>
  new InvalidTokenError('invalid-claims', `the claim ${claim} must be ${wanted} characters`);
