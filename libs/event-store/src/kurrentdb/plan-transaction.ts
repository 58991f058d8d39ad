import { jsonEvent } from '@kurrent/kurrentdb-client';
import type { EventData } from '@kurrent/kurrentdb-client';
import { systemClock } from '#event-sourcing/clock';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { splitEvents } from './stored-event.ts';
import type { CommandEntry, ValuesGroup } from './stored-event.ts';
import type { StreamNames } from './stream-names.ts';
import { revisionOf } from './transaction.ts';
import type { Transaction } from './transaction.ts';

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
  readonly transaction: Transaction;
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
  const ordered: { name: string; record: EventData }[] = commands.map(({ id, events }) => {
    return { name: names.command(id), record: entryFor(events) };
  });
  for (const group of groups) {
    if (group.values) ordered.push({ name: names.valuesOf(group.values.key), record: group.values.record });
    for (const { streamId, record } of group.records)
      ordered.push({ name: names.eventsOf(streamId), record });
  }
  const recordsOf = Map.groupBy(ordered, ({ name }) => name);
  const writeTo = (name: string, version: number, ofEvents: boolean) => {
    const records = (recordsOf.get(name) ?? []).map(({ record }) => record);
    return { name, expected: revisionOf(version), records, ofEvents };
  };
  const versions = streams.map(({ streamId, expectedVersion }) => {
    return { streamId, name: names.eventsOf(streamId), version: expectedVersion };
  });
  const isWritten = ({ name }: { name: string }) => recordsOf.has(name);
  const writes = [
    // On a server without atomic appends, a command that another node runs too fails here, before its texts are
    // written.
    ...commands.map(({ id, entries }) => writeTo(names.command(id), entries, false)),
    ...values.map(({ key }) => writeTo(names.valuesOf(key), 0, false)),
    ...versions.filter(isWritten).map(({ name, version }) => writeTo(name, version, true)),
  ];
  const checks = versions.filter((one) => !isWritten(one));
  return { transaction: { ordered, writes, checks, plannedAt: systemClock.elapsed() }, values };
}

function entryFor(events: readonly SealedEnvelope[]): EventData {
  const entry: CommandEntry = {
    events: events.map(({ streamId, version, eventId }) => ({ streamId, version, eventId })),
  };
  return jsonEvent({ type: 'CommandCarriedOut', data: { ...entry } });
}
