import { TypedStream } from '#event-sourcing/typed-stream';
import { identifier } from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { SLUG } from '#lifecycle/text-rules';

export const BODY_SLUG_MESSAGE = 'must be a slug: lower-case letters, digits and dashes';

/** The short name of a body. */
export const BODY_SLUG: Form = {
  matches: SLUG,
  message: BODY_SLUG_MESSAGE,
  names: 'bodies',
};

/** The stream of all bodies' names; it follows no lifecycle. */
export const BODIES_STREAM = 'bodies';

export const BODY_SHAPES = {
  /** A new body, or another name of a known one. */
  BodyNamed: shape({
    slug: identifier('The slug of the body.'),
    name: identifier('The name of the body.'),
    kind: identifier('The kind of body, as a slug.'),
  }),
};

/** An inspected body. */
export type Body = DataOf<typeof BODY_SHAPES>['BodyNamed'];

const events = new TypedStream<DataOf<typeof BODY_SHAPES>>(BODY_SHAPES);

/** Returns an event of the stream, typed. */
export const asBodyEvent = events.read;

export const bodyDraft = events.draft;

/** Returns the bodies that are new, or whose name or kind differs from the known one. */
export const newsOfBodies = (known: ReadonlyMap<string, Body>, named: readonly Body[]): readonly Body[] =>
  named.filter(({ slug, name, kind }) => {
    const before = known.get(slug);
    return before?.name !== name || before.kind !== kind;
  });
