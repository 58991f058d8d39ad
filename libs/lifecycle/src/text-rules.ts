/** The longest free text in a payload, in characters. */
export const FREE_TEXT_MAX = 50_000;

/**
 * Matches at least one visible character: not only white space, control and format characters, and letters that render
 * as nothing.
 */
export const NOT_BLANK = /[^\s\p{Cc}\p{Cf}\u115f\u1160\u3164\u2800]/u;

/** Returns whether a value is a text without lone surrogates. */
export const isWellFormed = (text: unknown): boolean => typeof text === 'string' && text.isWellFormed();

/** Returns the length in characters; `length` counts UTF-16 code units. */
export function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/**
 * The separators U+2028 and U+2029, which some programs treat as line ends, and the bidirectional controls, for use in
 * a character class.
 */
export const SEPARATING_OR_TURNING = String.raw`\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069`;

/**
 * Characters that can break a line or disguise the text after them: control characters (including tab and U+0085),
 * separators and bidirectional controls.
 */
const STEERING = String.raw`\p{Cc}${SEPARATING_OR_TURNING}`;

/** Matches a single line that is displayed as it is stored. */
export const ONE_LINE = new RegExp(`^[^${STEERING}]*$`, 'u');

const STEERED = new RegExp(String.raw`[${STEERING}\s]+`, 'gu');

/** Returns a text as one line, with spaces for the characters that a line cannot contain. */
export const onOneLine = (text: string): string => text.replaceAll(STEERED, ' ').trim();

/**
 * Matches the subject of a person, which looks like no other: no outer white space, and no invisible characters. The
 * prefix `docket:`, also after `cli:`, is reserved for parts of the service, such as `docket:sweep`.
 */
export const PERSON_SUBJECT =
  /^(?!(?:cli:)*(?:docket:|\s))(?!.*[^\S ])[^\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\u2800]*(?<!\s)$/iu;

/** Matches a short name for URLs and tokens: lower-case letters, digits and dashes. */
export const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
