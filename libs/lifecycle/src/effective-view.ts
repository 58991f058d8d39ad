import type { Envelope, StateValue } from '#event-sourcing/envelope';
import { isPlainDate, londonDate, londonDay, parseInstant } from './plain-date.ts';
import { movedOn } from './lifecycle.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** Which facts a view takes: those that hold by the end of a day, and were stored by an instant. Null: all. */
export interface ViewPoint {
  /** A plain date. */
  readonly effectiveOn: string | null;
  /** An instant, ISO 8601 in UTC with milliseconds. */
  readonly knownAt: string | null;
}

/** Why a text names no instant as of which something can be known. */
export type NotKnown = 'no-instant' | 'in-future';

/**
 * The instant up to which a view knows: as it is named, or the end of a day in London; today's date is now.
 * What is to come is unknown to everyone.
 */
export function parseKnownAt(text: string, now: number): { readonly knownAt: string } | NotKnown {
  const knownAt = isPlainDate(text) ? knownByDay(text, now) : parseInstant(text);
  if (knownAt === null) return 'no-instant';
  return Date.parse(knownAt) > now ? 'in-future' : { knownAt };
}

const knownByDay = (day: string, now: number): string =>
  day === londonDate(now) ? new Date(now).toISOString() : londonDay(day).to;

/** A view, both of whose axes somebody may leave out: with an instant alone it is of the day that it was in London. */
export const viewPoint = (effectiveOn: string | null, knownAt: string | null): ViewPoint => ({
  effectiveOn: effectiveOn ?? (knownAt === null ? null : londonDate(knownAt)),
  knownAt,
});

export interface ViewStep<Facts, Event extends Envelope = Envelope> {
  readonly event: Event;
  readonly state: LifecycleState<Facts>;
}

/**
 * The events that a view takes, sorted by effective date and version, each with the state that the view has after it:
 * every region stands at the target of its last move in that order. The stream's first event is one of them whatever its date.
 * Empty before the earliest event, or where the record was not known yet.
 */
export function effectiveView<Facts, Event extends Envelope>(
  lifecycle: Lifecycle<Facts>,
  events: readonly Event[],
  { effectiveOn, knownAt }: ViewPoint,
): ViewStep<Facts, Event>[] {
  const known = events
    .filter((event) => knownAt === null || event.recordedAt <= knownAt)
    .sort((a, b) => compare(a.effectiveOn, b.effectiveOn) || a.version - b.version);
  const first = known.find(({ version }) => version === 1);
  const [earliest] = known;
  if (first === undefined || earliest === undefined) return [];
  if (effectiveOn !== null && earliest.effectiveOn > effectiveOn) return [];
  // What the record is about is said by its first event, also where an import dates others before it.
  const taken = known.filter(
    (event) => event === first || effectiveOn === null || event.effectiveOn <= effectiveOn,
  );

  const { definition } = lifecycle;
  let state = lifecycle.initialState(first.effectiveOn);
  return taken.map((event) => {
    const move = lifecycle.move(event.type);
    const value: StateValue = { ...state.value, ...move?.targets };
    const facts = definition.facts.evolve(state.facts, event);
    state = { ...state, value, facts, movedOn: movedOn(move, state.movedOn, event) };
    return { event, state };
  });
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
