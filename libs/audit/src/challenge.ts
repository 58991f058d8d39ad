/** A text that a requester sends to be recorded with a pack: one line of printable ASCII, since nothing can erase it. */
const CHALLENGE = /^[\x20-\x7e]{1,128}$/;

export const isChallenge = (value: unknown): value is string =>
  typeof value === 'string' && CHALLENGE.test(value);
