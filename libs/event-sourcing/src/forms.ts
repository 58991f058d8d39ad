import type { Envelope, FormNumber } from './envelope.ts';
import { UnknownFormError } from './errors.ts';

/** The form in which events are sealed. `libs/audit/src/forms.ts` has the rules of each form. */
export const FORM: FormNumber = 1;

/** Reports whether this build knows an envelope's form. */
export const isKnownForm = (form: number): form is FormNumber => form === FORM;

/** The identity of an event and its form. An unstored event has no form. */
type Formed = Partial<Pick<Envelope, 'envelope' | 'streamId' | 'version'>>;

/** Throws if this build does not know the event's form. @throws UnknownFormError */
export function refuseUnknownForm(event: Formed): void {
  const { envelope: form }: { readonly envelope?: number } = event;
  if (form !== undefined && !isKnownForm(form)) throw new UnknownFormError(unknownForm(event));
}

export const unknownForm = ({ envelope, streamId, version }: Formed): string =>
  `Version ${version} of ${streamId} is sealed in form ${envelope}, which this build of Docket cannot read; ` +
  `it reads form ${FORM}. A newer build wrote the event: use that build`;
