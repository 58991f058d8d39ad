import type { FoldedEvent } from './folded-event.ts';
import type { Reason } from './refused.ts';
import type { Actor, JsonObject, Pointer, StateValue } from '#event-sourcing/envelope';
import type { EventShapes } from '#event-sourcing/upcasting';
import type { DatesCode, SummaryCode, TextsCode } from './summary.ts';
import type { Shape, Shapes } from './shapes.ts';

/** How a type of event is written: xstate, which decides by it, reads a star in one as all types. */
export const EVENT_TYPE = /^[A-Z][A-Za-z0-9]*(\.[a-z0-9-]+)?$/;

/** The most regions of a machine: xstate compares each two of those that take an event. */
export const REGIONS_MAX = 16;

/** A target state of the same region; from a region's own `on` it is written `.state`, as xstate has it. */
export type Transition = string | { readonly target: string; readonly guard: string };

export interface RegionConfig {
  readonly initial: string;
  /** Taken from every state of the region; none of them lists the event itself. */
  readonly on?: Readonly<Record<string, Transition>>;
  readonly states: Readonly<Record<string, { readonly on?: Readonly<Record<string, Transition>> }>>;
}

/**
 * A statechart as data, in the subset of xstate's configuration that a lifecycle may use: parallel regions of flat
 * states. Context, actions, delays, final states and nesting are refused: structure must stay able to replay old
 * history, and everything else is policy.
 */
export interface MachineConfig {
  readonly id: string;
  readonly type: 'parallel';
  readonly states: Readonly<Record<string, RegionConfig>>;
}

/** A guard as data: a region is in one of these states. */
export interface GuardDefinition {
  readonly region: string;
  readonly in: readonly string[];
}

/**
 * `first` makes the initial value and is legal only as version 1; `move` has one owning region and is legal when that
 * region takes it; `note` moves nothing and is always legal.
 */
export type EventKind =
  | { readonly kind: 'first' }
  | { readonly kind: 'note' }
  | {
      readonly kind: 'move';
      readonly owner: string;
      /** The regions whose last move this counts as when dates are compared; default those that it moves. */
      readonly countsFor?: readonly string[];
    };

/** The kind of an event that will take a record from one lifecycle, or version, to another; no definition has one yet. */
export const RESERVED_KIND = 'migration';

export type EventDefinition = EventKind & {
  readonly schemaVersion: number;
  /**
   * Pointers to members that hold free text, in definitions of early builds. Nothing reads them: an event's own commitments name what
   * can be erased of it.
   */
  readonly sensitive?: readonly Pointer[];
};

/** Types of events as a definition has them, without what each of them holds: a further member is no other definition. */
export const definitionsOf = <Type extends string>(
  shapes: Readonly<Record<Type, EventDefinition & Shape>>,
): Readonly<Record<Type, EventDefinition>> =>
  Object.fromEntries(
    Object.entries<EventDefinition & Shape>(shapes).map(([type, { members: _, sensitive: __, ...event }]) => [
      type,
      event,
    ]),
  ) as Record<Type, EventDefinition>;

/**
 * A lifecycle as data: all that replaying a history takes, and all that its digest is of. It can be written as JSON and read again.
 * Members besides these are data that the lifecycle's code reads; they belong to it, and so to its digest.
 */
export interface LifecycleDefinition {
  readonly name: string;
  readonly version: number;
  readonly machine: MachineConfig;
  readonly guards: Readonly<Record<string, GuardDefinition>>;
  readonly events: Readonly<Record<string, EventDefinition>>;
  /** The region whose state is the record's status. */
  readonly statusRegion: string;
}

/** What of a lifecycle is code, and no part of its digest: what policy needs to know, and how it says what it refuses. */
export interface LifecycleCode<Facts = unknown> {
  /** What its events hold, and how stored ones are read. */
  readonly shapes: EventShapes<Shapes>;
  /** What policy needs besides the machine's value, folded by a plain function. */
  readonly facts: {
    readonly initial: Facts;
    evolve(facts: Facts, event: FoldedEvent): Facts;
    /**
     * The effective dates of what a note decides on, replaces or takes back: a command's note is not effective before them. None
     * where it does none of this.
     */
    effectiveOnsOfEarlier?(facts: Facts, event: Pick<FoldedEvent, 'type' | 'data'>): readonly string[];
  };
  /** The body whose people act on the record as on their own; absent where records belong to no body. */
  body?(facts: Facts): string | null;
  /** Why what was decided for a stream cannot take effect on its day, in view of what it changes; null where it can. */
  notYet?(
    before: LifecycleState<Facts>,
    decided: {
      readonly events: readonly Pick<FoldedEvent, 'type' | 'data'>[];
      readonly effectiveOn: string;
      /** The state after the events; folded where it is asked for. */
      readonly after: () => LifecycleState<Facts>;
    },
    by: { readonly actor: Actor; readonly today: string },
  ): Reason | null;
  /**
   * What has become due by a day without a command, and is on no record yet: in the order in which it is recorded. It is recorded
   * before the next command on the stream is decided, unless a sweep did so before.
   */
  due?(facts: Facts, today: string): readonly DueEvent[];
  /** The types of events that do not change the state of a record; none if absent. */
  readonly asides?: ReadonlySet<string>;
  readonly beginning: Beginning;
  readonly fullness: Fullness;
  /** What lists say of records. */
  readonly summary?: SummaryCode;
  /** Where events say texts; nothing is found by texts of records whose lifecycle does not say it. */
  readonly texts?: TextsCode;
  /** Absent where records have no dates by which something is to be done. */
  readonly dates?: DatesCode;
}

