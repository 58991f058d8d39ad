import type { Envelope, FormNumber } from './envelope.ts';
import { UnknownFormError } from './errors.ts';

/** The form in which events are sealed now; which rules each form is sealed by, `libs/audit/src/forms.ts` tells. */
export const FORM: FormNumber = 1;

/** Whether an envelope's number is that of a form which is known here. */
export const isKnownForm = (form: number): form is FormNumber => form === FORM;

/** What names an event, and its form; one that is decided and not stored yet has no form. */
type Formed = Partial<Pick<Envelope, 'envelope' | 'streamId' | 'version'>>;

/** @throws UnknownFormError where an event has a form that is not known here. */
export function refuseUnknownForm(event: Formed): void {
  const { envelope: form }: { readonly envelope?: number } = event;
  if (form !== undefined && !isKnownForm(form)) throw new UnknownFormError(unknownForm(event));
}

/** What is told of an event whose form is not known. */
export const unknownForm = ({ envelope, streamId, version }: Formed): string =>
  `Version ${version} of ${streamId} is sealed in form ${envelope}, which this build of Docket does not read; ` +
  `it reads form ${FORM}. Use a build that has it: a newer one wrote the event`;
