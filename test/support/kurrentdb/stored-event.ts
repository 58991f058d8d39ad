/** What an append brings. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** Where an event is in `$all`: by commit, and among events of one commit by prepare. */
export interface Position {
  readonly commit: bigint;
  readonly prepare: bigint;
}

export interface StoredEvent extends NewEvent, Position {
  readonly stream: string;
  readonly revision: bigint;
  /** In ms since 1970. */
  readonly created: number;
  /** Where its record ends in the log; nobody may read from between. */
  readonly end: bigint;
}

/** As the server compares them: below 0 where the first comes first. */
export const comparePositions = (one: Position, other: Position): number =>
  Number(one.commit - other.commit) || Number(one.prepare - other.prepare);

/** The first index at which `isAfter` holds, in a list where it holds for all from some place on. */
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
