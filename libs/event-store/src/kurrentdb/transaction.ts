import { ANY, ErrorType, NO_STREAM, STREAM_STATE } from '@kurrent/kurrentdb-client';
import type { AppendStreamState, EventData } from '@kurrent/kurrentdb-client';
import { systemClock } from '#event-sourcing/clock';
import { StoreIncapableError, StoreUnavailableError, VersionConflictError } from '#event-sourcing/errors';
import type { Connection } from './connection.ts';
import { isConflict, isOfType } from './connection.ts';

/** A stream whose version is checked and to which nothing is appended. */
export interface VersionCheck {
  readonly streamId: string;
  readonly name: string;
  readonly version: number;
}

/** The records for one stream of the server, at its expected revision. */
export interface StreamWrite {
  readonly name: string;
  readonly expected: AppendStreamState;
  readonly records: EventData[];
  /** True if these records are events, and not records that become valid only with events. */
  readonly ofEvents: boolean;
}

export interface Transaction {
  /** The records in log order. Records of one stream may be interleaved with others. */
  readonly ordered: readonly { readonly name: string; readonly record: EventData }[];
  /** The records by stream, those on which events depend first. */
  readonly writes: readonly StreamWrite[];
  readonly checks: readonly VersionCheck[];
  /** The time of planning, in milliseconds since 1970. */
  readonly plannedAt: number;
}

/**
 * The time after planning, in milliseconds, in which a transaction may send its events if the server accepted their
 * values earlier.
 */
const EVENTS_AFTER_MS_MAX = 30_000;
/**
 * The time after which values without stored events will never have any, even if the server delays the last request, in
 * milliseconds.
 */
export const VALUES_UNDECIDED_MS = 4 * EVENTS_AFTER_MS_MAX;

/** Returns the revision of a stream at a version, which is that of its last record. */
export const revisionOf = (version: number): AppendStreamState =>
  version === 0 ? NO_STREAM : BigInt(version - 1);

/**
 * Appends a whole transaction or nothing, with the best call that the server supports. `AppendRecords` (26.1) also
 * checks other streams atomically; with `AppendSession` (25.1) they are only read first. Older servers append stream by
 * stream: only one stream may then contain events, and values of refused events remain.
 * @throws the client's error if a stream is not at its expected revision.
 */
export async function appendTogether(
  connection: Connection,
  transaction: Transaction,
  versionOf: (streamId: string) => Promise<number>,
): Promise<void> {
  if (await isSupported(() => appendRecords(connection, transaction))) return;
  for (const { streamId, version } of transaction.checks) {
    const actual = await versionOf(streamId);
    if (actual !== version) throw new VersionConflictError(streamId, version, actual);
  }
  if (await isSupported(() => appendSession(connection, transaction))) return;
  await appendInTurn(connection, transaction);
}

/** gRPC codes with which a server refuses a request because of its content. */
const REFUSED_CODES: readonly unknown[] = [3, 9];

/**
 * Returns whether the server appends to several streams atomically (25.1). It refuses the empty request that tests
 * this.
 */
export function canAppendTogether(connection: Connection): Promise<boolean> {
  return isSupported(() =>
    connection.append(async (client) => {
      await client.multiStreamAppend([]).catch((error: unknown) => {
        const isRefusal = error instanceof Error && 'code' in error && REFUSED_CODES.includes(error.code);
        if (!isRefusal) throw error;
      });
    }),
  );
}

/** Returns false if the server does not know the call. */
async function isSupported(call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (isOfType(error, ErrorType.UNSUPPORTED)) return false;
    throw error;
  }
}

function appendRecords(connection: Connection, { ordered, writes, checks }: Transaction): Promise<unknown> {
  const states = [
    // Streams at any revision are not checked.
    ...writes.filter(({ expected }) => expected !== ANY),
    ...checks.map(({ name, version }) => ({ name, expected: revisionOf(version) })),
  ];
  return connection.append((client) =>
    client.appendRecords(
      ordered.map(({ name, record }) => ({ streamName: name, record })),
      states.map(({ name, expected }) => ({ type: STREAM_STATE, streamName: name, expectedState: expected })),
    ),
  );
}

function appendSession(connection: Connection, { writes }: Transaction): Promise<unknown> {
  return connection.append((client) =>
    client.multiStreamAppend(
      writes.map(({ name, expected, records }) => {
        return { streamName: name, expectedState: expected, events: records };
      }),
    ),
  );
}

async function appendInTurn(connection: Connection, { writes, plannedAt }: Transaction): Promise<void> {
  if (writes.filter(({ ofEvents }) => ofEvents).length > 1) {
    throw new StoreIncapableError(
      'this command appends to several streams together, which KurrentDB supports from version 25.1; upgrade the server',
    );
  }
  await refuseTooLong(connection, writes);
  for (const { name, expected, records, ofEvents } of writes) {
    // Another node's sweep may have deleted the values.
    if (ofEvents && systemClock.elapsed() - plannedAt > EVENTS_AFTER_MS_MAX) {
      throw new StoreUnavailableError(
        "the server took too long to store the events' values; nothing was appended, try again",
      );
    }
    await connection.append((client) => client.appendToStream(name, records, { streamState: expected }));
  }
}

/** The server's default limit of an append, in bytes of its data. */
const APPEND_MAX_DEFAULT = 1024 * 1024;
/** A revision that no stream has. */
const NEVER = 2n ** 62n;

/**
 * Lets the server refuse what exceeds its limit before anything is stored: it checks the length first, and then the
 * expected revision, which none of these appends has.
 * @throws StoreIncapableError
 */
async function refuseTooLong(connection: Connection, writes: readonly StreamWrite[]): Promise<void> {
  for (const { name, records } of writes) {
    const bytes = records.reduce((sum, { data }) => sum + Buffer.byteLength(JSON.stringify(data)), 0);
    if (bytes <= APPEND_MAX_DEFAULT) continue;
    await connection
      .append((client) => client.appendToStream(name, records, { streamState: NEVER }))
      .catch((error: unknown) => {
        if (!isConflict(error)) throw error;
      });
  }
}
