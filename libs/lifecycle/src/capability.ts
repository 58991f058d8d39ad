import type { JsonObject } from '#event-sourcing/envelope';
import { withKnownShape } from '#event-sourcing/known-shape';
import type { TypedEvent } from '#event-sourcing/typed-stream';
import type { Emits } from './deciding-machine.ts';
import { commandRow } from './decide.ts';
import type {
  CommandDefinition,
  CommandPayload,
  CommandTable,
  DecidedEvent,
  DecisionContext,
} from './decide.ts';
import type {
  EventDefinition,
  GuardDefinition,
  LifecycleState,
  RegionConfig,
} from './lifecycle-definition.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { Notices } from './notices.ts';
import type { DataOf, Shape, Shapes, StoredDataOf } from './shapes.ts';
import type { SummaryCode, SummaryPart, TextsCode } from './summary.ts';
import type { LifecycleWords } from './words.ts';

/** Returns the facts after an event; the same object if nothing changed. */
export type Fold<Slice> = <Facts extends Slice>(facts: Facts, event: FoldedEvent) => Facts;

/**
 * A part that lifecycles share: a lifecycle combines the capabilities that it uses. `Slice` is the part of the facts
 * that its commands need.
 */
export interface Capability<Slice extends object = object> {
  readonly events: Readonly<Record<string, EventDefinition & Shape>>;
  readonly regions?: Readonly<Record<string, RegionConfig>>;
  readonly guards?: Readonly<Record<string, GuardDefinition>>;
  readonly initial: Slice;
  fold(facts: Slice, event: FoldedEvent): Slice;
  /** Returns the effective dates of the earlier events that an event refers to. */
  effectiveOnsOfEarlier?(facts: Slice, event: Pick<FoldedEvent, 'type' | 'data'>): readonly string[];
  readonly commands: CommandTable<Slice>;
  readonly words: LifecycleWords;
  readonly texts?: TextsCode;
  readonly summary?: SummaryPart<Slice>;
  readonly notices?: Notices;
}

type TypeAndData = Pick<FoldedEvent, 'type' | 'data'>;

/** An event as a union discriminated by its type. */
export type EventOf<Of extends Shapes, Base extends TypeAndData = FoldedEvent> = TypedEvent<
  StoredDataOf<Of>,
  Base
>;

/** Returns a function that types events of these types, and returns null for others. */
export function readerOf<Of extends Shapes>(types: Of) {
  function read<Base extends TypeAndData>(event: Base): EventOf<Of, Base> | null;
  function read(event: TypeAndData): unknown {
    return Object.hasOwn(types, event.type) ? withKnownShape(types, event) : null;
  }
  return read;
}

/** The changes to a slice of facts, by event type. A change returns null if nothing changes. */
type Changes<Slice, Of extends Shapes> = {
  readonly [Type in keyof Of & string]?: (
    facts: Slice,
    event: EventOf<Pick<Of, Type>>,
  ) => Partial<Slice> | null;
};
type Change<Slice> = (facts: Slice, event: FoldedEvent) => Partial<Slice> | null;

/** Returns a fold that dispatches on the event's type. */
export function foldBy<Slice extends object, Of extends Shapes>(
  types: Of,
  changes: Changes<Slice, Of>,
): Fold<Slice> {
  // The cast is safe: an event of a type has that type's shape.
  const byType = new Map(Object.entries(changes) as [string, Change<Slice>][]);
  return (facts, event) => {
    const change = byType.get(event.type)?.(facts, withKnownShape(types, event)) ?? null;
    return change === null ? facts : { ...facts, ...change };
  };
}

interface RowOf<Facts, Of extends Shapes, Payload extends CommandPayload> extends CommandDefinition<
  Facts,
  Payload
> {
  readonly emits: Emits<keyof Of & string>;
  events(
    state: LifecycleState<Facts>,
    payload: Payload,
    context: DecisionContext<Facts>,
  ): readonly (DecidedEvent & TypedEvent<DataOf<Of>, DecidedEvent>)[];
}

export const rowOf = <Facts, Of extends Shapes, Payload extends CommandPayload>(
  row: RowOf<Facts, Of, Payload>,
): CommandDefinition<Facts> => commandRow(row);

/** Returns the event data of a payload, without the effective date and the ids that are only compared. */
export const eventData = <Payload extends CommandPayload & { readonly decides?: readonly string[] }>({
  effectiveOn: _,
  decides: __,
  ...data
}: Payload): Omit<Payload, 'effectiveOn' | 'decides'> => data;

type Intersection<Of> = (Of extends unknown ? (each: Of) => void : never) extends (each: infer All) => void
  ? All
  : never;
type Joined<Parts extends readonly Capability[], Member extends keyof Capability> = object &
  Intersection<Exclude<Parts[number][Member], undefined>>;

