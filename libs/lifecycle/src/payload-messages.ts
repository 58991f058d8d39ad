/** Messages of payload rules. Pages replace some of them with their own. */
export const PAYLOAD_MESSAGES = {
  string: 'must be a string',
  notBlank: 'must not be blank',
  object: 'must be an object',
  list: 'must be a list',
  notEmpty: 'must have at least one item',
  date: 'must be a valid date in the format YYYY-MM-DD',
} as const;

const ONE_OF = 'must be one of the following values: ';
export const oneOfMessage = (values: readonly unknown[]): string => `${ONE_OF}${values.join(', ')}`;

const SHA256 = '64 lower-case hexadecimal digits';
export const SHA256_MESSAGE = `must be a SHA-256 as ${SHA256}`;
/** The message to append to a label that already names the SHA-256. */
export const SHA256_MESSAGE_SHORT = `must be ${SHA256}`;

export const lengthMessage = (max: number): string => `must be at most ${max} characters`;
const LENGTH = new RegExp(`^${lengthMessage(0).replace('0', String.raw`(\d+)`)}$`);
/** Returns the maximum length that a message states; null for other messages. */
export function lengthIn(message: string): number | null {
  const [, max] = LENGTH.exec(message) ?? [];
  return max === undefined ? null : Number(max);
}

export const eachItem = (message: string): string => `each item ${message}`;

const { string, notBlank, object, list, notEmpty } = PAYLOAD_MESSAGES;
const MISSING = new Set<string>([string, notBlank, object, list, notEmpty]);

/** Returns whether a rule with this message refuses an empty field. */
export const isMissingMessage = (message: string): boolean =>
  MISSING.has(message) || message.startsWith(ONE_OF);
