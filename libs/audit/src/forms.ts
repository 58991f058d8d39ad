import type { Envelope, FormNumber } from '#event-sourcing/envelope';
import { isKnownForm, refuseUnknownForm, unknownForm } from '#event-sourcing/forms';
import { examineForm1, hashOfForm1, saidIn } from './examine-event.ts';
import type { ExaminedEvent, Finding } from './examine-event.ts';

/** How events of one form are sealed. */
interface Form {
  readonly hash: (envelope: Envelope) => string;
  /** All that an event shows by itself. */
  readonly examine: (envelope: Envelope, isUnescaped: boolean) => ExaminedEvent;
}

/**
 * The forms of envelope by their numbers. One under which events were sealed is never changed: `forms.spec.ts` has events of each as they
 * were recorded. What is sealed in another way has another number, and another line here.
 */
const FORMS: Readonly<Record<FormNumber, Form>> = {
  1: { hash: hashOfForm1, examine: examineForm1 },
};

/**
 * The hash of what is sealed of an event.
 * @throws UnknownFormError
 */
export function envelopeHash(envelope: Envelope): string {
  refuseUnknownForm(envelope);
  return FORMS[envelope.envelope].hash(envelope);
}

/** @param isUnescaped as `canonicalJson` has it. */
export function examineEvent(envelope: Envelope, isUnescaped = false): ExaminedEvent {
  const form: number = envelope.envelope;
  return isKnownForm(form) ? FORMS[form].examine(envelope, isUnescaped) : notExamined(envelope);
}

/** Only what an event says of its place is taken from it, so that those behind it can be judged. */
function notExamined(envelope: Envelope): ExaminedEvent {
  return {
    said: saidIn(envelope),
    changed: notKnown(envelope),
    ...{ contentHash: null, values: null, missing: [], redaction: null, unsaltedCommand: null },
  };
}

const notKnown = (envelope: Envelope): Finding =>
  Number.isSafeInteger(envelope.envelope)
    ? { code: 'unknown-form', detail: unknownForm(envelope) }
    : { code: 'malformed', detail: 'it has not the form of an event: its envelope is no whole number' };
