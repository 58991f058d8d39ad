import type { Envelope } from '#event-sourcing/envelope';
import type { CommandRequest, EventStore } from '#event-sourcing/event-store';
import { CommandRefusedError } from './refused.ts';

/** Reports whether a stored event's request digest matches a request; hashing is injected. */
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

/**
 * Throws if another request with the same key appended the events.
 * @throws CommandRefusedError
 */
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
  const detail = 'This Idempotency-Key was used for a different request; use a new key for a new request';
  return new CommandRefusedError('key-reused', 'idempotency-key-reused', detail);
}

/**
 * Returns the refusal if the request cannot be compared. Accepting a different request as a repetition would lose its
 * effect.
 */
function keyOfRedacted({ eventId }: Envelope): CommandRefusedError {
  const detail =
    `This Idempotency-Key was already used for event ${eventId}; a text of that command has been redacted, ` +
    'so this request cannot be compared with it. Check the event, and use a new key for a new request';
  return new CommandRefusedError('key-reused', 'idempotency-key-reused', detail);
}
