import { setTimeout as sleep } from 'node:timers/promises';
import {
  BACKWARDS,
  ErrorType,
  FORWARDS,
  KurrentDBClient,
  START,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
import type { JSONRecordedEvent, ReadRevision } from '@kurrent/kurrentdb-client';
import { EventStoreError, messageOf, StoreUnavailableError } from '../../../event-sourcing/src/errors.ts';
import type { KurrentdbAddress } from './address.ts';
import { positionText } from './log-position.ts';
import type { LogPosition } from './log-position.ts';

/** How long an answer is waited for, in milliseconds: the client's reads have no limit of their own. */
const ANSWER_MS_MAX = 20_000;
/** How many answers may be waited for at once: beyond, callers are told at once. */
const CALLS_MAX = 20_000;

/** A record of the server, as the client gives it. */
export type StoredRecord = Omit<JSONRecordedEvent, 'position' | 'data'> & {
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
};

/** One client, and how its calls end: in time, and with the errors of the port. */
export class Connection {
  readonly client: KurrentDBClient;
  readonly #address: KurrentdbAddress;
  #calls = 0;

  constructor(address: KurrentdbAddress) {
    this.#address = address;
    this.client = KurrentDBClient.connectionString(address.connectionString);
  }

  /** The records of a stream, empty where there is none. */
  readStream(
    name: string,
    options: { from: ReadRevision; backwards?: boolean; limit: number },
  ): Promise<StoredRecord[]> {
    const { from, backwards = false, limit } = options;
    return this.ask(async () => {
      const records: StoredRecord[] = [];
      const events = this.client.readStream(name, {
        fromRevision: from,
        direction: backwards ? BACKWARDS : FORWARDS,
        maxCount: limit,
        // Another node may be behind what was acknowledged.
        requiresLeader: true,
      });
      try {
        for await (const { event } of events) if (event) records.push(recordOf(event));
      } catch (error) {
        if (isOfType(error, ErrorType.STREAM_NOT_FOUND) || isOfType(error, ErrorType.STREAM_DELETED))
          return [];
        throw error;
      }
      return records;
    });
  }

  /** The records of the log in streams whose names begin so, from a position on, itself included. */
  readLog(
    prefixes: string[],
    options: { from: LogPosition | typeof START | 'end'; backwards?: boolean; limit: number },
  ): Promise<StoredRecord[]> {
    const { from, backwards = false, limit } = options;
    return this.ask(async () => {
      const records: StoredRecord[] = [];
      const events = this.client.readAll({
        fromPosition: from,
        direction: backwards ? BACKWARDS : FORWARDS,
        maxCount: limit,
        filter: streamNameFilter({ prefixes }),
        requiresLeader: true,
      });
      for await (const { event } of events) if (event) records.push(recordOf(event));
      return records;
    });
  }

  /** @throws StoreUnavailableError for whatever is no answer to the request. */
  async ask<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls >= CALLS_MAX) {
      throw new StoreUnavailableError(`${CALLS_MAX} calls wait for the event store already`);
    }
    this.#calls++;
    const timer = new AbortController();
    try {
      return await Promise.race([call(), this.#tooLong(timer.signal)]);
    } catch (error) {
      throw this.unavailable(error);
    } finally {
      timer.abort();
      this.#calls--;
    }
  }

  unavailable(error: unknown): Error {
    if (error instanceof EventStoreError || isRequestsOwn(error)) return error as Error;
    return new StoreUnavailableError(`${this.#address.shown} cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }

  async #tooLong(signal: AbortSignal): Promise<never> {
    await sleep(ANSWER_MS_MAX, undefined, { signal }).catch(() => undefined);
    throw new StoreUnavailableError(`${this.#address.shown} has not answered for ${ANSWER_MS_MAX / 1_000} s`);
  }
}

/** Whether an error is one of the client's of a type. Not by `instanceof`: those of its native part are made elsewhere. */
export const isOfType = (error: unknown, type: ErrorType): boolean =>
  typeof error === 'object' && error !== null && 'type' in error && error.type === type;

/** Errors that say something about the request: the same one would fail again. */
const REQUESTS_OWN = [
  ErrorType.WRONG_EXPECTED_VERSION,
  ErrorType.APPEND_CONSISTENCY_VIOLATION,
  ErrorType.UNSUPPORTED,
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED,
  ErrorType.APPEND_RECORD_SIZE_EXCEEDED,
];

const isRequestsOwn = (error: unknown): boolean => REQUESTS_OWN.some((type) => isOfType(error, type));

/** Whether the server has said that streams are not at the versions which an append expects. */
export const isConflict = (error: unknown): boolean =>
  isOfType(error, ErrorType.WRONG_EXPECTED_VERSION) ||
  isOfType(error, ErrorType.APPEND_CONSISTENCY_VIOLATION);

/** A gRPC message carries its code; the client's of a refused login carries nothing. */
function reasonOf(error: unknown): string {
  if (isOfType(error, ErrorType.ACCESS_DENIED)) return 'it refuses the user, or what the user may do';
  return messageOf(error) || 'no reason was given';
}

export function recordOf(event: { readonly position?: LogPosition | undefined }): StoredRecord {
  const { position } = event;
  if (position === undefined) throw new Error('the server gives no positions; KurrentDB 24.10 or later does');
  return {
    ...(event as JSONRecordedEvent & { data: StoredRecord['data'] }),
    position: positionText(position),
  };
}
