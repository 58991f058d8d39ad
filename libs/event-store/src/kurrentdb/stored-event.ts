import { jsonEvent } from '@kurrent/kurrentdb-client';
import type { EventData } from '@kurrent/kurrentdb-client';
import { systemRandom } from '#event-sourcing/random';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { assertEnvelope } from '../parse-envelope.ts';
import type { StoredRecord } from './connection.ts';

/** The parts of an event that can be erased. They are stored separately, because the server never changes an event. */
type EventValues = Pick<Envelope, 'data' | 'salts'>;
/** The values of events that were appended together, by event id. */
export type ValuesGroup = Readonly<Record<string, EventValues>>;

/** The version of the format of streams. */
export const STORE_FORM = 2;

/**
 * An entry in the stream of a keyed command. It lists the events that the command appended, because the server has no
 * such index.
 */
export interface CommandEntry {
  readonly events: readonly {
    readonly streamId: string;
    readonly version: number;
    readonly eventId: string;
  }[];
}

export const VALUES_TYPE = 'Values';
/** The longest text of a group in characters, but at least one event. Erasing a value rewrites its whole group. */
const GROUP_LENGTH_MAX = 512 * 1024;

/** Consecutive events whose values are stored together. */
interface EventGroup {
  /** The values; null if the events contain none that can be erased. */
  readonly values: { readonly key: string; readonly group: ValuesGroup; readonly record: EventData } | null;
  readonly records: readonly { readonly streamId: string; readonly record: EventData }[];
}

/** Returns events in groups, each split into the permanent part and the part that can be erased. */
export function splitEvents(events: readonly SealedEnvelope[]): EventGroup[] {
  const groups: SealedEnvelope[][] = [];
  let length = Infinity;
  for (const event of events) {
    if (length > GROUP_LENGTH_MAX) {
      groups.push([]);
      length = 0;
    }
    groups.at(-1)?.push(event);
    length += JSON.stringify(event.data).length;
  }
  return groups.map(splitGroup);
}

function splitGroup(events: readonly SealedEnvelope[]): EventGroup {
  const key = systemRandom.uuid();
  const group: Record<string, EventValues> = {};
  const records = events.map((event) => {
    const bare = withoutValues(event);
    if (bare !== event) group[event.eventId] = { data: event.data, salts: event.salts };
    return { streamId: event.streamId, record: recordFor(event, bare, bare === event ? null : key) };
  });
  if (Object.keys(group).length === 0) return { values: null, records };
  return { values: { key, group, record: valuesRecord(group, events[0]) }, records };
}

/** Returns the record of a group, with the place of its first event, by which groups without events are found. */
export const valuesRecord = (group: ValuesGroup, first?: SealedEnvelope): EventData =>
  jsonEvent({
    type: VALUES_TYPE,
    data: { ...group },
    ...(first && { metadata: { streamId: first.streamId, version: String(first.version) } }),
  });

/** Returns the place of a group's first event; null if the record does not contain it. */
export function firstPlaceOf({ metadata }: StoredRecord): { streamId: string; version: number } | null {
  const { streamId, version } = (metadata ?? {}) as { streamId?: unknown; version?: unknown };
  return typeof streamId === 'string' ? { streamId, version: Number(version) } : null;
}

export const withoutValues = (event: SealedEnvelope): SealedEnvelope =>
  eraseFromEnvelope(event, [...Object.keys(event.commitments), COMMAND_DIGEST]);

function recordFor(event: SealedEnvelope, bare: SealedEnvelope, values: string | null): EventData {
  const metadata = {
    // KurrentDB's own projections group records by these names.
    $correlationId: event.correlationId,
    ...(event.causationId !== null && { $causationId: event.causationId }),
    ...(values !== null && { values }),
    // The server accepts only strings here.
    length: String(JSON.stringify(event).length),
  };
  return jsonEvent({ id: event.eventId, type: event.type, data: { ...bare }, metadata });
}

/** Returns the length of a record's event in characters, including its separate values. */
export function lengthOf({ metadata }: StoredRecord): number {
  const { length } = (metadata ?? {}) as { length?: unknown };
  return Number(length) || 0;
}

/** Returns a record's members; none if it is not an object, because other applications may have written it. */
export const membersOf = ({ data }: { readonly data: unknown }): Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};

/** Returns the key of the group that contains an event's values; undefined if the event has none. */
export function valuesKeyOf({ metadata }: StoredRecord): string | undefined {
  const { values } = (metadata ?? {}) as { values?: unknown };
  return typeof values === 'string' ? values : undefined;
}

/**
 * Returns a record's event with the values that are not erased.
 * @throws TypeError if the record is not an event.
 */
export function envelopeOf(record: StoredRecord, group: ValuesGroup | undefined): Envelope {
  // The client returns a string if it cannot parse the JSON.
  const event: unknown = record.data;
  assertEnvelope(event);
  return { ...(event as Envelope), ...group?.[(event as Envelope).eventId], position: record.position };
}
