import { TypedStream } from '#event-sourcing/typed-stream';

/** What bodies are called, in one stream; it follows no lifecycle. */
export const BODIES_STREAM = 'bodies';

/** A body that inspections are of, as people call it. */
export type Body = {
  /** As records name it. */
  readonly slug: string;
  readonly name: string;
  /** What sort of body it is, as a slug: `police-force`. */
  readonly kind: string;
};

/** What the events of that stream say. */
export type BodyEventData = {
  /** That a body has a name, or has another one from now on. */
  readonly BodyNamed: Body;
};

const events = new TypedStream<BodyEventData>({ BodyNamed: { schemaVersion: 1 } });

/** An event of that stream as it is read. */
export const asBodyEvent = events.asToday;

export const bodyDraft = events.draft;

/** The bodies that are news to who knows some: those with no name yet, with another one, or of another kind. */
export const newsOfBodies = (known: ReadonlyMap<string, Body>, given: readonly Body[]): readonly Body[] =>
  given.filter(({ slug, name, kind }) => {
    const before = known.get(slug);
    return before?.name !== name || before.kind !== kind;
  });
