/** Messages of invalid parameters. Pages recognise them and show their own instead. */
export const PARAMETER_MESSAGES = {
  date: 'must be a valid date in the format YYYY-MM-DD',
  future: 'must not be in the future',
} as const;

const EARLIER = 'must be on or after ';
export const earlierMessage = (first: string): string => `${EARLIER}${first}`;
export const isEarlierMessage = (message: string): boolean => message.startsWith(EARLIER);

const ONE_OF = 'one of ';
const NOT_YOURS = 'is not one of your queues; ';
export const oneOf = (values: readonly string[]): string => `${ONE_OF}${values.join(', ')}`;
export const queueMessage = (hint: string): string => `${NOT_YOURS}${hint}`;
/** Reports whether a message says that a value is not one of the choices. */
export const isInvalidChoiceMessage = (message: string): boolean =>
  message.startsWith(`must be ${ONE_OF}`) || message.startsWith(NOT_YOURS);

const UNKNOWN = 'is not a parameter of this route';
export const unknownParameterMessage = (known: readonly string[]): string =>
  `${UNKNOWN}; its parameters are ${known.join(', ') || 'none'}`;
export const isUnknownParameterMessage = (message: string): boolean => message.startsWith(UNKNOWN);
