import { ErrorType, jsonEvent, NO_STREAM } from '@kurrent/kurrentdb-client';
import type { Envelope, Pointer } from '#event-sourcing/envelope';
import { EventNotFoundError, StoreMissingError, StoreUnavailableError } from '#event-sourcing/errors';
import { READ_LIMIT } from '#event-sourcing/event-store';
import type {
  AppendResult,
  Commit,
  EventStore,
  StoredEntry,
  Redaction,
  StreamAppend,
} from '#event-sourcing/event-store';
import type { SealedEnvelope, Sealer } from '#event-sourcing/sealer';
import { KeyedQueue } from '#event-sourcing/keyed-queue';
import { redactionOf } from '#event-sourcing/erasure';
import { OpenStore } from '../open-store.ts';
import type { Opening } from '../store-entry.ts';
import type { KurrentdbAddress } from './address.ts';
import { Connection, isConflict, isOfType } from './connection.ts';
import { parseLogPosition } from './log-position.ts';
import { LogInspector } from './inspect-log.ts';
import { LogReader } from './log-reader.ts';
import { envelopeOf, STORE_FORM } from './stored-event.ts';
import { LogWriter } from './log-writer.ts';
import { StreamNames } from './stream-names.ts';
import { canAppendTogether } from './transaction.ts';
import { Values } from './values.ts';
import { ValuesSweep } from './values-sweep.ts';

export type KurrentdbEventStoreOptions = Opening & {
  readonly address: KurrentdbAddress;
  readonly sealer: Sealer;
};

/**
 * Opens the event log in the streams of a KurrentDB server or cluster. Version 26.1 supports all functions, 25.1 checks
 * streams less strictly, and an older server is used if the address accepts it. Several processes may have it open.
 * @throws StoreMissingError if there is no store and `create` is false.
 * @throws StoreUnavailableError if the server cannot be reached, or its content cannot be used.
 */
export async function openKurrentdbEventStore(options: KurrentdbEventStoreOptions): Promise<EventStore> {
  const connection = new Connection(options.address);
  try {
    const isTogether = await openStreams(connection, options);
    return new KurrentdbEventStore(connection, options, isTogether);
  } catch (error) {
    await connection.close();
    throw error;
  }
}

/** The interval in milliseconds at which a subscription at the end of the log looks for new events. */
const POLL_MS = 100;

/** The most appends that wait for one stream. Others are refused at once, so that waits do not grow without limit. */
const APPENDS_WAITING_MAX = 10_000;

/** The form of a store during a restore. */
const RESTORING = 'restoring';

/** Returns what exists at an address: a store, a restore that has not ended, or nothing. */
export async function kurrentdbStoreState(
  address: KurrentdbAddress,
): Promise<'store' | 'restoring' | 'none'> {
  const connection = new Connection(address);
  try {
    const marker = await connection.readLast(new StreamNames(address.prefix).store);
    if (marker === undefined) return 'none';
    return marker.data['form'] === RESTORING ? 'restoring' : 'store';
  } finally {
    await connection.close();
  }
}

/**
 * Makes a restored store usable.
 * @throws StoreUnavailableError if it has been changed since.
 */
export async function finishRestore(address: KurrentdbAddress): Promise<void> {
  const connection = new Connection(address);
  try {
    const { store } = new StreamNames(address.prefix);
    const restored = jsonEvent({ type: 'StoreRestored', data: { form: STORE_FORM } });
    // The expected revision requires that the mark of the restore is still the last record.
    await connection.append((client) => client.appendToStream(store, restored, { streamState: 0n }));
  } finally {
    await connection.close();
  }
}

/** Finds or creates the store. For writers, returns whether the server appends to several streams atomically. */
async function openStreams(
  connection: Connection,
  { address, create, readOnly = false, restoring = false }: KurrentdbEventStoreOptions,
): Promise<boolean> {
  const wanted = restoring ? RESTORING : STORE_FORM;
  const { store } = new StreamNames(address.prefix);
  let marker = await connection.readLast(store);
  const isTogether = readOnly || (await canAppendTogether(connection));
  if (!isTogether && !address.acceptsOlder) {
    throw new StoreUnavailableError(
      `${address.shown} is older than KurrentDB 25.1, and refuses commands on several streams, such as an issue to several recipients; upgrade it, or accept that with acceptOlder=true in the address`,
    );
  }
  // Following the log requires permission to read all of it.
  await connection.readLogEnd().catch((error: unknown) => {
    if (!(error instanceof Error) || !isOfType(error.cause, ErrorType.ACCESS_DENIED)) throw error;
    throw new StoreUnavailableError(
      `${address.shown} does not let its user read the log, $all; an administrator must add the user to $all's metadata: {"$acl":{"$r":["USER"]}}`,
      { cause: error.cause },
    );
  });
  if (marker === undefined && create && !readOnly) {
    const created = jsonEvent({ type: 'StoreCreated', data: { form: wanted } });
    await connection
      .append((client) => client.appendToStream(store, created, { streamState: NO_STREAM }))
      .catch((error: unknown) => {
        // Another node has created it.
        if (!isConflict(error)) throw error;
      });
    marker = await connection.readLast(store);
  }
  if (marker === undefined) {
    throw new StoreMissingError(`there is no event store at ${address.shown}`);
  }
  const { form } = marker.data as { form?: unknown };
  if (form === RESTORING && wanted !== RESTORING) {
    throw new StoreUnavailableError(
      `${address.shown} contains an unfinished restore; run docket restore again to continue it`,
    );
  }
  if (form !== wanted) {
    throw new StoreUnavailableError(
      `${address.shown} has form ${JSON.stringify(form)} instead of ${STORE_FORM}: another version of Docket created it`,
    );
  }
  return isTogether;
}

