import { jsonEvent } from '@kurrent/kurrentdb-client';
import type { EventData } from '@kurrent/kurrentdb-client';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import type { NewRecord, StreamVersion } from './connection.ts';
import { splitEvents } from './stored-event.ts';
import type { CommandEntry, ValuesGroup } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';

/** The streams, events and commands of one append. */
export interface Appending {
  /** The expected versions of all streams, including streams that are only checked. */
  readonly streams: readonly { readonly streamId: string; readonly expectedVersion: number }[];
  readonly sealed: readonly SealedEnvelope[];
  readonly commands: readonly KeyedCommand[];
}

/** A keyed command, its events, and the number of entries in its stream. */
export interface KeyedCommand {
  readonly id: string;
  readonly entries: number;
  readonly events: readonly SealedEnvelope[];
}

export interface TransactionPlan {
  /** The records in log order. */
  readonly records: readonly NewRecord[];
  readonly versions: readonly StreamVersion[];
  readonly values: readonly { readonly key: string; readonly group: ValuesGroup }[];
}

/**
 * Returns the records of sealed events: the entries of keyed commands first, and each group of values before its
 * events.
 */
export function planTransaction(
  names: StreamNames,
  { streams, sealed, commands }: Appending,
): TransactionPlan {
  const groups = splitEvents(sealed);
  const values = groups.flatMap((group) => group.values ?? []);
  const records = commands.map(({ id, events }) => ({ name: names.command(id), record: entryFor(events) }));
  for (const group of groups) {
    if (group.values) records.push({ name: names.valuesOf(group.values.key), record: group.values.record });
    for (const { streamId, record } of group.records)
      records.push({ name: names.eventsOf(streamId), record });
  }
  const versions = [
    ...commands.map(({ id, entries }) => ({ name: names.command(id), version: entries })),
    ...values.map(({ key }) => ({ name: names.valuesOf(key), version: 0 })),
    ...streams.map(({ streamId, expectedVersion }) => {
      return { name: names.eventsOf(streamId), version: expectedVersion };
    }),
  ];
  return { records, versions, values };
}

function entryFor(events: readonly SealedEnvelope[]): EventData {
  const entry: CommandEntry = {
    events: events.map(({ streamId, version, eventId }) => ({ streamId, version, eventId })),
  };
  return jsonEvent({ type: 'CommandCarriedOut', data: { ...entry } });
}
