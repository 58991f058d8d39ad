/** The longest free text that a payload may hold, in characters. */
export const FREE_TEXT_MAX = 50_000;

/** What nobody sees says nothing: white space, control and format characters, and letters that are drawn as nothing. */
export const NOT_BLANK = /[^\s\p{Cc}\p{Cf}\u115f\u1160\u3164\u2800]/u;

/** Whether it is a text without halves of surrogate pairs. */
export const isWellFormed = (text: unknown): boolean => typeof text === 'string' && text.isWellFormed();

/** The length in characters, which are not the UTF-16 code units that a text's `length` counts. */
export function codePoints(text: string): number {
  return text.length - (text.match(/[\ud800-\udbff][\udc00-\udfff]/g)?.length ?? 0);
}

/**
 * The separators U+2028 and U+2029, which end a line for some readers, and the marks that turn the direction of writing until they
 * are ended. As it stands in a character class.
 */
export const SEPARATING_OR_TURNING = String.raw`\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069`;

/** What may break a line, or make what follows it look like something else: control characters (tab and U+0085 too), and those. */
const STEERING = String.raw`\p{Cc}${SEPARATING_OR_TURNING}`;

/** A text of one line that reads as it is stored. */
export const ONE_LINE = new RegExp(`^[^${STEERING}]*$`, 'u');

const STEERED = new RegExp(String.raw`[${STEERING}\s]+`, 'gu');

/** What somebody wrote, in one line: a space stands for what it does not hold. */
export const onOneLine = (text: string): string => text.replaceAll(STEERED, ' ').trim();

/** The subject of a person: what begins with `docket:`, at the command line (`cli:`) too, names a part of the service, as `docket:sweep` does. */
export const PERSON_SUBJECT = /^(?!(?:cli:)*docket:)/i;

/** A short name for addresses and tokens: small letters, digits and dashes. */
export const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
