import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { Redaction } from '#event-sourcing/event-store';
import { messageOf, StoreDamagedError } from '#event-sourcing/errors';
import type { DamagedPlace } from '#event-sourcing/errors';
import type { SealedEnvelope } from '#event-sourcing/sealer';

/** A row of the log: its position (which a database may return as text), and the envelope's text. */
export type LogRow<Position extends number | string = number | string> = readonly [Position, string];

/** Returns an id as envelopes contain it; texts that refer to the id contain it, too, and must be filtered out. */
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

/** @throws an error that says why the text is not an envelope. */
export function envelopeOf(text: string): object {
  const value: unknown = JSON.parse(text);
  assertEnvelope(value);
  return value;
}

/** @throws TypeError if the value is not an envelope. */
export function assertEnvelope(value: unknown): asserts value is object {
  const { streamId, eventId } = (value ?? {}) as Record<string, unknown>;
  if (typeof value !== 'object' || typeof streamId !== 'string' || typeof eventId !== 'string') {
    throw new TypeError('it is not an event');
  }
}

/** Returns an error with the reason, and without any stored text. */
export const unreadableAt = (place: DamagedPlace, cause: unknown): StoreDamagedError =>
  new StoreDamagedError(place, reasonOf(cause), { cause });

/** Returns only the kind of a fault: a JSON parser's message quotes the text. */
export const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError || (error as Error | null)?.name === 'SyntaxError'
    ? 'its text is not JSON'
    : messageOf(error);

/**
 * Reads a page's rows up to an unreadable one, so that readers get as far as they can.
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

/** Returns a redaction's event in the port's shape. */
export function redactionAt(event: Pick<Envelope, 'type' | 'data' | 'position' | 'streamId'>): Redaction {
  const named = redactionOf(event);
  if (named === null) throw new Error(`the event at position ${event.position} is not a valid redaction`);
  return { position: event.position, streamId: event.streamId, ...named };
}
