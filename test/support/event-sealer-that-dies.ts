import { createSealer as createRealSealer } from '../../libs/audit/src/seal.ts';
import type { Sealer } from '../../libs/event-sourcing/src/sealer.ts';

/** A sealer that ends its thread, as a crash would, at an event with the text `die`. */
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
