import type { Actor, JsonObject, Origin, Pointer } from '#event-sourcing/envelope';

/** What a fold may look at: nothing that is known only once the event is stored, its version being that at which it is appended. */
export interface FoldedEvent {
  readonly eventId: string;
  /** In its stream, from 1: a view folds in effective order, where it is not the one before plus one. */
  readonly version: number;
  readonly type: string;
  /** Of a stored event: the shape of its data. What is decided and not stored yet has today's. */
  readonly schemaVersion?: number;
  readonly effectiveOn: string;
  /** An instant, ISO 8601 in UTC. */
  readonly recordedAt: string;
  readonly origin: Origin;
  readonly actor: Actor;
  /** The role under which it was allowed; null where no command was decided. */
  readonly decision: { readonly role: string } | null;
  readonly data: JsonObject;
  /** Of a stored event: its members that may be erased meanwhile, by pointer. */
  readonly commitments?: Readonly<Record<Pointer, string>>;
  /** Of what is decided and not stored yet: the pointers of what can be erased of its type. */
  readonly sensitive?: readonly Pointer[];
}
