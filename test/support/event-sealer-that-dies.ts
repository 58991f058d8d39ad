import { createSealer as createRealSealer } from '#audit/seal';
import type { Sealer } from '#event-sourcing/sealer';

/** Returns a sealer that ends its thread, as a crash does, at an event with the text `die`. */
export function createSealer(): Sealer {
  const sealer = createRealSealer();
  return {
    eventId: (commandId, index) => sealer.eventId(commandId, index),
    seal(envelope, sensitive, request) {
      if (envelope.data['text'] === 'die') process.exit(3);
      return sealer.seal(envelope, sensitive, request);
    },
  };
}
