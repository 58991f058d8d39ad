/** A value of a query: none of our own texts holds U+0000. */
export type Parameter = string | number | null;

/** Queries in SQL that every database of an outbox takes; each `?` stands for the next parameter. */
export interface OutboxQueries {
  rows<Row>(text: string, ...parameters: readonly Parameter[]): Promise<Row[]>;
  /** @returns how many rows it changed. */
  change(text: string, ...parameters: readonly Parameter[]): Promise<number>;
}

/** An open outbox; what it holds is read and written by `Outbox` and by the list. */
export interface OutboxDatabase extends OutboxQueries {
  /** What a query of rows ends with that are changed next, where others may change rows as well. */
  readonly forUpdate: string;
  /** The same, without the rows that others are changing just now. */
  readonly skipLocked: string;
  /** All of an action's changes or none; of several that intend something, one comes after the other. */
  transaction<Result>(action: (queries: OutboxQueries) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** What is there is no outbox of this version, or cannot be opened now. */
export class OutboxUnusableError extends Error {
  readonly code = 'outbox-unusable';

  constructor(where: string, detail: string, options?: ErrorOptions) {
    super(`${where} ${detail}`, options);
    this.name = 'OutboxUnusableError';
  }
}

/** The server of an open outbox cannot be reached now, or takes no more; the same may succeed later. */
export class OutboxUnavailableError extends Error {
  readonly code = 'outbox-unavailable';

  constructor(where: string, reason: string, options?: ErrorOptions) {
    super(`${where} cannot be used: ${reason}`, options);
    this.name = 'OutboxUnavailableError';
  }
}
