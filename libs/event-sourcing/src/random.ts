/** Randomness, injected for ids, salts and nonces. In a service it is always the machine's. */
export interface Random {
  readonly uuid: () => string;
  readonly bytes: (count: number) => Buffer;
  /** Returns a number from 0 to below 1, for pauses. Not for secrets. */
  readonly fraction: () => number;
}

/** The randomness of this machine. No other code draws random numbers. */
export const systemRandom: Random = {
  uuid: () => crypto.randomUUID(),
  bytes: (count) => Buffer.from(crypto.getRandomValues(new Uint8Array(count)).buffer),
  fraction: () => Math.random(),
};
