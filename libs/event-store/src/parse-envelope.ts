import type { Envelope } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import type { Redaction } from '#event-sourcing/event-store';
import { messageOf, StoreDamagedError } from '#event-sourcing/errors';
import type { DamagedPlace } from '#event-sourcing/errors';
import type { SealedEnvelope } from '#event-sourcing/sealer';

/** A row of the log: its position (a database may give it as text), and the envelope's text. */
export type LogRow<Position extends number | string = number | string> = readonly [Position, string];

/** How an envelope's text says its id: so do the texts of those that name it, which are to be told apart. */
export const saidAs = (eventId: string): string => `"eventId":${JSON.stringify(eventId)}`;

/**
 * The envelope of a row.
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
 * The envelope at a place, without its position.
 * @throws StoreDamagedError
 */
export function storedEnvelope(text: string, place: DamagedPlace): SealedEnvelope {
  try {
    return envelopeOf(text) as SealedEnvelope;
  } catch (error) {
    throw unreadableAt(place, error);
  }
}

/** @throws what says in what the text is no envelope. */
export function envelopeOf(text: string): object {
  const value: unknown = JSON.parse(text);
  assertEnvelope(value);
  return value;
}

/** @throws TypeError where a value cannot be an envelope. */
export function assertEnvelope(value: unknown): asserts value is object {
  const { streamId, eventId } = (value ?? {}) as Record<string, unknown>;
  if (typeof value !== 'object' || typeof streamId !== 'string' || typeof eventId !== 'string') {
    throw new TypeError('it is no envelope');
  }
}

/** Why an event cannot be read; nothing of what stands there. */
export const unreadableAt = (place: DamagedPlace, cause: unknown): StoreDamagedError =>
  new StoreDamagedError(place, reasonOf(cause), { cause });

/** Only what kind of fault it is: what a parser says of JSON quotes the text. */
export const reasonOf = (error: unknown): string =>
  error instanceof SyntaxError || (error as Error | null)?.name === 'SyntaxError'
    ? 'what stands there is no JSON'
    : messageOf(error);

/**
 * Reads a page's rows until one cannot be read: what is before it is a page of its own, so that readers come as far as they can.
 * @throws StoreDamagedError where it is the first.
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

/** A redaction's event, as the port gives it. */
export function redactionAt(event: Pick<Envelope, 'type' | 'data' | 'position' | 'streamId'>): Redaction {
  const named = redactionOf(event);
  if (named === null) throw new Error(`the event at position ${event.position} names no erased values`);
  return { position: event.position, streamId: event.streamId, ...named };
}