/** The type of several combined capabilities. Each event is folded by all of them in order. */
interface Combined<Parts extends readonly Capability[]> {
  readonly events: Joined<Parts, 'events'>;
  readonly regions: Readonly<Record<string, RegionConfig>>;
  readonly guards: Readonly<Record<string, GuardDefinition>>;
  readonly initial: Joined<Parts, 'initial'>;
  readonly fold: Fold<Joined<Parts, 'initial'>>;
  effectiveOnsOfEarlier(
    facts: Joined<Parts, 'initial'>,
    event: Pick<FoldedEvent, 'type' | 'data'>,
  ): readonly string[];
  readonly commands: Readonly<
    Record<keyof Joined<Parts, 'commands'> & string, CommandDefinition<Joined<Parts, 'initial'>>>
  >;
  readonly words: LifecycleWords;
  readonly texts: TextsCode;
  readonly summary: SummaryPart<Joined<Parts, 'initial'>>;
  readonly notices: Notices;
}

export function combineCapabilities<const Parts extends readonly Capability[]>(
  ...parts: Parts
): Combined<Parts> {
  type Facts = Joined<Parts, 'initial'>;
  const joined = <Member>(of: (part: Capability) => Readonly<Record<string, Member>> | undefined) =>
    Object.fromEntries(parts.flatMap((part) => Object.entries(of(part) ?? {})));
  return {
    events: joined(({ events }) => events) as Joined<Parts, 'events'>,
    regions: joined(({ regions }) => regions),
    guards: joined(({ guards }) => guards),
    initial: Object.assign({}, ...parts.map(({ initial }) => initial)) as Facts,
    fold: (facts, event) => parts.reduce((before, part) => part.fold(before, event) as typeof facts, facts),
    effectiveOnsOfEarlier: (facts, event) =>
      parts.flatMap((part) => part.effectiveOnsOfEarlier?.(facts, event) ?? []),
    commands: joined(({ commands }) => commands) as Combined<Parts>['commands'],
    texts: {
      ...parts.reduce<Partial<TextsCode>>((all, { texts }) => ({ ...all, ...texts }), {}),
      at: joined(({ texts }) => texts?.at),
    },
    words: {
      // The members that only one capability declares.
      ...parts.reduce<LifecycleWords>((all, { words }) => ({ ...all, ...words }), {}),
      states: joined(({ words }) => words.states),
      colours: joined(({ words }) => words.colours),
      regions: joined(({ words }) => words.regions),
      moves: joined(({ words }) => words.moves),
      commands: joined(({ words }) => words.commands),
      members: joined(({ words }) => words.members),
      ruleMembers: joined(({ words }) => words.ruleMembers),
      forms: joined(({ words }) => words.forms),
      headlines: joined(({ words }) => words.headlines),
      headlineMembers: parts.flatMap(({ words }) => words.headlineMembers ?? []),
      headlinesWithReason: parts.flatMap(({ words }) => words.headlinesWithReason ?? []),
      sweepEvents: parts.flatMap(({ words }) => words.sweepEvents ?? []),
    },
    notices: joined(({ notices }) => notices),
    summary: mergeSummaries(parts.flatMap(({ summary }) => summary ?? [])),
  };
}

/** Combines the parts of a summary; a member that a single part declares is used as it is. */
const mergeSummaries = <Facts>(parts: readonly SummaryPart<Facts>[]): SummaryPart<Facts> => ({
  ...parts.reduce<Partial<SummaryPart<Facts>>>((all, part) => ({ ...all, ...part }), {}),
  keeps: parts.flatMap(({ keeps }) => keeps),
  kept: (facts) => Object.assign({}, ...parts.map((part) => part.kept(facts))) as JsonObject,
  from: (kept) => Object.assign({}, ...parts.map((part) => part.from(kept))) as Partial<Facts>,
  waits: Object.fromEntries(parts.flatMap(({ waits }) => Object.entries(waits ?? {}))),
});

/** Returns the combined summary code of the capabilities. The summary is folded by the same code as the facts. */
export function summaryOf<Facts extends object>(
  capability: {
    readonly initial: Facts;
    fold(facts: Facts, event: FoldedEvent): Facts;
    readonly summary: SummaryPart<Facts>;
  },
  own: Pick<SummaryCode<Facts>, 'isClosed'> & Partial<SummaryCode<Facts>>,
): SummaryCode<Facts> {
  const { initial, summary } = capability;
  const members = summary.keeps as readonly (keyof Facts)[];
  return {
    initial,
    after(before, event) {
      const facts = capability.fold(before, event);
      if (facts === before) return before;
      const after = { ...initial };
      for (const member of members) after[member] = facts[member];
      return after;
    },
    ...summary,
    from: (kept) => ({ ...initial, ...summary.from(kept) }),
    ...own,
    waits: { ...summary.waits, ...own.waits },
  };
}
