import {
  BACKWARDS,
  END,
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

/** The way to the server: how its calls end, in time, and with the errors of the port. */
export class Connection {
  /** For appends and subscriptions: it finds the cluster's next leader by itself. */
  readonly client: KurrentDBClient;
  readonly #address: KurrentdbAddress;
  #reads: KurrentDBClient;
  #calls = 0;

  constructor(address: KurrentdbAddress) {
    this.#address = address;
    this.client = KurrentDBClient.connectionString(address.connectionString);
    this.#reads = KurrentDBClient.connectionString(address.connectionString);
  }

  /** The records of a stream, empty where there is none. */
  async readStream(
    name: string,
    options: { from: ReadRevision; backwards?: boolean; limit: number },
  ): Promise<StoredRecord[]> {
    const { from, backwards = false, limit } = options;
    try {
      return await this.#read((client) =>
        client.readStream(name, {
          fromRevision: from,
          direction: backwards ? BACKWARDS : FORWARDS,
          maxCount: limit,
          // Another node may be behind what was acknowledged.
          requiresLeader: true,
        }),
      );
    } catch (error) {
      if (error instanceof NoStreamError) return [];
      throw error;
    }
  }

  /** The records of the log in streams whose names begin so, from a position on, itself included. */
  readLog(
    prefixes: string[],
    options: { from: LogPosition | typeof START | typeof END; backwards?: boolean; limit: number },
  ): Promise<StoredRecord[]> {
    const { from, backwards = false, limit } = options;
    return this.#read((client) =>
      client.readAll({
        fromPosition: from,
        direction: backwards ? BACKWARDS : FORWARDS,
        maxCount: limit,
        filter: streamNameFilter({ prefixes }),
        requiresLeader: true,
      }),
    );
  }

  /** Once more where the server is not there, or leads no longer: the native part of a client never looks for another. */
  #read(start: (client: KurrentDBClient) => AsyncIterable<Read>): Promise<StoredRecord[]> {
    return this.ask(async () => {
      const client = this.#reads;
      try {
        return await recordsOf(start(client));
      } catch (error) {
        const mayBeElsewhere =
          isOfType(error, ErrorType.UNAVAILABLE) || isOfType(error, ErrorType.NOT_LEADER);
        if (!mayBeElsewhere) throw error;
        if (this.#reads === client) {
          this.#reads = KurrentDBClient.connectionString(this.#address.connectionString);
        }
        return await recordsOf(start(this.#reads));
      }
    });
  }

  /** @throws StoreUnavailableError for whatever is no answer to the request. */
  async ask<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls >= CALLS_MAX) {
      throw new StoreUnavailableError(`${CALLS_MAX} calls wait for the event store already`);
    }
    this.#calls++;
    const { promise: tooLong, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      const waited = `${ANSWER_MS_MAX / 1_000} s`;
      reject(new StoreUnavailableError(`${this.#address.shown} has not answered for ${waited}`));
    }, ANSWER_MS_MAX);
    try {
      return await Promise.race([call(), tooLong]);
    } catch (error) {
      throw this.#unavailable(error);
    } finally {
      clearTimeout(timer);
      this.#calls--;
    }
  }

  #unavailable(error: unknown): Error {
    if (error instanceof EventStoreError || error instanceof NoStreamError || isRequestsOwn(error)) {
      return error as Error;
    }
    return new StoreUnavailableError(`${this.#address.shown} cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  async close(): Promise<void> {
    await this.client.dispose();
  }
}

type Read = { readonly event?: { readonly position?: LogPosition | undefined } | undefined };

/** There is no such stream, or none any more. */
class NoStreamError extends Error {}

async function recordsOf(events: AsyncIterable<Read>): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  try {
    for await (const { event } of events) if (event) records.push(recordOf(event));
  } catch (error) {
    const isNone = isOfType(error, ErrorType.STREAM_NOT_FOUND) || isOfType(error, ErrorType.STREAM_DELETED);
    throw isNone ? new NoStreamError() : error;
  }
  return records;
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
  ErrorType.INVALID_ARGUMENT,
];

/** Of what the server calls an invalid argument the client knows nothing more than the code. */
const INVALID_ARGUMENT = 3;

const isRequestsOwn = (error: unknown): boolean =>
  REQUESTS_OWN.some((type) => isOfType(error, type)) ||
  (error instanceof Error && 'code' in error && error.code === INVALID_ARGUMENT);

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
