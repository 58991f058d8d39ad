import { END, jsonEvent, NO_STREAM, START } from '@kurrent/kurrentdb-client';
import type { Envelope, Pointer } from '../../../event-sourcing/src/envelope.ts';
import {
  EventNotFoundError,
  StoreMissingError,
  StoreUnavailableError,
} from '../../../event-sourcing/src/errors.ts';
import { READ_LIMIT } from '../../../event-sourcing/src/event-store.ts';
import type {
  AppendResult,
  Commit,
  EventStore,
  StoredEntry,
  Subscription,
} from '../../../event-sourcing/src/event-store.ts';
import type { StoreReports } from '../../../event-sourcing/src/store-observer.ts';
import type { SealedEnvelope, Sealer } from '../../../event-sourcing/src/sealer.ts';
import { OpenCalls } from '../open-calls.ts';
import type { KurrentdbAddress } from './address.ts';
import { Connection, isConflict } from './connection.ts';
import { KeyedQueue } from './keyed-queue.ts';
import { LogInspector } from './inspect-log.ts';
import { LogReader } from './log-reader.ts';
import { STORE_FORM } from './stored-event.ts';
import { LogSubscriptions } from './log-subscription.ts';
import { LogWriter } from './log-writer.ts';
import { StreamNames } from './stream-names.ts';
import { Values } from './values.ts';

export interface KurrentdbEventStoreOptions {
  readonly address: KurrentdbAddress;
  readonly sealer: Sealer;
  /** Whether a store is made where there is none. */
  readonly create: boolean;
  /** Appends and erasures reject. */
  readonly readOnly?: boolean;
  readonly reports?: StoreReports | undefined;
}

/**
 * Opens the event log in the streams of a KurrentDB server or cluster (24.10 or later, 26.1 for all that Docket does).
 * Several processes may have it open at once.
 * @throws StoreMissingError when there is no store and `create` is false.
 * @throws StoreUnavailableError when the server cannot be reached, or what is there cannot be used.
 */
export async function openKurrentdbEventStore(options: KurrentdbEventStoreOptions): Promise<EventStore> {
  const { address, create, readOnly = false } = options;
  const connection = new Connection(address);
  try {
    await openStreams(connection, address, create && !readOnly);
  } catch (error) {
    await connection.close();
    throw error;
  }
  return new KurrentdbEventStore(connection, options);
}

async function openStreams(
  connection: Connection,
  address: KurrentdbAddress,
  create: boolean,
): Promise<void> {
  const names = new StreamNames(address.prefix);
  const { store } = names;
  const look = async () => (await connection.readStream(store, { from: START, limit: 1 })).at(0);
  let marker = await look();
  if (marker === undefined && create) {
    const created = jsonEvent({ type: 'StoreCreated', data: { form: STORE_FORM } });
    await connection
      .append((client) => client.appendToStream(store, created, { streamState: NO_STREAM }))
      .catch((error: unknown) => {
        // Another node was first.
        if (!isConflict(error)) throw error;
      });
    marker = await look();
  }
  if (marker === undefined) {
    throw new StoreMissingError(`there is no event store at ${address.shown}`);
  }
  // Who may not read the log would follow it in vain.
  await connection.readLog([names.events], { from: END, backwards: true, limit: 1 });
  const { form } = marker.data as { form?: unknown };
  if (form !== STORE_FORM) {
    throw new StoreUnavailableError(
      `${address.shown} has form ${JSON.stringify(form)} and not ${STORE_FORM}: another version of Docket made it`,
    );
  }
}

class KurrentdbEventStore implements EventStore {
  readonly erasedRemains = 'until-scavenge';
  readonly #connection: Connection;
  readonly #values: Values;
  readonly #reader: LogReader;
  readonly #inspector: LogInspector;
  readonly #writer: LogWriter;
  readonly #subscriptions: LogSubscriptions;
  readonly #appends = new KeyedQueue();
  readonly #calls: OpenCalls;

  constructor(connection: Connection, options: KurrentdbEventStoreOptions) {
    const { address, sealer, readOnly = false, reports } = options;
    const names = new StreamNames(address.prefix);
    this.#connection = connection;
    this.#calls = new OpenCalls(readOnly);
    this.#values = new Values(connection, names);
    this.#reader = new LogReader(connection, names, this.#values);
    this.#inspector = new LogInspector(connection, { names, reader: this.#reader, values: this.#values });
    this.#writer = new LogWriter(connection, {
      names,
      reader: this.#reader,
      values: this.#values,
      sealer,
      reports,
    });
    this.#subscriptions = new LogSubscriptions(connection, { names, values: this.#values, reports });
  }

  async append(commit: Commit): Promise<AppendResult> {
    this.#calls.assertWritable();
    const keys = commit.appends.map(({ streamId }) => keyOfStream(streamId));
    if (commit.command.request !== null) keys.push(keyOfCommand(commit.command.id));
    return this.#calls.track(this.#appends.run(keys, () => this.#writer.append(commit)));
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    this.#calls.assertWritable();
    const keys = events.flatMap(({ streamId, command }) => [keyOfStream(streamId), keyOfCommand(command.id)]);
    await this.#calls.track(this.#appends.run([...new Set(keys)], () => this.#writer.appendSealed(events)));
  }

  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    this.#calls.assertWritable();
    await this.#calls.track(this.#erase(streamId, version, pointers));
  }

  async readStream(streamId: string, options: { after?: number; limit?: number } = {}): Promise<Envelope[]> {
    this.#calls.assertOpen();
    return this.#calls.track(this.#reader.stream(streamId, options.after ?? 0, options.limit ?? READ_LIMIT));
  }

  async readAll(options: { after?: string; limit?: number } = {}): Promise<Envelope[]> {
    this.#calls.assertOpen();
    return this.#calls.track(this.#reader.log(options.after ?? '0', options.limit ?? READ_LIMIT));
  }

  async findCommand(commandId: string): Promise<Envelope[]> {
    this.#calls.assertOpen();
    return (await this.#calls.track(this.#reader.command(commandId))).events;
  }

  inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.#calls.assertOpen();
    return this.#inspector.inspect(streamId);
  }

  async lastPosition(): Promise<string> {
    this.#calls.assertOpen();
    return this.#calls.track(this.#reader.lastPosition());
  }

  async lastEvent(): Promise<Envelope | null> {
    this.#calls.assertOpen();
    return this.#calls.track(this.#reader.lastEvent());
  }

  subscribe(after: string, handler: (batch: readonly Envelope[]) => Promise<void>): Subscription {
    this.#calls.assertOpen();
    return this.#subscriptions.follow(after, handler);
  }

  close(): Promise<void> {
    return this.#calls.close(() => this.#close());
  }

  async #close(): Promise<void> {
    await this.#subscriptions.closeAll();
    await this.#calls.settled();
    await this.#connection.close();
  }

  async #erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    const [record] = version < 1 ? [] : await this.#reader.records(streamId, version - 1, 1);
    if (record === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    await this.#values.erase(record, pointers);
  }
}

const keyOfStream = (streamId: string): string => `stream ${streamId}`;
const keyOfCommand = (commandId: string): string => `command ${commandId}`;
