import {
  BACKWARDS,
  END,
  ErrorType,
  eventTypeFilter,
  FORWARDS,
  KurrentDBClient,
  START,
  streamNameFilter,
} from '@kurrent/kurrentdb-client';
import type { BaseOptions, Filter, JSONRecordedEvent, ReadRevision } from '@kurrent/kurrentdb-client';
import {
  EventStoreError,
  hasCode,
  messageOf,
  StoreIncapableError,
  StoreUnavailableError,
} from '#event-sourcing/errors';
import { systemClock } from '#event-sourcing/clock';
import type { KurrentdbAddress } from './address.ts';
import { positionText } from './log-position.ts';
import type { LogPosition } from './log-position.ts';

/** The timeout of a call in milliseconds, because the client's reads have none. */
const ANSWER_MS_MAX = 20_000;
/** The shortest time between two new clients, in milliseconds. */
const RENEWAL_MS_MIN = 250;
/** The most concurrent calls; more are refused at once. */
const CALLS_MAX = 20_000;

/** A record from the client. */
export type StoredRecord = Omit<JSONRecordedEvent, 'position' | 'data'> & {
  readonly position: string;
  readonly data: Readonly<Record<string, unknown>>;
};

export interface LogRead {
  readonly from: LogPosition | typeof START | typeof END;
  readonly backwards?: boolean;
  readonly limit: number;
}

/** The connection to the server. It limits the time of its calls, and throws the errors of the event-store port. */
export class Connection {
  readonly #address: KurrentdbAddress;
  readonly #reads: Clients;
  readonly #appends: Clients;
  #calls = 0;

  constructor(address: KurrentdbAddress) {
    this.#address = address;
    this.#reads = new Clients(address);
    this.#appends = new Clients(address);
  }

