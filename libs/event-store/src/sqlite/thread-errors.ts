import {
  EventNotFoundError,
  HistoryDiffersError,
  StoreDamagedError,
  StoreMissingError,
  StoreUnavailableError,
  VersionConflictError,
} from '#event-sourcing/errors';
import type { DamagedPlace } from '#event-sourcing/errors';

/** An error as it crosses a thread, where a copied error would lose its class and its members. */
export type EncodedError =
  | {
      readonly code: 'version-conflict';
      readonly streamId: string;
      readonly expectedVersion: number;
      readonly actualVersion: number;
    }
  | { readonly code: 'store-damaged'; readonly place: DamagedPlace; readonly reason: string }
  | {
      readonly code:
        'store-unavailable' | 'store-missing' | 'event-not-found' | 'history-differs' | 'unexpected';
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

export function encodeError(error: unknown): EncodedError {
  if (error instanceof VersionConflictError) {
    const { code, streamId, expectedVersion, actualVersion } = error;
    return { code, streamId, expectedVersion, actualVersion };
  }
  if (error instanceof StoreDamagedError) {
    const { code, place, reason } = error;
    return { code, place, reason };
  }
  if (!(error instanceof Error)) {
    return { code: 'unexpected', name: 'Error', message: String(error), stack: undefined };
  }
  const known =
    error instanceof StoreUnavailableError ||
    error instanceof StoreMissingError ||
    error instanceof EventNotFoundError ||
    error instanceof HistoryDiffersError;
  return {
    code: known ? error.code : 'unexpected',
    name: error.name,
    message: error.message,
    stack: error.stack,
  };
}

export function decodeError(encoded: EncodedError): Error {
  switch (encoded.code) {
    case 'version-conflict':
      return new VersionConflictError(encoded.streamId, encoded.expectedVersion, encoded.actualVersion);
    case 'store-damaged':
      return new StoreDamagedError(encoded.place, encoded.reason);
    case 'store-unavailable':
      return new StoreUnavailableError(encoded.message);
    case 'store-missing':
      return new StoreMissingError(encoded.message);
    case 'event-not-found':
      return new EventNotFoundError(encoded.message);
    case 'history-differs':
      return new HistoryDiffersError(encoded.message);
    case 'unexpected':
      return unexpectedError(encoded);
  }
}

/** What a bug or an unsealable event threw, with the stack of the thread in which it was thrown. */
function unexpectedError({
  name,
  message,
  stack,
}: {
  name: string;
  message: string;
  stack: string | undefined;
}): Error {
  const error = new Error(message);
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}