class KurrentdbEventStore extends OpenStore<string, LogReader> {
  readonly erasedRemains = 'until-scavenge';
  readonly #connection: Connection;
  readonly #values: Values;
  readonly #inspector: LogInspector;
  readonly #writer: LogWriter;
  readonly #appends = new KeyedQueue(APPENDS_WAITING_MAX);
  readonly #closing = new AbortController();
  readonly #sweeping: Promise<void>;

  constructor(connection: Connection, options: KurrentdbEventStoreOptions, isTogether: boolean) {
    const { address, sealer, readOnly = false, reports } = options;
    const names = new StreamNames(address.prefix);
    const values = new Values(connection, names);
    const reader = new LogReader(connection, names, values);
    super(reader, {
      positionOf(position) {
        parseLogPosition(position);
        return position;
      },
      readBatch: (after) => reader.logOn(after, READ_LIMIT),
      pollMs: POLL_MS,
      isOnServer: true,
      reports,
      isReadOnly: readOnly,
    });
    this.#connection = connection;
    this.#values = values;
    const parts = { names, reader, values };
    this.#inspector = new LogInspector(parts);
    this.#writer = new LogWriter(connection, { ...parts, sealer, reports, isTogether });
    const sweep = new ValuesSweep(connection, { ...parts, isTogether });
    this.#sweeping = readOnly ? Promise.resolve() : sweep.run(this.#closing.signal);
  }

  async append(commit: Commit): Promise<AppendResult> {
    this.assertWritable();
    const keys = commit.appends.map(({ streamId }) => keyOfStream(streamId));
    if (commit.command.request !== null) keys.push(keyOfCommand(commit.command.id));
    return this.track(this.#append(commit, keys));
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    this.assertWritable();
    const keys = events.flatMap(({ streamId, command }) => [keyOfStream(streamId), keyOfCommand(command.id)]);
    await this.track(this.#appendSealed(events, keys));
  }

  async erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    this.assertWritable();
    await this.track(this.#erase(streamId, version, pointers));
  }

  override async findCommand(commandId: string): Promise<Envelope[]> {
    const events = await super.findCommand(commandId);
    const redactions = redactionsOf(events);
    // The process that appended them may have failed before it erased the values, and this response confirms the
    // erasure.
    if (redactions.length > 0 && !this.isReadOnly) await this.track(this.#redact(redactions));
    return events;
  }

  inspect(streamId?: string): AsyncGenerator<StoredEntry> {
    this.assertOpen();
    return this.#inspector.inspect(streamId);
  }

  protected async release(): Promise<void> {
    this.#closing.abort();
    await this.#sweeping;
    await this.#connection.close();
  }

  async #append(commit: Commit, keys: string[]): Promise<AppendResult> {
    const result = await this.#appends.run(keys, () => this.#writer.append(commit));
    this.followers.hint();
    const isRedacting = commit.appends.some(({ events }) => events.some((event) => redactionOf(event)));
    if (isRedacting) {
      await this.#redact(redactionsOf(result.repeated ? result.events : commit.appends.flatMap(drafted)));
    }
    return result;
  }

  async #appendSealed(events: readonly SealedEnvelope[], keys: string[]): Promise<void> {
    await this.#appends.run(keys, () => this.#writer.appendSealed(events));
    this.followers.hint();
    await this.#redact(redactionsOf(events));
  }

  /** Erases the values. Returns only when no reader can see them. */
  async #redact(redactions: readonly RedactedEvent[]): Promise<void> {
    for (const { streamId, eventId, erased } of redactions) {
      for (const record of await this.reader.recordsWithIds(streamId, [eventId])) {
        const { commitments } = envelopeOf(record, undefined);
        await this.#values.erase(
          record,
          erased.filter((pointer) => Object.hasOwn(commitments, pointer)),
        );
      }
    }
  }

  async #erase(streamId: string, version: number, pointers: readonly Pointer[]): Promise<void> {
    const [record] = version < 1 ? [] : await this.reader.records(streamId, version - 1, 1);
    if (record === undefined) throw new EventNotFoundError(`${streamId} has no version ${version}`);
    await this.#values.erase(record, pointers);
  }
}

type RedactedEvent = Omit<Redaction, 'position'>;

const redactionsOf = (
  events: readonly Pick<Envelope, 'streamId' | 'type' | 'data'>[],
): readonly RedactedEvent[] =>
  events.flatMap((event) => {
    const named = redactionOf(event);
    return named === null ? [] : [{ streamId: event.streamId, ...named }];
  });

const drafted = ({ streamId, events }: StreamAppend) => events.map((event) => ({ streamId, ...event }));

const keyOfStream = (streamId: string): string => `stream ${streamId}`;
const keyOfCommand = (commandId: string): string => `command ${commandId}`;