  /** Returns the records of a stream; empty if the stream does not exist. */
  async readStream(
    name: string,
    options: { from: ReadRevision; backwards?: boolean; limit: number },
  ): Promise<StoredRecord[]> {
    const { from, backwards = false, limit } = options;
    try {
      return await this.#read((client, call) =>
        client.readStream(name, {
          fromRevision: from,
          direction: backwards ? BACKWARDS : FORWARDS,
          maxCount: limit,
          ...call,
        }),
      );
    } catch (error) {
      if (error instanceof NoStreamError) return [];
      throw error;
    }
  }

  /** Returns a stream's last record; undefined if the stream does not exist. */
  async readLast(name: string): Promise<StoredRecord | undefined> {
    return (await this.readStream(name, { from: END, backwards: true, limit: 1 })).at(0);
  }

  /** Returns the records of streams with these prefixes, in log order, from a position on (inclusive). */
  readLog(prefixes: string[], options: LogRead): Promise<StoredRecord[]> {
    return this.#readAll(streamNameFilter({ prefixes }), options);
  }

  /** Returns the end of the server's whole log: the position of the last record of any application. */
  async readLogEnd(): Promise<string> {
    const [last] = await this.#readAll(undefined, { from: END, backwards: true, limit: 1 });
    return last?.position ?? '0';
  }

  /**
   * Returns the records of one type in the server's whole log, including the streams of other applications, from a
   * position on (inclusive).
   */
  readType(type: string, options: LogRead): Promise<StoredRecord[]> {
    return this.#readAll(eventTypeFilter({ regex: `^${type}$` }), options);
  }

  #readAll(filter: Filter | undefined, { from, backwards = false, limit }: LogRead): Promise<StoredRecord[]> {
    return this.#read((client, call) =>
      client.readAll({
        fromPosition: from,
        direction: backwards ? BACKWARDS : FORWARDS,
        maxCount: limit,
        ...(filter && { filter }),
        ...call,
      }),
    );
  }

  /** Repeats a read if the server is unavailable or no longer the leader. */
  async #read(
    start: (client: KurrentDBClient, options: ReadOptions) => AsyncIterable<Read>,
  ): Promise<StoredRecord[]> {
    const { login } = this.#address;
    // Another node may not have the acknowledged events yet.
    const options = { requiresLeader: true, ...(login && { credentials: login }) };
    const read = async (): Promise<StoredRecord[]> => {
      const client = this.#reads.current;
      try {
        return await this.#request(() => recordsOf(start(client, options)));
      } catch (error) {
        if (hasCode(error, 'store-unavailable')) this.#reads.renew(client);
        throw error;
      }
    };
    try {
      return await read();
    } catch (error) {
      const { cause } = error as Error;
      if (!isOfType(cause, ErrorType.UNAVAILABLE) && !isOfType(cause, ErrorType.NOT_LEADER)) throw error;
      return await read();
    }
  }

  /**
   * Appends in one call.
   * @throws StoreUnavailableError if the result is unknown.
   */
  async append<T>(call: (client: KurrentDBClient) => Promise<T>): Promise<T> {
    const client = this.#appends.current;
    try {
      return await this.#request(() => call(client));
    } catch (error) {
      // The client does not recognise every response by which a node reports another leader or is gone.
      if (hasCode(error, 'store-unavailable')) this.#appends.renew(client);
      throw error;
    }
  }

  /**
   * Runs a request.
   * @throws StoreUnavailableError unless the server responds to it.
   */
  async #request<T>(call: () => Promise<T>): Promise<T> {
    if (this.#calls >= CALLS_MAX) {
      throw new StoreUnavailableError(
        `the event store is busy: ${CALLS_MAX} calls are waiting; try again later`,
      );
    }
    this.#calls++;
    const { promise: tooLong, reject } = Promise.withResolvers<never>();
    const timer = systemClock.after(() => {
      const waited = `${ANSWER_MS_MAX / 1_000} s`;
      reject(new StoreUnavailableError(`${this.#address.shown} has not answered for ${waited}`));
    }, ANSWER_MS_MAX);
    try {
      return await Promise.race([call(), tooLong]);
    } catch (error) {
      throw this.#portError(error);
    } finally {
      timer.close();
      this.#calls--;
    }
  }

  /** Returns the port's error for an error of the client or the connection; any other error unchanged. */
  #portError(error: unknown): unknown {
    if (error instanceof EventStoreError || isConflict(error)) return error;
    if (isOfType(error, ErrorType.UNSUPPORTED) || !isFromOutside(error)) return error;
    if (isRefused(error)) {
      return new StoreIncapableError(
        `${this.#address.shown} refuses the request: ${limitOf(error) ?? reasonOf(error)}`,
        {
          cause: error,
        },
      );
    }
    return new StoreUnavailableError(`${this.#address.shown} cannot be used: ${reasonOf(error)}`, {
      cause: error,
    });
  }

  async close(): Promise<void> {
    await Promise.all([this.#reads.current.dispose(), this.#appends.current.dispose()]);
  }
}

/**
 * Creates the client, and replaces it when it has lost the cluster's leader, because it does not find another one
 * itself.
 */
class Clients {
  readonly #address: KurrentdbAddress;
  current: KurrentDBClient;
  #madeAt = systemClock.elapsed();

  /**
   * Creates the first client.
   * @throws StoreUnavailableError if its certificate files cannot be used.
   */
  constructor(address: KurrentdbAddress) {
    this.#address = address;
    this.current = clientAt(address);
  }

  /** Ends the client's calls and creates the next client, once if several calls fail at the same time. */
  renew(client: KurrentDBClient): void {
    if (client !== this.current || systemClock.elapsed() - this.#madeAt < RENEWAL_MS_MIN) return;
    this.current = clientAt(this.#address);
    this.#madeAt = systemClock.elapsed();
    client.dispose().catch(() => undefined);
  }
}

function clientAt({ connectionString, shown }: KurrentdbAddress): KurrentDBClient {
  try {
    return KurrentDBClient.connectionString(connectionString);
  } catch (error) {
    // An error about the address contains the address with the password.
    const isOfAddress = error instanceof Error && 'connectionString' in error;
    const reason = isOfAddress
      ? 'its address cannot be read'
      : `tlsCAFile, userCertFile or userKeyFile: ${messageOf(error)}`;

    throw new StoreUnavailableError(`${shown} cannot be used: ${reason}`);
  }
}

type ReadOptions = Pick<BaseOptions, 'requiresLeader' | 'credentials'>;

type Read = { readonly event?: { readonly position?: LogPosition | undefined } | undefined };

/** Thrown if the stream does not exist or was deleted. */
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

/** Returns whether an error has a type of the client. `instanceof` fails for errors of its native part. */
export const isOfType = (error: unknown, type: ErrorType): boolean =>
  typeof error === 'object' && error !== null && 'type' in error && error.type === type;

/** The types of errors that the same request would cause again. */
const REFUSALS = [
  ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
  ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED,
  ErrorType.APPEND_RECORD_SIZE_EXCEEDED,
  ErrorType.STREAM_DELETED,
  ErrorType.STREAM_TOMBSTONED,
  ErrorType.INVALID_ARGUMENT,
];

/** The code by which alone the client reports "invalid argument". */
const INVALID_ARGUMENT = 3;

const isRefused = (error: object): boolean =>
  REFUSALS.some((type) => isOfType(error, type)) || ('code' in error && error.code === INVALID_ARGUMENT);

/**
 * Returns whether an error comes from the client, gRPC or the system. Errors of the client have a type, the others a
 * code.
 */
const isFromOutside = (error: unknown): error is object =>
  typeof error === 'object' && error !== null && ('type' in error || 'code' in error);

/** Returns whether the server reports that streams are not at the expected versions. */
export const isConflict = (error: unknown): boolean =>
  isOfType(error, ErrorType.WRONG_EXPECTED_VERSION) ||
  isOfType(error, ErrorType.APPEND_CONSISTENCY_VIOLATION);

/** Returns a message about the server's setting that limits the size of an append; null if the error is another one. */
function limitOf(error: object): string | null {
  const limitMessage = (name: string, variable: string, size: unknown) =>
    `it is longer than the server's ${name}${typeof size === 'number' ? ` of ${size} bytes` : ''}; raise --${variable.toLowerCase().replaceAll('_', '-')} (KURRENTDB_${variable}, or EVENTSTORE_${variable} before 25.0)`;
  if (isOfType(error, ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED)) {
    return limitMessage(
      'MaxAppendSize',
      'MAX_APPEND_SIZE',
      'maxAppendSize' in error ? error.maxAppendSize : null,
    );
  }
  const maxSize = 'maxSize' in error ? error.maxSize : null;
  if (isOfType(error, ErrorType.TRANSACTION_MAX_SIZE_EXCEEDED)) {
    return limitMessage('MaxAppendSize', 'MAX_APPEND_SIZE', maxSize);
  }
  if (isOfType(error, ErrorType.APPEND_RECORD_SIZE_EXCEEDED)) {
    return limitMessage('MaxAppendEventSize', 'MAX_APPEND_EVENT_SIZE', maxSize);
  }
  return null;
}

/** Returns the reason of an error. A gRPC error has a code; the client's error for a refused login has no details. */
function reasonOf(error: unknown): string {
  if (isOfType(error, ErrorType.ACCESS_DENIED))
    return 'the server refuses the user; check its user name, password and permissions';
  if (isOfType(error, ErrorType.UNAVAILABLE) && messageOf(error) === 'UnavailableError') {
    return 'no leader answers there; check that the server runs, that tls= matches it, and that its certificate is trusted';
  }
  return messageOf(error) || 'no reason was given';
}

function recordOf(event: { readonly position?: LogPosition | undefined }): StoredRecord {
  const { position } = event;
  if (position === undefined)
    throw new Error(
      'the server returns events without positions; EventStoreDB 24.2, and every KurrentDB, has them',
    );
  return {
    ...(event as JSONRecordedEvent & { data: StoredRecord['data'] }),
    position: positionText(position),
  };
}
