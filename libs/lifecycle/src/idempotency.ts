import type { Envelope } from '#event-sourcing/envelope';
import type { CommandRequest, EventStore } from '#event-sourcing/event-store';
import { CommandRefusedError } from './refused.ts';

/** Compares a stored event's request digest with a request; hashing is injected. */
export type MatchesRequest = (event: Envelope, request: CommandRequest) => 'matches' | 'differs' | 'erased';

interface KeyedCall {
  readonly commandId: string;
  /** Null if the caller sent no Idempotency-Key. */
  readonly request: CommandRequest | null;
}

/**
 * Returns the events that an earlier call under the same Idempotency-Key appended; null if there was none.
 * @throws CommandRefusedError if that was another request, or cannot be compared because its text was redacted.
 */
export async function repeatedEvents(
  store: EventStore,
  matchesRequest: MatchesRequest,
  call: KeyedCall,
): Promise<readonly Envelope[] | null> {
  if (call.request === null) return null;
  const events = await store.findCommand(call.commandId);
  if (events.length === 0) return null;
  refuseOtherRequest(matchesRequest, call, events);
  return events;
}

/** @throws CommandRefusedError if another request under the same key appended the events. */
export function refuseOtherRequest(
  matchesRequest: MatchesRequest,
  { request }: KeyedCall,
  [first]: readonly Envelope[],
): void {
  if (first === undefined || request === null) return;
  const verdict = matchesRequest(first, request);
  if (verdict === 'matches') return;
  throw verdict === 'erased' ? keyOfRedacted(first) : keyReused();
}

function keyReused(): CommandRefusedError {
  const detail = 'This Idempotency-Key was used for another request; use a new key for a new request';
  return new CommandRefusedError('key-reused', 'idempotency-key-reused', detail);
}

/** If another request were accepted as a repetition, its effect would be lost and reported as done. */
function keyOfRedacted({ eventId }: Envelope): CommandRefusedError {
  const detail =
    `This Idempotency-Key was already used for event ${eventId}; a text of that command has been redacted, ` +
    'so this request cannot be compared with it. Check the event, and use a new key for a new request';
  return new CommandRefusedError('key-reused', 'idempotency-key-reused', detail);
}
