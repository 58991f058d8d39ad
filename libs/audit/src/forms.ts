import type { Envelope, FormNumber } from '#event-sourcing/envelope';
import { isKnownForm, refuseUnknownForm, unknownForm } from '#event-sourcing/forms';
import { hashOfForm1 } from './event-hashes.ts';
import { examineForm1, headerOf } from './examine-event.ts';
import type { ExaminedEvent, Finding } from './examine-event.ts';

/** The implementation of one envelope form. */
interface Form {
  readonly hash: (envelope: Envelope) => string;
  /** Examines an event without any other event. */
  readonly examine: (envelope: Envelope, isUnescaped: boolean) => ExaminedEvent;
}

/**
 * The envelope forms by number. A form that has sealed events never changes; `forms.spec.ts` contains
 * recorded events of each. A change of sealing needs a new form with a new number.
 */
const FORMS: Readonly<Record<FormNumber, Form>> = {
  1: { hash: hashOfForm1, examine: examineForm1 },
};

/**
 * Returns the hash that seals an envelope.
 * @throws UnknownFormError
 */
export function envelopeHash(envelope: Envelope): string {
  refuseUnknownForm(envelope);
  return FORMS[envelope.envelope].hash(envelope);
}

/**
 * Examines an event without any other event.
 * @param isUnescaped as for `canonicalJson`.
 */
export function examineEvent(envelope: Envelope, isUnescaped = false): ExaminedEvent {
  const form: number = envelope.envelope;
  return isKnownForm(form) ? FORMS[form].examine(envelope, isUnescaped) : notExamined(envelope);
}

/** Returns only the event's place, so that later events can be judged. */
function notExamined(envelope: Envelope): ExaminedEvent {
  return {
    header: headerOf(envelope),
    changed: unknownFormFinding(envelope),
    ...{ contentHash: null, values: null, missing: [], redaction: null, unsaltedCommand: null },
  };
}

const unknownFormFinding = (envelope: Envelope): Finding =>
  Number.isSafeInteger(envelope.envelope)
    ? { code: 'unknown-form', detail: unknownForm(envelope) }
    : { code: 'malformed', detail: 'it is not a valid event: its envelope is not a whole number' };
