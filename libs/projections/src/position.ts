const DECIMAL = /^\d+$/;

/**
 * Compares two positions of one store as numbers; they can be longer than a double can hold.
 * @throws RangeError for a text that is no position.
 */
export function comparePositions(a: string, b: string): number {
  if (a === b) return 0;
  const left = toBigInt(a);
  const right = toBigInt(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** No position of any store has more digits: those of KurrentDB are numbers of 128 bits. */
const POSITION_DIGITS = 40;

/** A position, so padded that texts compare as positions do. */
export const paddedPosition = (position: string): string => position.padStart(POSITION_DIGITS, '0');

/** A padded position as the log has it. */
export const unpadded = (position: string): string => position.replace(/^0+(?=.)/, '');

/** How far one position is behind another, in the store's own figures; 0 where it is not. */
export function positionsBehind(position: string, head: string): number {
  const behind = toBigInt(head) - toBigInt(position);
  return behind > 0n ? Number(behind) : 0;
}

/** @throws RangeError */
export function assertPosition(position: string): void {
  if (!DECIMAL.test(position)) throw new RangeError(`${JSON.stringify(position)} is no position of a log`);
}

function toBigInt(position: string): bigint {
  assertPosition(position);
  return BigInt(position);
}
