import type { IncomingMessage } from 'node:http';
import type { Random } from '#event-sourcing/random';
import type { RequestTraces } from './trace-requests.ts';

/** The forms of ids that programs generate: a UUID (RFC 9562), a ULID, and a trace id (W3C Trace Context). */
const GENERATED = [
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i,
  /^(?!0{32}$)[0-9a-f]{32}$/i,
];

/** A whole `traceparent` (W3C Trace Context, section 3.2), with its trace id. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The caller's correlation id where it has the form of a generated id, else the id of the trace where that is recorded, else a new one. It
 * is stored with every event and in the log, from which a text that somebody wrote could not be erased.
 */
export function correlationIdOf(
  request: IncomingMessage,
  traces: RequestTraces | null,
  random: Random,
): string {
  const traced = traces?.begin(request);
  return generatedId(request.headers['x-correlation-id']) ?? traced ?? random.uuid();
}

function generatedId(given: string | string[] | undefined): string | null {
  if (typeof given !== 'string') return null;
  return GENERATED.some((form) => form.test(given)) ? given : (TRACEPARENT.exec(given)?.[1] ?? null);
}
