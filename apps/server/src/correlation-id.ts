import type { IncomingMessage } from 'node:http';
import type { Random } from '#event-sourcing/random';

/** Formats of generated ids: UUID (RFC 9562), ULID, and trace id (W3C Trace Context). */
const GENERATED = [
  /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i,
  /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i,
  /^(?!0{32}$)[0-9a-f]{32}$/i,
];

/** A `traceparent` header (W3C Trace Context, section 3.2); captures the trace id. */
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Returns the caller's correlation id if it has the format of a generated id, else a new id.
 * The id is stored in every event and cannot be erased, so free text is not accepted.
 */
export const correlationIdOf = ({ headers }: Pick<IncomingMessage, 'headers'>, random: Random): string =>
  generatedId(headers['x-correlation-id']) ?? random.uuid();

function generatedId(value: string | string[] | undefined): string | null {
  if (typeof value !== 'string') return null;
  return GENERATED.some((form) => form.test(value)) ? value : (TRACEPARENT.exec(value)?.[1] ?? null);
}
