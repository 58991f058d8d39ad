import type { Envelope } from './envelope.ts';
import { UnknownShapeError } from './errors.ts';
import { refuseUnknownForm } from './forms.ts';

/** The shapes of event types. */
type Types = Readonly<Record<string, { readonly schemaVersion: number }>>;

/** The parts of an event that identify its shape. An unstored event has no `schemaVersion`. */
type Shaped = Pick<Envelope, 'type'> &
  Partial<Pick<Envelope, 'envelope' | 'schemaVersion' | 'streamId' | 'version'>>;

/**
 * Returns the event if it has the shape that these types have. Other types are for the caller to refuse.
 * @throws UnknownShapeError, UnknownFormError
 */
export function withKnownShape<Event extends Shaped>(types: Types, event: Event): Event {
  refuseUnknownForm(event);
  const { type, schemaVersion } = event;
  const known = Object.hasOwn(types, type) ? types[type]?.schemaVersion : undefined;
  if (schemaVersion !== undefined && known !== undefined && schemaVersion !== known)
    throw new UnknownShapeError(
      `Version ${event.version} of ${event.streamId} is a ${type} of schemaVersion ${schemaVersion}, which this build of Docket cannot read; ` +
        `it reads ${known}. Use the build that wrote the event`,
    );
  return event;
}
