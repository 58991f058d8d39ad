import type { Envelope } from '#event-sourcing/envelope';
import type { Erasable, TypedEvent } from '#event-sourcing/typed-event';
import type { DecidedEvent } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/lifecycle-definition';
import type { EventData, OnlyByCommand } from './event-members.ts';
import type { events, EventType } from './events.ts';

/** An event that a command or the sweep records. */
export type DecidedRecordEvent = TypedEvent<EventData, DecidedEvent>;

/** What an import says of each type of event. */
type ImportedData = {
  readonly [Type in EventType]: Type extends keyof OnlyByCommand
    ? Omit<EventData[Type], OnlyByCommand[Type]>
    : EventData[Type];
};

/** An event that an import records. */
export type ImportedRecordEvent = TypedEvent<ImportedData, DecidedEvent>;

/** What each type of event says once it is stored: what can be erased, and what an import lacks, is not always there. */
export type StoredData = {
  readonly [Type in EventType]: Erasable<
    EventData[Type],
    | (typeof events)[Type]['sensitive'][number]
    | (Type extends keyof OnlyByCommand ? `/data/${OnlyByCommand[Type]}` : never)
  >;
};

/** A record's event as folds and readers see it; told apart by its type. */
export type RecordEvent<Base extends Pick<FoldedEvent, 'type' | 'data'> = FoldedEvent> = TypedEvent<
  StoredData,
  Base
>;

/** A record's event as it is stored. */
export type RecordEnvelope = RecordEvent<Envelope>;

/** A record's event of some types. */
export type EventOf<Type extends EventType> = TypedEvent<Pick<StoredData, Type>, FoldedEvent>;

/** The data of a record's event, whatever its type: every member that an event of some type has. */
export type AnyData = {
  readonly [Member in MemberOf<EventType>]?: {
    readonly [Type in EventType]: Member extends keyof StoredData[Type]
      ? Exclude<StoredData[Type][Member], undefined>
      : never;
  }[EventType];
};

type MemberOf<Type extends EventType> = Type extends EventType ? keyof StoredData[Type] : never;

/**
 * An event of a record's stream, typed. The one place where that is taken on trust: only what `decide` or an import made by the
 * map of `event-members.ts` is appended to such a stream, and to check each event again would cost every read of it.
 */
export const asRecordEvent = <Base extends Pick<FoldedEvent, 'type' | 'data'>>(
  event: Base,
): RecordEvent<Base> => event as unknown as RecordEvent<Base>;

/** The same of several. */
export const asRecordEvents = (stored: readonly Envelope[]): readonly RecordEnvelope[] =>
  stored as readonly RecordEnvelope[];
