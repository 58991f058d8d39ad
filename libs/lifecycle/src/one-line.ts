/**
 * What may break a line, or make what follows it look like something else: control characters (tab and U+0085 too), the separators
 * U+2028 and U+2029, and the marks that turn the direction of writing until they are ended. As it stands in a character class.
 */
const STEERING = String.raw`\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069`;

/** A text of one line that reads as it is stored. */
export const ONE_LINE = new RegExp(`^[^${STEERING}]*$`, 'u');

const STEERED = new RegExp(String.raw`[${STEERING}\s]+`, 'gu');

/** What somebody wrote, in one line: a space stands for what it does not hold. */
export const onOneLine = (text: string): string => text.replaceAll(STEERED, ' ').trim();
