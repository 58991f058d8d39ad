import { InvalidPositionError } from '#event-sourcing/errors';

/** Where an event is in the server's log: of its commit, and of the record that prepared it. */
export interface LogPosition {
  readonly commit: bigint;
  readonly prepare: bigint;
}

const DECIMAL = /^\d{1,40}$/;
const HALF = 64n;
/** The server counts in signed figures. */
const COMMIT_MAX = 2n ** 63n - 1n;

/**
 * A position as one decimal number: the commit's figure above 64 bits of the prepare's, so that numbers are in the order of the log
 * also where an event was prepared before others and committed after them.
 */
export const positionText = ({ commit, prepare }: LogPosition): string => String((commit << HALF) | prepare);

/**
 * Null for the beginning of the log, `'0'`.
 * @throws InvalidPositionError for a text that is no position.
 */
export function parseLogPosition(position: string): LogPosition | null {
  if (position === '0') return null;
  const number = DECIMAL.test(position) ? BigInt(position) : 0n;
  const commit = number >> HALF;
  // A number without an upper half is a position of another store.
  if (commit === 0n || commit > COMMIT_MAX) {
    throw new InvalidPositionError(position);
  }
  return { commit, prepare: BigInt.asUintN(64, number) };
}
