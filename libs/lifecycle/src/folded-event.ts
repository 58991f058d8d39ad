import type { Decision, Envelope, Pointer } from '#event-sourcing/envelope';

/**
 * The parts of an event that a fold may read: only those that exist before the event is stored. Its version is the one
 * at which it will be appended.
 */
export interface FoldedEvent
  extends
    Pick<
      Envelope,
      'eventId' | 'version' | 'type' | 'effectiveOn' | 'recordedAt' | 'origin' | 'actor' | 'data'
    >,
    // Set on stored events. Unstored ones have the current shape.
    Partial<Pick<Envelope, 'schemaVersion' | 'commitments'>> {
  /** The decision, with the role that permitted the command; null if no command was decided. */
  readonly decision: Pick<Decision, 'role'> | null;
  /** The command that recorded it; absent in a trial fold. */
  readonly command?: Pick<Envelope['command'], 'name'>;
  /** Set on unstored events: the pointers of the members that can be erased. */
  readonly sensitive?: readonly Pointer[];
}
