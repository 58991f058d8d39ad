import { ANY, ErrorType, NO_STREAM, STREAM_STATE } from '@kurrent/kurrentdb-client';
import type { AppendStreamState, EventData } from '@kurrent/kurrentdb-client';
import { systemClock } from '#event-sourcing/clock';
import { StoreIncapableError, StoreUnavailableError, VersionConflictError } from '#event-sourcing/errors';
import type { Connection } from './connection.ts';
import { isOfType } from './connection.ts';

/** A stream of events of which only the version is checked. */
export interface VersionCheck {
  readonly streamId: string;
  readonly name: string;
  readonly version: number;
}

/** What is appended to one stream of the server, at the revision that it must have. */
export interface StreamWrite {
  readonly name: string;
  readonly expected: AppendStreamState;
  readonly records: EventData[];
  /** Whether these are events that others see; else what only events make count. */
  readonly ofEvents: boolean;
}

export interface Transaction {
  /** The records in the order of the log; those of one stream need not stand together. */
  readonly ordered: readonly { readonly name: string; readonly record: EventData }[];
  /** The same by stream: what events rest on before the events. */
  readonly writes: readonly StreamWrite[];
  readonly checks: readonly VersionCheck[];
  /** In milliseconds since 1970. */
  readonly plannedAt: number;
}

/** How long after its plan a transaction may still send events whose values a server took before, in milliseconds. */
const EVENTS_AFTER_MS_MAX = 30_000;
/** After so long, values whose events are not stored will never have any: a server may be slow to carry out what was sent last. */
export const VALUES_UNDECIDED_MS = 4 * EVENTS_AFTER_MS_MAX;

/** The revision of a stream at a version: that of its last record. */
export const revisionOf = (version: number): AppendStreamState =>
  version === 0 ? NO_STREAM : BigInt(version - 1);

/**
 * Appends all of a transaction or nothing of it, by the best that the server has: `AppendRecords` (26.1), which checks other streams
 * in the same step; `AppendSession` (25.1), before which they are looked at; else one stream after another, so that events of
 * one stream are all that it can hold, and what they rest on may be left behind where they are refused.
 * @throws the client's error where a stream is not at its expected revision.
 */
export async function appendTogether(
  connection: Connection,
  transaction: Transaction,
  versionOf: (streamId: string) => Promise<number>,
): Promise<void> {
  if (await supported(() => appendRecords(connection, transaction))) return;
  for (const { streamId, version } of transaction.checks) {
    const actual = await versionOf(streamId);
    if (actual !== version) throw new VersionConflictError(streamId, version, actual);
  }
  if (await supported(() => appendSession(connection, transaction))) return;
  await appendInTurn(connection, transaction);
}

/** gRPC's codes of a request that a server refuses because of what it says. */
const REFUSED_CODES: readonly unknown[] = [3, 9];

/** Whether the server appends to several streams in one step (25.1). It refuses the empty request that asks for it. */
export function appendsTogether(connection: Connection): Promise<boolean> {
  return supported(() =>
    connection.append(async (client) => {
      await client.multiStreamAppend([]).catch((error: unknown) => {
        const isRefusal = error instanceof Error && 'code' in error && REFUSED_CODES.includes(error.code);
        if (!isRefusal) throw error;
      });
    }),
  );
}

/** False where the server does not know the call. */
async function supported(call: () => Promise<unknown>): Promise<boolean> {
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
    // What may be at any revision is not checked.
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
      'this command appends to several streams together, which KurrentDB does from version 25.1 on; upgrade the server',
    );
  }
  for (const { name, expected, records, ofEvents } of writes) {
    // The sweep of another node may have deleted the values.
    if (ofEvents && systemClock.now() - plannedAt > EVENTS_AFTER_MS_MAX) {
      throw new StoreUnavailableError(
        'the server took too long to store the values of events; nothing was appended',
      );
    }
    await connection.append((client) => client.appendToStream(name, records, { streamState: expected }));
  }
}
