import type { Envelope } from '#event-sourcing/envelope';
import { streamDraft } from '#event-sourcing/event-store';
import type { EventDraft } from '#event-sourcing/event-store';
import type { TypedEvent } from '#event-sourcing/typed-event';
import { EventShapes } from '#event-sourcing/upcasting';

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

export type BodyEvent = TypedEvent<BodyEventData, Envelope>;

const shapes = new EventShapes(
  { BodyNamed: { schemaVersion: 1 } } satisfies Record<keyof BodyEventData, unknown>,
  {},
);

/**
 * An event of that stream as it is read: in today's shape, and typed; taken on trust, since nothing else is appended to it than
 * what is drafted here.
 * @throws UnknownShapeError
 */
export const asBodyEvent = (event: Envelope): BodyEvent => shapes.asToday(event) as BodyEvent;

export const bodyNamed = ({ slug, name, kind }: Body, day: string): EventDraft =>
  streamDraft('BodyNamed', { slug, name, kind } satisfies BodyEventData['BodyNamed'], day);

/** The bodies that are news to who knows some: those with no name yet, with another one, or of another kind. */
export const newsOfBodies = (known: ReadonlyMap<string, Body>, given: readonly Body[]): readonly Body[] =>
  given.filter(({ slug, name, kind }) => {
    const before = known.get(slug);
    return before?.name !== name || before.kind !== kind;
  });
