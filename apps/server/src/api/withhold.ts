import { COMMAND_DIGEST } from '../../../../libs/event-sourcing/src/envelope.ts';
import type { Envelope, JsonObject } from '../../../../libs/event-sourcing/src/envelope.ts';
import { isInternalComment } from '../../../../state-machines/inspection-recommendation/v1/record.ts';
import type { Viewer } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';
import { readsInternal } from '../../../../state-machines/inspection-recommendation/v1/policy.ts';

const TEXT = '/data/text';

/**
 * Events as a person may read them: an internal comment's text is withheld from who does not read such, and with it
 * the salts, without which its commitments say nothing. The hash still proves the event.
 */
export function withheldFrom(viewer: Viewer, events: readonly Envelope[]): Envelope[] {
  return readsInternal(viewer) ? [...events] : events.map(withoutInternalText);
}

function withoutInternalText(event: Envelope): Envelope {
  if (!isInternalComment(event)) return event;
  const { text: _text, ...data } = event.data as JsonObject & { text?: string };
  // The digest of a keyed request is over the text as well.
  const { [TEXT]: _salt, [COMMAND_DIGEST]: _digestSalt, ...salts } = event.salts;
  return { ...event, data, salts };
}
