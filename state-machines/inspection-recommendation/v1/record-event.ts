import type { TypedEvent } from '#event-sourcing/typed-stream';
import { withKnownShape } from '#event-sourcing/known-shape';
import type { DecidedEvent } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { ImportedDataOf, StoredDataOf } from '#lifecycle/shapes';
import { events } from './events.ts';
import type { EventData, EventType } from './events.ts';

/** An event that a command or the sweep records. */
export type DecidedRecordEvent = TypedEvent<EventData, DecidedEvent>;

/** An event that an import records. */
export type ImportedRecordEvent = TypedEvent<ImportedDataOf<typeof events>, DecidedEvent>;

/** The data of each stored event type. Members that are erasable or that imports leave out are optional. */
export type StoredData = StoredDataOf<typeof events>;

/** A record's event for folds and readers, discriminated by its type. */
export type RecordEvent<Base extends Pick<FoldedEvent, 'type' | 'data'> = FoldedEvent> = TypedEvent<
  StoredData,
  Base
>;

/** A record's event as it is read. */
export type RecordEnvelope = RecordEvent<ReadEvent>;

/** An event of these types. */
export type EventOf<Type extends EventType> = TypedEvent<Pick<StoredData, Type>, FoldedEvent>;

/** The members of all event types, for reading an event of any type. */
export type AnyData = {
  readonly [Member in MemberOf<EventType>]?: {
    readonly [Type in EventType]: Member extends keyof StoredData[Type]
      ? Exclude<StoredData[Type][Member], undefined>
      : never;
  }[EventType];
};

type MemberOf<Type extends EventType> = Type extends EventType ? keyof StoredData[Type] : never;

/**
 * Returns an event of a record's stream, typed. The cast is the only unchecked one: such a stream contains
 * only events that `decide` or an import created from the shapes of `events.ts`, and checking them at each read would
 * be slow.
 * @throws UnknownShapeError
 */
export function asRecordEvent(event: ReadEvent): RecordEnvelope;
export function asRecordEvent<Base extends Pick<FoldedEvent, 'type' | 'data'>>(
  event: Base,
): RecordEvent<Base>;
export function asRecordEvent(event: Pick<FoldedEvent, 'type' | 'data'>): unknown {
  return withKnownShape(events, event);
}

export const asRecordEvents = (stored: readonly ReadEvent[]): readonly RecordEnvelope[] =>
  stored.map((event) => asRecordEvent(event));
