import { jsonEvent } from '@kurrent/kurrentdb-client';
import type { EventData } from '@kurrent/kurrentdb-client';
import { systemRandom } from '#event-sourcing/random';
import { COMMAND_DIGEST } from '#event-sourcing/envelope';
import type { Envelope } from '#event-sourcing/envelope';
import { eraseFromEnvelope } from '#event-sourcing/erasure';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { assertEnvelope } from '../parse-envelope.ts';
import type { StoredRecord } from './connection.ts';

/** What an event may lose: kept apart from it, since an event on the server never changes. */
type EventValues = Pick<Envelope, 'data' | 'salts'>;
/** The values of the events that were appended together, by the ids of the events. */
export type ValuesGroup = Readonly<Record<string, EventValues>>;

/** Says in what form the store's streams are; another form has another number. */
export const STORE_FORM = 1;

/** A keyed command's own stream says which events it appended: the server has no index of ours. */
export interface CommandEntry {
  readonly events: readonly {
    readonly streamId: string;
    readonly version: number;
    readonly eventId: string;
  }[];
}

export const VALUES_TYPE = 'Values';
/** How much text a group holds, in characters, at least one event: a group is written anew when something of it is erased. */
const GROUP_LENGTH_MAX = 512 * 1024;

/** Events that are appended one after another, and the values of which are kept together. */
interface EventGroup {
  /** Null where none of the events has anything to lose. */
  readonly values: { readonly key: string; readonly group: ValuesGroup; readonly record: EventData } | null;
  readonly records: readonly { readonly streamId: string; readonly record: EventData }[];
}

/** Splits events, in their order, into what stays and what may be erased. */
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

/** The record of a group, with the place of its first event, by which a group without events is found. */
export const valuesRecord = (group: ValuesGroup, first?: SealedEnvelope): EventData =>
  jsonEvent({
    type: VALUES_TYPE,
    data: { ...group },
    ...(first && { metadata: { streamId: first.streamId, version: String(first.version) } }),
  });

/** The place of a group's first event; null where the record does not name it. */
export function firstPlaceOf({ metadata }: StoredRecord): { streamId: string; version: number } | null {
  const { streamId, version } = (metadata ?? {}) as { streamId?: unknown; version?: unknown };
  return typeof streamId === 'string' ? { streamId, version: Number(version) } : null;
}

export const withoutValues = (event: SealedEnvelope): SealedEnvelope =>
  eraseFromEnvelope(event, [...Object.keys(event.commitments), COMMAND_DIGEST]);

function recordFor(event: SealedEnvelope, bare: SealedEnvelope, values: string | null): EventData {
  const metadata = {
    // By these names KurrentDB's own projections find what belongs together.
    $correlationId: event.correlationId,
    ...(event.causationId !== null && { $causationId: event.causationId }),
    ...(values !== null && { values }),
    // The server takes texts only.
    length: String(JSON.stringify(event).length),
  };
  return jsonEvent({ id: event.eventId, type: event.type, data: { ...bare }, metadata });
}

/** How long the text of a record's event is, in characters, the values that are kept elsewhere among it. */
export function lengthOf({ metadata }: StoredRecord): number {
  const { length } = (metadata ?? {}) as { length?: unknown };
  return Number(length) || 0;
}

/** The members of what a record holds, which others may have written: none where it is no object. */
export const membersOf = ({ data }: { readonly data: unknown }): Readonly<Record<string, unknown>> =>
  typeof data === 'object' && data !== null ? (data as Readonly<Record<string, unknown>>) : {};

/** Where the values of a record's event are kept; undefined where it has none. */
export function valuesKeyOf({ metadata }: StoredRecord): string | undefined {
  const { values } = (metadata ?? {}) as { values?: unknown };
  return typeof values === 'string' ? values : undefined;
}

/**
 * The event of a record, with its values, or without those that are gone.
 * @throws TypeError where the record holds none.
 */
export function envelopeOf(record: StoredRecord, group: ValuesGroup | undefined): Envelope {
  // The client hands out a text where it cannot read JSON.
  const event: unknown = record.data;
  assertEnvelope(event);
  return { ...(event as Envelope), ...group?.[(event as Envelope).eventId], position: record.position };
}
