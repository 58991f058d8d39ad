const DECIMAL = /^\d+$/;

/**
 * Compares two positions of one store as numbers, which can exceed a double.
 * @throws RangeError for an invalid position
 */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  const left = toBigInt(a);
  const right = toBigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The most digits of a position: KurrentDB's have 128 bits. */
const POSITION_DIGITS = 40;

/** Returns a position padded so that string order is log order. */
export const paddedPosition = (position: string): string => position.padStart(POSITION_DIGITS, '0');

/** Returns a padded position as in the log. */
export const unpadded = (position: string): string => position.replace(/^0+(?=.)/, '');

/** Returns how far a position is behind another, in the store's own numbers; 0 if it is not. */
export function positionsBehind(position: string, head: string): number {
  const behind = toBigInt(head) - toBigInt(position);
  return behind > 0n ? Number(behind) : 0;
}

/** @throws RangeError */
export function assertPosition(position: string): void {
  if (!DECIMAL.test(position)) throw new RangeError(`${JSON.stringify(position)} is not a position of a log`);
}

function toBigInt(position: string): bigint {
  assertPosition(position);
  return BigInt(position);
}
