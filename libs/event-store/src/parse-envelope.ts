import type { Envelope } from '../../event-sourcing/src/envelope.ts';

/** A row of the log: its position (a database may give it as text), and the envelope's text. */
export type LogRow<Position extends number | string = number | string> = readonly [Position, string];

/** The envelope of a row. */
export function parseEnvelope([position, text]: LogRow): Envelope {
  try {
    const envelope = JSON.parse(text) as { position?: string };
    envelope.position = String(position);
    return envelope as Envelope;
  } catch (error) {
    throw new Error(`the event at position ${position} is not a readable envelope`, { cause: error });
  }
}
