import type { Envelope } from '#event-sourcing/envelope';
import type { CommandRequest, EventStore } from '#event-sourcing/event-store';
import { CommandRefusedError } from './refused.ts';

/** How a stored event's request digest compares with a request; hashing is passed in. */
export type MatchesRequest = (event: Envelope, request: CommandRequest) => 'matches' | 'differs' | 'erased';

interface KeyedCall {
  readonly commandId: string;
  /** Null where the caller sent no Idempotency-Key. */
  readonly request: CommandRequest | null;
}

/**
 * What an earlier call under the same Idempotency-Key appended, or null where there was none.
 * @throws CommandRefusedError when that was another request, or cannot be told from another since its text was redacted.
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

/** @throws CommandRefusedError when the events were appended by another request under the same key. */
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

/** Taken for a repetition, another request would be swallowed: nothing would be done, and the answer would say it was. */
function keyOfRedacted({ eventId }: Envelope): CommandRefusedError {
  const detail =
    `This Idempotency-Key was used already, and recorded event ${eventId}; a text of that command was redacted since, ` +
    'so this request cannot be compared with it. Look at the event, and use a new key for a new request';
  return new CommandRefusedError('key-reused', 'idempotency-key-reused', detail);
}
