/** What an adapter can answer instead of a result. Callers look at `code`, which crosses threads; `instanceof` does not. */
export abstract class EventStoreError extends Error {
  abstract readonly code:
    | 'version-conflict'
    | 'history-differs'
    | 'store-unavailable'
    | 'store-incapable'
    | 'event-not-found'
    | 'invalid-position'
    | 'store-missing'
    | 'store-damaged'
    | 'clock-jumped'
    | 'log-rolled-back';

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class VersionConflictError extends EventStoreError {
  readonly code = 'version-conflict';
  readonly streamId: string;
  readonly expectedVersion: number;
  readonly actualVersion: number;

  constructor(streamId: string, expectedVersion: number, actualVersion: number) {
    super(`${streamId} is at version ${actualVersion}, not ${expectedVersion}`);
    this.streamId = streamId;
    this.expectedVersion = expectedVersion;
    this.actualVersion = actualVersion;
  }
}

/** A sealed event follows another event than the one that its stream has before it. */
export class HistoryDiffersError extends EventStoreError {
  readonly code = 'history-differs';
}

/** The store cannot be reached or takes no more now; the same call may succeed later. */
export class StoreUnavailableError extends EventStoreError {
  readonly code = 'store-unavailable';
}

/** The file that a store has open is no longer the one at its path: what is appended would be found by nobody. */
export class StoreFileMovedError extends StoreUnavailableError {
  constructor(path: string) {
    super(
      `the file at ${path} is another one than was opened, or gone: put the store's file in its place, and start anew on it`,
    );
  }
}

/** Nothing is appended until an operator has looked into it; reads go on. The message says what happened and what to do. */
export class WritesRefusedError extends EventStoreError {
  readonly code: 'clock-jumped' | 'log-rolled-back';

  constructor(code: WritesRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The server of the store is too old for what was asked; nothing was appended. */
export class StoreIncapableError extends EventStoreError {
  readonly code = 'store-incapable';
}

/** A text that is no position of the store: not a number, or one from another store. */
export class InvalidPositionError extends EventStoreError {
  readonly code = 'invalid-position';

  constructor(position: string) {
    super(`${JSON.stringify(position)} is no position of this store`);
  }
}

/** There is no store at the address, and the caller did not ask to create one. */
export class StoreMissingError extends EventStoreError {
  readonly code = 'store-missing';
}

/** Where a store is damaged, as far as that is known. */
export interface DamagedPlace {
  readonly position: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
}

/** The store holds an event that cannot be read, or cannot find it: trying again does not help, and the rest can be read. */
export class StoreDamagedError extends EventStoreError {
  readonly code = 'store-damaged';
  readonly place: DamagedPlace;
  readonly reason: string;

  constructor(place: DamagedPlace, reason: string, options?: ErrorOptions) {
    super(`the event store is damaged at ${namePlace(place)}: ${reason}`, options);
    this.place = place;
    this.reason = reason;
  }
}

function namePlace({ position, streamId, version }: DamagedPlace): string {
  const event = streamId === null ? null : version === null ? streamId : `version ${version} of ${streamId}`;
  if (position === null) return event ?? 'a place that it does not tell';
  return `position ${position}${event === null ? '' : `, ${event}`}`;
}

export class EventNotFoundError extends EventStoreError {
  readonly code = 'event-not-found';
}

/** An event has a shape that this build does not know: a newer build wrote it, and to read half of it would be to guess. */
export class UnknownShapeError extends Error {
  readonly code: 'unknown-shape' | 'unknown-form' = 'unknown-shape';

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** An event has an envelope of a form that this build does not know: not even where it keeps what it says. */
export class UnknownFormError extends UnknownShapeError {
  override readonly code = 'unknown-form';
}

/** Whether an error carries a store's code (also one that was copied across a thread). */
export const hasCode = (error: unknown, code: EventStoreError['code']): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** What an error says, also one of another realm, which is no `Error` here; anything else that was thrown, as a text. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : String(error);