/** Something that became due on a day. */
export interface DueEvent {
  readonly type: string;
  readonly data: JsonObject;
  readonly effectiveOn: string;
  /** Its name in the stream: what has the same name is recorded once. */
  readonly key: string;
}

/** What begins a stream, as a refusal of what would hold before it tells of it. */
export interface Beginning {
  /** The code of the refusal. */
  readonly code: string;
  /** As a sentence goes on: `the purchase`. */
  readonly what: string;
}

/** What is said and done of records that are full. */
interface Fullness {
  /** What such a record still takes, as a sentence ends. */
  readonly stillTaken: string;
  /** Some roles may use half of a record. */
  readonly share?: {
    /** Whose it is, as a sentence begins. */
    readonly what: string;
    isOf(role: string): boolean;
  };
}

/** A record's state: the machine's value, what policy needs besides, and when what last moved. */
export interface LifecycleState<Facts = unknown> {
  /** The name of the record's lifecycle. */
  readonly of: string;
  readonly value: StateValue;
  readonly facts: Facts;
  /** The body whose record it is, if any. */
  readonly body: string | null;
  /** The date on which the first event holds. */
  readonly firstOn: string;
  /** For each region that has moved: the effective date of its last move, in stream order. */
  readonly movedOn: Readonly<Record<string, string>>;
  /** How large the record is, in stream order. */
  readonly size: StreamSize;
  /** The effective dates of its events; null before the first. */
  readonly days: EffectiveDays | null;
}

/** Another record of the same kind that a command is about, before a payload names it. */
export interface OtherRecord<Facts = unknown> {
  /** Its id, as the state names it; null where it names none. */
  idOf(state: LifecycleState<Facts>): string | null;
  /** What that record says against the command, whatever the payload is; null for nothing. */
  against(
    other: { readonly id: string; readonly state: LifecycleState<Facts> },
    by: { readonly actor: Actor },
  ): Reason | null;
}

/** The effective dates of a stream's events, that of the last one first. */
export interface EffectiveDays {
  readonly on: string;
  /** The latest of them. */
  readonly latest: string;
  readonly before: EffectiveDays | null;
}

/** How many events a stream has, and how many bytes of sensitive values (UTF-8). */
export interface StreamSize {
  readonly events: number;
  readonly bytes: number;
  /** The part of those who may use half of it. */
  readonly theirs: { readonly events: number; readonly bytes: number };
}

/** An arrow as it is written: from a state, or once for all states of its region. */
export interface WrittenArrow {
  /** Where in the definition it is written. */
  readonly place: string;
  readonly region: string;
  /** Null where it leads from each state of the region. */
  readonly from: string | null;
  readonly event: string;
  readonly target: string;
  readonly guard: string | null;
}

/** One arrow of the chart. */
export interface Arrow extends WrittenArrow {
  readonly from: string;
  /** Whether it is written once at the region, and so leads from each of its states. */
  readonly shared: boolean;
}

type Charted = { readonly machine: Pick<MachineConfig, 'states'> };

/** The arrows as they are written, those of a region's states before those of the region itself. */
export function* writtenArrows({ machine }: Charted): Generator<WrittenArrow> {
  for (const [region, { on: shared, states }] of Object.entries(machine.states)) {
    for (const [from, { on }] of Object.entries(states))
      yield* arrowsAt(`machine.states.${region}.states.${from}`, { region, from }, on);
    yield* arrowsAt(`machine.states.${region}`, { region, from: null }, shared);
  }
}

/** Every arrow of the chart, with a region's own `on` spread over its states. */
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
    // At a region a target has a dot before it.
    yield {
      place: `${place}.on.${event}`,
      ...where,
      event,
      target: where.from === null ? target.replace(/^\./, '') : target,
      guard,
    };
  }
}
