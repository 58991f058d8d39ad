import type { FoldedEvent } from './folded-event.ts';
import type { Reason } from './refused.ts';
import type { Actor, JsonObject, StateValue } from '#event-sourcing/envelope';
import type { DatesCode, SummaryCode, TextsCode } from './summary.ts';
import type { Members } from './fields.ts';
import type { Shape, Shapes } from './shapes.ts';

/** The form of event types. A star is excluded because xstate treats it as a wildcard. */
export const EVENT_TYPE = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)?$/;

/** The most regions of a machine. xstate compares the regions that accept an event pairwise. */
export const REGIONS_MAX = 16;

/** A target state of the same region. In a region's own `on` it is written `.state`, as xstate requires. */
export type Transition = string | { readonly target: string; readonly guard: string };

export interface RegionConfig {
  readonly initial: string;
  /** Transitions from every state of the region. No state may declare the same event. */
  readonly on?: Readonly<Record<string, Transition>>;
  readonly states: Readonly<Record<string, { readonly on?: Readonly<Record<string, Transition>> }>>;
}

/**
 * A statechart as data, in the subset of xstate's configuration that a lifecycle may use: parallel regions of flat
 * states. Context, actions, delays, final states and nesting are refused, because the structure must be able to replay
 * old history. Everything else is policy.
 */
export interface MachineConfig {
  readonly id: string;
  readonly type: 'parallel';
  readonly states: Readonly<Record<string, RegionConfig>>;
}

/** A guard as data: it passes if the region is in one of these states. */
export interface GuardDefinition {
  readonly region: string;
  readonly in: readonly string[];
}

/**
 * `first` sets the initial value and is legal only as version 1; `move` belongs to one region and is legal when that
 * region accepts it; `note` moves nothing and is always legal.
 */
type EventKind =
  | { readonly kind: 'first' }
  | { readonly kind: 'note' }
  | {
      readonly kind: 'move';
      readonly owner: string;
      /** The regions whose last move this counts as when dates are compared; by default the regions that it moves. */
      readonly countsFor?: readonly string[];
    };

export type EventDefinition = EventKind & { readonly schemaVersion: number };

/** An event in a definition, with the paths of its required members: renaming one changes the digest. */
type DefinedEvent = EventDefinition & { readonly members?: readonly string[] };

/** Returns the event definitions with their required members, so that a new optional one does not change the digest. */
export const definitionsOf = <Type extends string>(
  shapes: Readonly<Record<Type, EventDefinition & Shape>>,
): Readonly<Record<Type, DefinedEvent>> =>
  Object.fromEntries(
    Object.entries<EventDefinition & Shape>(shapes).map(
      ([type, { members, sensitive: _, writes: __, ...event }]) => [
        type,
        { ...event, members: requiredIn(members) },
      ],
    ),
  ) as Record<Type, DefinedEvent>;

/** Returns the sorted paths of required members, such as `report/name`. */
function requiredIn(members: Members): readonly string[] {
  return Object.entries(members)
    .flatMap(([name, field]) => {
      const inner = field.kind === 'list' ? field.of : field;
      const below = inner.kind === 'object' ? requiredIn(inner.members) : [];
      return [...(field.optional === true ? [] : [name]), ...below.map((path) => `${name}/${path}`)];
    })
    .sort();
}

/**
 * A lifecycle as data: everything that replay needs and the digest covers. It can be converted to JSON and back. The
 * digest also covers any other members, which the lifecycle's code reads.
 */
export interface LifecycleDefinition {
  readonly name: string;
  readonly version: number;
  readonly machine: MachineConfig;
  readonly guards: Readonly<Record<string, GuardDefinition>>;
  readonly events: Readonly<Record<string, DefinedEvent>>;
  /** The region whose state is the record's status. */
  readonly statusRegion: string;
}

/**
 * The code of a lifecycle, which its digest does not cover: the facts for its policy and the messages of its refusals.
 */
