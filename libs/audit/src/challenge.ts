export const CHALLENGE_LENGTH_MAX = 128;

/** A text that a requester sends to be recorded with a pack: one line of printable ASCII, since nothing can erase it. */
const CHALLENGE = new RegExp(String.raw`^[\x20-\x7e]{1,${CHALLENGE_LENGTH_MAX}}$`);

export const isChallenge = (value: unknown): value is string =>
  typeof value === 'string' && CHALLENGE.test(value);
