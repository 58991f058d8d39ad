import type { Pointer } from '#event-sourcing/envelope';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import { EventShapes } from '#event-sourcing/upcasting';
import type { DecidedEvent } from '#lifecycle/decide';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { ReadEvent } from '#lifecycle/lifecycles';
import type { ImportedDataOf, StoredDataOf } from '#lifecycle/shapes';
import { events, upcasters } from './events.ts';
import type { EventData, EventType } from './events.ts';

/** An event that a command or the sweep records. */
export type DecidedRecordEvent = TypedEvent<EventData, DecidedEvent>;

/** An event that an import records. */
export type ImportedRecordEvent = TypedEvent<ImportedDataOf<typeof events>, DecidedEvent>;

/** What each type of event says once it is stored: what can be erased, and what an import lacks, is not always there. */
export type StoredData = StoredDataOf<typeof events>;

/** A record's event as folds and readers see it; told apart by its type. */
export type RecordEvent<Base extends Pick<FoldedEvent, 'type' | 'data'> = FoldedEvent> = TypedEvent<
  StoredData,
  Base
>;

/** A record's event as it is read. */
export type RecordEnvelope = RecordEvent<ReadEvent>;

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

/** By what its stored events are read. */
export const shapes = new EventShapes(events, upcasters);

/**
 * An event of a record's stream as it is read: in today's shape, and typed. The one place where the type is taken on trust: only what
 * `decide` or an import made by the shapes of `events.ts` is appended to such a stream, and to check each event again would cost
 * every read of it.
 * @throws UnknownShapeError
 */
export function asRecordEvent(event: ReadEvent): RecordEnvelope;
export function asRecordEvent<Base extends Pick<FoldedEvent, 'type' | 'data'>>(
  event: Base,
): RecordEvent<Base>;
export function asRecordEvent(event: Pick<FoldedEvent, 'type' | 'data'>): unknown {
  return shapes.asToday(event);
}

/** The same of several that are stored. */
export const asRecordEvents = (stored: readonly ReadEvent[]): readonly RecordEnvelope[] =>
  stored.map((event) => asRecordEvent(event));

/**
 * Whether pointers of stored events, as a redaction names them, are of a value that is read at a pointer: what was recorded in an
 * older shape is named as it stands there.
 */
export const isNamed = (stored: readonly Pointer[], pointer: Pointer): boolean =>
  shapes.isNamed(stored, pointer);
