import { TypedStream } from '#event-sourcing/typed-stream';
import { identifier } from '#lifecycle/fields';
import type { Form } from '#lifecycle/fields';
import { shape } from '#lifecycle/shapes';
import type { DataOf } from '#lifecycle/shapes';
import { SLUG } from '#lifecycle/text-rules';

/** The short name of a body. */
export const BODY_SLUG: Form = {
  matches: SLUG,
  says: 'must be a slug: small letters, digits and dashes',
  names: 'bodies',
};

/** What bodies are called, in one stream; it follows no lifecycle. */
export const BODIES_STREAM = 'bodies';

export const BODY_SHAPES = {
  /** That a body has a name, or has another one from now on. */
  BodyNamed: shape({
    slug: identifier('The body, as records name it.'),
    name: identifier('What people call it.'),
    kind: identifier('What sort of body, as a slug.'),
  }),
};

/** A body that inspections are of. */
export type Body = DataOf<typeof BODY_SHAPES>['BodyNamed'];

const events = new TypedStream<DataOf<typeof BODY_SHAPES>>(BODY_SHAPES);

/** An event of that stream as it is read. */
export const asBodyEvent = events.asToday;

export const bodyDraft = events.draft;

/** The bodies that are news to who knows some: those with no name yet, with another one, or of another kind. */
export const newsOfBodies = (known: ReadonlyMap<string, Body>, given: readonly Body[]): readonly Body[] =>
  given.filter(({ slug, name, kind }) => {
    const before = known.get(slug);
    return before?.name !== name || before.kind !== kind;
  });
