import type { Actor, JsonObject, Origin, Pointer } from '#event-sourcing/envelope';

/**
 * The parts of an event that a fold may read: only those that exist before the event is stored. Its version is the one
 * at which it will be appended.
 */
export interface FoldedEvent {
  readonly eventId: string;
  /** The version in its stream, from 1. In effective order versions are not consecutive. */
  readonly version: number;
  readonly type: string;
  /** Set on stored events: the version of the shape of its data. Unstored events have the current one. */
  readonly schemaVersion?: number;
  readonly effectiveOn: string;
  /** An instant, ISO 8601 in UTC. */
  readonly recordedAt: string;
  readonly origin: Origin;
  readonly actor: Actor;
  /** The decision, with the role that permitted the command; null if no command was decided. */
  readonly decision: { readonly role: string } | null;
  readonly data: JsonObject;
  /** Set on stored events: the members that may have been erased, by pointer. */
  readonly commitments?: Readonly<Record<Pointer, string>>;
  /** Set on unstored events: the pointers of the members that can be erased. */
  readonly sensitive?: readonly Pointer[];
}
