/** An event to append. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** A position in `$all`, ordered by commit and then by prepare. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface StoredEvent extends NewEvent, Position {
  readonly stream: string;
  readonly revision: bigint;
  /** The time of creation, in milliseconds since 1970. */
  readonly created: number;
  /** The end of its record in the log; reads from inside a record fail. */
  readonly end: bigint;
}

/** Returns a negative number if the first position is earlier, as the server does. */
export const comparePositions = (one: Position, other: Position): number =>
  Number(one.commit - other.commit) || Number(one.prepare - other.prepare);

/** Returns the first index at which `isAfter` is true, in a list where it stays true from some index on. */
export function firstIndex<T>(list: readonly T[], isAfter: (item: T) => boolean): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && isAfter(item)) high = middle;
    else low = middle + 1;
  }
  return low;
}
