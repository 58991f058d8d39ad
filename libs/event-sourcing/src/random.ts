/** Chance. Ids, salts and nonces are drawn from what is handed in; no setting of a service hands in another than the machine's. */
export interface Random {
  readonly uuid: () => string;
  readonly bytes: (count: number) => Buffer;
  /** A number from 0 to below 1: for pauses, and for nothing that is to be secret. */
  readonly fraction: () => number;
}

/** The chance of this machine. Nothing else draws a number. */
export const systemRandom: Random = {
  uuid: () => crypto.randomUUID(),
  bytes: (count) => Buffer.from(crypto.getRandomValues(new Uint8Array(count)).buffer),
  fraction: () => Math.random(),
};
