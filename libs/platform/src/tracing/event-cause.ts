import type { Envelope } from '#event-sourcing/envelope';

/** The span that appended a command's events. */
export interface EventCause {
  readonly traceId: string;
  readonly spanId: string;
}

/** Matches a trace id in an event's correlation id. A UUID, with dashes, is not a trace id. */
const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Returns the id of the span that appends a command's events, derived from the command id; null for an id of another form. */
export const appendSpanId = (commandId: string): string | null =>
  UUID.test(commandId) ? commandId.replaceAll('-', '').slice(16) : null;

/** Returns the spans that appended these events, one for each traced command, up to a limit. */
export function causesOf(
  events: readonly Pick<Envelope, 'correlationId' | 'command'>[],
  limit: number,
): EventCause[] {
  const causes = new Map<string, EventCause>();
  for (const { correlationId: traceId, command } of events) {
    if (causes.size >= limit) break;
    if (!TRACE_ID.test(traceId) || causes.has(command.id)) continue;
    const spanId = appendSpanId(command.id);
    if (spanId !== null) causes.set(command.id, { traceId, spanId });
  }
  return [...causes.values()];
}
