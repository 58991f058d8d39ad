const DECIMAL = /^\d+$/;

/**
 * Compares two positions of one store as numbers, which can exceed the precision of a double.
 * @throws RangeError for an invalid position.
 */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  const left = toBigInt(a);
  const right = toBigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The most digits of a position: KurrentDB's positions have 128 bits. */
const POSITION_DIGITS = 40;

/** Returns a position padded so that positions sort as text in log order. */
export const paddedPosition = (position: string): string => position.padStart(POSITION_DIGITS, '0');

/** Returns a padded position without its padding. */
export const unpadded = (position: string): string => position.replace(/^0+(?=.)/, '');

/** Returns the difference between two positions in the store's own numbers; 0 if the first is not behind. */
export function positionsBehind(position: string, head: string): number {
  const behind = toBigInt(head) - toBigInt(position);
  return behind > 0n ? Number(behind) : 0;
}

/**
 * Throws for an invalid position.
 * @throws RangeError
 */
export function assertPosition(position: string): void {
  if (!DECIMAL.test(position)) throw new RangeError(`${JSON.stringify(position)} is not a position of a log`);
}

function toBigInt(position: string): bigint {
  assertPosition(position);
  return BigInt(position);
}