export interface LifecycleCode<Facts = unknown> {
  /** The shapes of its events. */
  readonly shapes: Shapes;
  /** The data that policy needs in addition to the machine's value. */
  readonly facts: {
    readonly initial: Facts;
    evolve(facts: Facts, event: FoldedEvent): Facts;
    /**
     * Returns the effective dates of the events that a note decides on, replaces or withdraws. A command's note cannot
     * be effective before them.
     */
    effectiveOnsOfEarlier?(facts: Facts, event: Pick<FoldedEvent, 'type' | 'data'>): readonly string[];
  };
  /** Returns the body to which the record belongs; absent if records belong to no body. */
  body?(facts: Facts): string | null;
  /** Returns the reason why a decision cannot apply on its date; null if it can. */
  notYet?(
    before: LifecycleState<Facts>,
    decided: {
      readonly events: readonly Pick<FoldedEvent, 'type' | 'data'>[];
      readonly effectiveOn: string;
      /** Returns the state after the events; folded on demand. */
      readonly after: () => LifecycleState<Facts>;
    },
    by: { readonly actor: Actor; readonly today: string },
  ): Reason | null;
  /**
   * Returns the events that are due by a day and not recorded yet, in recording order. They need no command: a sweep or
   * the next command on the stream records them.
   */
  due?(facts: Facts, today: string): readonly DueEvent[];
  /** The event types that do not change a record's state; none if absent. */
  readonly asides?: ReadonlySet<string>;
  readonly beginning: Beginning;
  readonly fullness: Fullness;
  readonly summary: SummaryCode;
  /** The locations of the texts in events. Without it, text search does not find the records. */
  readonly texts?: TextsCode;
  /** The due dates; absent if records have none. */
  readonly dates?: DatesCode;
}

/** An event that became due on a day without a command. */
export interface DueEvent {
  readonly type: string;
  readonly data: JsonObject;
  readonly effectiveOn: string;
  /** The key, unique in the stream: an event with the same key is recorded once. */
  readonly key: string;
}

/** The start of a stream; earlier effective dates are refused. */
interface Beginning {
  /** The code of the refusal. */
  readonly code: string;
  /** The name of the first event within a sentence: `the purchase`. */
  readonly what: string;
}

/** The message for full records, and the roles that share the limit. */
interface Fullness {
  /** What a full record still accepts, as the end of a sentence. */
  readonly stillAccepted: string;
  /** Roles that may use half of a record. */
  readonly share?: {
    /** The owner of that half, as the start of a sentence. */
    readonly what: string;
    isOf(role: string): boolean;
  };
}

/** A record's state: the machine's value, the facts, and the dates of the last moves. */
export interface LifecycleState<Facts = unknown> {
  /** The name of the record's lifecycle. */
  readonly of: string;
  readonly value: StateValue;
  readonly facts: Facts;
  /** The record's body; null if it has none. */
  readonly body: string | null;
  /** The effective date of the first event. */
  readonly firstOn: string;
  /** For each region that has moved: the effective date of its last move, in stream order. */
  readonly movedOn: Readonly<Record<string, string>>;
  /** The size of the record. */
  readonly size: StreamSize;
}

/** The number of events of a stream, and the bytes of its sensitive values (UTF-8). */
export interface StreamSize {
  readonly events: number;
  readonly bytes: number;
  /** The part that the roles with half of the limit have used. */
  readonly theirs: { readonly events: number; readonly bytes: number };
}

/** An arrow as written: from one state, or from all states of its region. */
export interface WrittenArrow {
  /** Its location in the definition. */
  readonly place: string;
  readonly region: string;
  /** Null if it starts from every state of the region. */
  readonly from: string | null;
  readonly event: string;
  readonly target: string;
  readonly guard: string | null;
}

/** An arrow of the chart, from one state. */
export interface Arrow extends WrittenArrow {
  readonly from: string;
  /** True if it is declared once for the region and starts from each of its states. */
  readonly shared: boolean;
}

type Charted = { readonly machine: Pick<MachineConfig, 'states'> };

/** Yields the arrows as written, those of a region's states before those of the region itself. */
export function* writtenArrows({ machine }: Charted): Generator<WrittenArrow> {
  for (const [region, { on: shared, states }] of Object.entries(machine.states)) {
    for (const [from, { on }] of Object.entries(states))
      yield* arrowsAt(`machine.states.${region}.states.${from}`, { region, from }, on);
    yield* arrowsAt(`machine.states.${region}`, { region, from: null }, shared);
  }
}

/** Yields every arrow of the chart. A region's own `on` is expanded to its states. */
export function* arrowsOf(definition: Charted): Generator<Arrow> {
  const written = [...writtenArrows(definition)];
  for (const [region, { states }] of Object.entries(definition.machine.states)) {
    const own = written.filter((arrow) => arrow.region === region);
    for (const from of Object.keys(states))
      for (const arrow of own)
        if (arrow.from === null || arrow.from === from) yield { ...arrow, from, shared: arrow.from === null };
  }
}

function* arrowsAt(
  place: string,
  where: Pick<WrittenArrow, 'region' | 'from'>,
  on: Readonly<Record<string, Transition>> = {},
): Generator<WrittenArrow> {
  for (const [event, to] of Object.entries(on)) {
    const { target, guard } = typeof to === 'string' ? { target: to, guard: null } : to;
    // xstate requires a leading dot before a region's own target.
    yield {
      place: `${place}.on.${event}`,
      ...where,
      event,
      target: where.from === null ? target.replace(/^\./, '') : target,
      guard,
    };
  }
}
