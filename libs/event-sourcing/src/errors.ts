/** An error of a store. Callers check `code`, which is kept when an error is copied from another thread; its class is not. */
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

/** A sealed event does not follow its stream's last event. */
export class HistoryDiffersError extends EventStoreError {
  readonly code = 'history-differs';
}

/** The store cannot be reached or is overloaded. The same call may succeed later. */
export class StoreUnavailableError extends EventStoreError {
  readonly code = 'store-unavailable';
}

/** The store's open file is no longer the one at its path, so appends would be lost. */
export class StoreFileMovedError extends StoreUnavailableError {
  constructor(path: string) {
    super(
      `the file at ${path} was replaced or removed while open: restore the store's file there, then restart`,
    );
  }
}

/** Appends are refused until an operator has checked the store; reads continue. The message says what happened and what to do. */
export class WritesRefusedError extends EventStoreError {
  readonly code: 'clock-jumped' | 'log-rolled-back';

  constructor(code: WritesRefusedError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** The store's server is too old for the operation. Nothing was appended. */
export class StoreIncapableError extends EventStoreError {
  readonly code = 'store-incapable';
}

/** A text is not a position of this store: it is not a number, or is a position of another store. */
export class InvalidPositionError extends EventStoreError {
  readonly code = 'invalid-position';

  constructor(position: string) {
    super(`${JSON.stringify(position)} is not a position of this store`);
  }
}

/** There is no store at the address, and the caller did not request its creation. */
export class StoreMissingError extends EventStoreError {
  readonly code = 'store-missing';
}

/** A damaged place in a store, as far as known. */
export interface DamagedPlace {
  readonly position: string | null;
  readonly streamId: string | null;
  readonly version: number | null;
}

/** The store has an event that is unreadable or missing. A retry does not help. Other events can be read. */
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
  if (position === null) return event ?? 'an unknown place';
  return `position ${position}${event === null ? '' : `, ${event}`}`;
}

export class EventNotFoundError extends EventStoreError {
  readonly code = 'event-not-found';
}

/** An event has a shape that this build does not know. A newer build wrote it, and a partial reading could be wrong. */
export class UnknownShapeError extends Error {
  readonly code: 'unknown-shape' | 'unknown-form' = 'unknown-shape';

  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}

/** An event has an envelope form that this build does not know, so the location of its data is unknown. */
export class UnknownFormError extends UnknownShapeError {
  override readonly code = 'unknown-form';
}

/** Reports whether an error, even a copied one from another thread, has a store's code. */
export const hasCode = (error: unknown, code: EventStoreError['code']): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** Returns an error's message, even for an `Error` of another realm, or any other thrown value as a text. */
export const messageOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string'
    ? error.message
    : String(error);
