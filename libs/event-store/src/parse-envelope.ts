import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { Redaction } from '#event-sourcing/event-store';
import { messageOf, StoreDamagedError } from '#event-sourcing/errors';
import type { DamagedPlace } from '#event-sourcing/errors';
import type { SealedEnvelope } from '#event-sourcing/sealer';

/** A row of the log: its position (which a database may return as text), and the text of the envelope. */
export type LogRow<Position extends number | string = number | string> = readonly [Position, string];

/**
 * Returns the text with which an envelope contains an event id. Other texts can contain it too, so results must be
 * filtered.
 */
export const eventIdText = (eventId: string): string => `"eventId":${JSON.stringify(eventId)}`;

/**
 * Returns the envelope of a row.
 * @throws StoreDamagedError
 */
export function parseEnvelope([position, text]: LogRow): Envelope {
  try {
    const envelope = envelopeOf(text) as { position?: string };
    envelope.position = String(position);
    return envelope as Envelope;
  } catch (error) {
    throw unreadableAt({ position: String(position), streamId: null, version: null }, error);
  }
}

/**
 * Returns the envelope at a place, without its position.
 * @throws StoreDamagedError
 */
export function storedEnvelope(text: string, place: DamagedPlace): SealedEnvelope {
  try {
    return envelopeOf(text) as SealedEnvelope;
  } catch (error) {
    throw unreadableAt(place, error);
  }
}

/**
 * Returns the parsed envelope.
 * @throws an error with the reason why the text is not an envelope.
 */
export function envelopeOf(text: string): object {
  const value: unknown = JSON.parse(text);
  assertEnvelope(value);
  return value;
}

/**
 * Throws if the value is not an envelope.
 * @throws TypeError
 */
export function assertEnvelope(value: unknown): asserts value is object {
  const { streamId, eventId } = (value ?? {}) as Record<string, unknown>;
  if (typeof value !== 'object' || typeof streamId !== 'string' || typeof eventId !== 'string') {
    throw new TypeError('it is not an event');
  }
}

/** Returns an error with the reason, without any stored text. */
export const unreadableAt = (place: DamagedPlace, cause: unknown): StoreDamagedError =>
  new StoreDamagedError(place, reasonOf(cause), { cause });

/** Returns the kind of a fault. A JSON parser's message would quote the text. */
export const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError || (error as Error | null)?.name === 'SyntaxError'
    ? 'its text is not JSON'
    : messageOf(error);

/**
 * Returns the events of a page's rows up to an unreadable one.
 * @throws StoreDamagedError if the first is unreadable.
 */
export function readableRows(rows: Iterable<LogRow>): Envelope[] {
  const envelopes: Envelope[] = [];
  try {
    for (const row of rows) envelopes.push(parseEnvelope(row));
  } catch (error) {
    if (envelopes.length === 0) throw error;
  }
  return envelopes;
}

/** Returns a redaction in the port's shape. */
export function redactionAt(event: Pick<Envelope, 'type' | 'data' | 'position' | 'streamId'>): Redaction {
  const named = redactionOf(event);
  if (named === null) throw new Error(`the event at position ${event.position} is not a valid redaction`);
  return { position: event.position, streamId: event.streamId, ...named };
}
