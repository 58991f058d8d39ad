import type { Actor, Decision, Envelope, JsonObject, Origin, Pointer } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { AskedOfMachine, Emits } from './deciding-machine.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Reason, RefusalMembers } from './refused.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { LifecycleState, OtherRecord } from './lifecycle-definition.ts';
import type { Services } from './services.ts';
import type { PayloadShape } from './shapes.ts';
import { IllegalEventError, IllegalTransitionError } from './statechart.ts';

/** Members that every command's payload may carry. */
export interface CommandPayload {
  /** The plain date on which the fact holds; today where it is absent. */
  readonly effectiveOn?: string | undefined;
}

/** The states of other streams, by stream; null where there is none, or none that the caller may see. */
export type OtherStates<Facts = unknown> = ReadonlyMap<string, LifecycleState<Facts> | null>;

/** Everything about the outside that a decision may look at. */
export interface DecisionContext<Facts = unknown> {
  readonly actor: Actor;
  /** The bodies that the actor belongs to. */
  readonly organisations: readonly string[];
  /** The same without the organisations of those who run the service. */
  readonly bodies: readonly string[];
  /** The role under which the command is given. */
  readonly role: string;
  /** The plain date at the moment of the command. */
  readonly today: string;
  /** The stream that the command is for. */
  readonly streamId: string;
  /** The streams that the command asked for (`nextStream`). */
  readonly others: OtherStates<Facts>;
  /** The lifecycle of another stream; all follow that of the command's own where it is absent. */
  readonly lifecycleOf?: (streamId: string) => Lifecycle<Facts>;
  /** The stream's events, where the command asked for them (`history`), without texts but those it needs; else empty. */
  readonly history: readonly Envelope[];
  readonly services: Services;
  /** The id that the event at an index of those gets that are decided for the command's own stream. */
  readonly eventIdAt: (index: number) => string;
}

/** Something asked of the state and the person before a command is allowed. Its code goes on record. */
export interface Guard<Facts = unknown> {
  readonly code: string;
  holds(state: LifecycleState<Facts>, actor: Actor, role: string): boolean;
  /** Why it does not hold, and what would help; a sentence for people. */
  detail(state: LifecycleState<Facts>): string;
}

/** Who asks, in which role, and on which day. */
export type Asking = Pick<DecisionContext, 'actor' | 'bodies' | 'role' | 'today'>;

/** What the rules refuse whatever the payload is, so that it is told before there is one. A refusal is as that of a rule. */
export interface Foreseen<Facts = unknown> {
  readonly code: string;
  readonly kind: 'state' | 'people' | 'rule';
  /** Whether the refusal has this code instead of its kind's; one of kind `rule` always has. */
  readonly hasOwnCode?: true;
  holds(state: LifecycleState<Facts>, asking: Asking): boolean;
  detail(state: LifecycleState<Facts>): string;
}

/** The rule that refuses what is foreseen, where no payload can change it. */
export const asRule = <Facts>(foreseen: Foreseen<Facts>): Rule<Facts, unknown> => ({
  code: foreseen.code,
  ...(foreseen.kind !== 'rule' && { kind: foreseen.kind }),
  ...(foreseen.hasOwnCode && { hasOwnCode: true }),
  holds: (state, _, context) => foreseen.holds(state, context),
  detail: (state) => foreseen.detail(state),
});

/** A rule over the payload. A refusal has the rule's own code, unless the rule is of another kind. */
export interface Rule<Facts, Payload> {
  readonly code: string;
  /** `role` refuses as a role that is not permitted does, `state` and `people` as guards do; `invalid` is a payload that this state asks more of. */
  readonly kind?: 'role' | 'state' | 'people' | 'invalid';
  /** Whether the refusal has the rule's code instead of its kind's. */
  readonly hasOwnCode?: true;
  /** The member of the payload that is in the way. */
  readonly pointer?: Pointer;
  holds(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): boolean;
  detail(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): string;
  /** What the refusal says besides, for programs. */
  members?(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): RefusalMembers;
}

export interface DecidedEvent {
  readonly type: string;
  readonly data: JsonObject;
  /** Where it is not the command's own. */
  readonly effectiveOn?: string;
  /** Where it belongs to one of the other streams that the command asked for. */
  readonly streamId?: string;
  /** Where something that is decided with it names it: the id that it was said to get. */
  readonly eventId?: string;
}

/** Something that only some of a command's roles may ask for. */
interface NarrowedAsk {
  /** As a sentence begins: `A whisper`. */
  readonly what: string;
  readonly roles: readonly string[];
  /** What the others may do instead, as a sentence ends. */
  readonly instead: string;
}

/** The events that a command records: each move, and of the notes those that there are. */
export const all = <Type extends string>(...types: readonly Type[]): Emits<Type> => ({ all: types });

/** The events of which a command records one, as its payload says. */
export const oneOf = <Type extends string>(...types: readonly Type[]): Emits<Type> => ({ oneOf: types });

/**
 * One row of the policy: who may do what, and which events record it. In which states it is possible is the machine's to say: where
 * it takes the events (`emits`), and where the guard holds that is named (`when`).
 */
export interface CommandDefinition<
  Facts,
  Payload extends CommandPayload = CommandPayload,
> extends AskedOfMachine {
  readonly summary: string;
  readonly payload: PayloadShape<Payload>;
  readonly roles: readonly string[];
  /** Where a payload asks for something that fewer may do than the command; else null. */
  narrowed?(payload: Payload): NarrowedAsk | null;
  /** What it leaves on other streams. */
  readonly emitsElsewhere?: readonly string[];
  /** Asked of the facts, which the machine does not know: a refusal is `command-not-allowed`. */
  readonly state?: readonly Guard<Facts>[];
  /** Asked of the person, never of the role: a refusal is `separation-of-duties`. */
  readonly people?: readonly Guard<Facts>[];
  readonly rules?: readonly Rule<Facts, Payload>[];
  /** What the rules refuse whatever the payload is. */
  readonly foreseen?: readonly Foreseen<Facts>[];
  readonly otherRecord?: OtherRecord<Facts>;
  /** Whether it is taken on a record that is full. */
  readonly whenFull?: true;
  /**
   * Where the decision looks at the stream's events: which of them it needs with their texts, by their ids. It is given all of
   * them without.
   */
  history?(payload: Payload, withoutTexts: readonly Envelope[]): readonly string[];
  /** A stream of no lifecycle by whose events `nextStream` goes; null where there is none to look at. */
  index?(state: LifecycleState<Facts>): string | null;
  /**
   * The next stream that the decision depends on, given those that are loaded; null when that is all. What is decided is
   * stored only if none of them has changed meanwhile.
   */
  nextStream?(
    payload: Payload,
    streamId: string,
    loaded: OtherStates<Facts>,
    index: readonly Envelope[],
  ): string | null;
  events(
    state: LifecycleState<Facts>,
    payload: Payload,
    context: DecisionContext<Facts>,
  ): readonly DecidedEvent[];
}

export type CommandTable<Facts = unknown> = Readonly<Record<string, CommandDefinition<Facts>>>;

/** A row of a table, checked against its own payload. */
export const commandRow = <Facts, Payload extends CommandPayload>(
  command: CommandDefinition<Facts, Payload>,
): CommandDefinition<Facts> =>
  // A table holds rows of different payloads; a row is only ever called with what its own payload's shape validated.
  command;

export interface Refusal {
  /** Which kind of rule refused; it decides the answer's status. */
  readonly kind: 'role' | 'invalid' | 'state' | 'people' | 'rule';
  readonly reason: Reason;
}

export interface Allowed {
  readonly allowed: true;
  readonly decision: Decision;
  readonly events: readonly DecidedEvent[];
  readonly effectiveOn: string;
}

export type Decided = Allowed | { readonly allowed: false; readonly refusal: Refusal };

/**
 * What a command does to a state: the events that record it, or why it is refused. Reads no clock, draws no number.
 * The roles are asked before (`permittedRoles`), since a known Idempotency-Key is answered between the two. Who holds
 * several may do what each of them may; a refusal is that of the first.
 */
export function decide<Facts, Payload extends CommandPayload>(
  lifecycle: Lifecycle<Facts>,
  command: CommandDefinition<Facts, Payload>,
  roles: readonly string[],
  state: LifecycleState<Facts>,
  payload: Payload,
  context: Omit<DecisionContext<Facts>, 'role'>,
): Decided {
  const decisions = roles.map((role) => decideAs(lifecycle, command, state, payload, { ...context, role }));
  const [first] = decisions;
  if (first === undefined) throw new Error('A command is decided for one role at least');
  return decisions.find(({ allowed }) => allowed) ?? first;
}

function decideAs<Facts, Payload extends CommandPayload>(
  lifecycle: Lifecycle<Facts>,
  command: CommandDefinition<Facts, Payload>,
  state: LifecycleState<Facts>,
  payload: Payload,
  context: DecisionContext<Facts>,
): Decided {
  const broken = (command.rules ?? []).filter((rule) => !rule.holds(state, payload, context));
  const ofKind = (kind: Refusal['kind']): Refusal[] =>
    broken
      .filter((rule) => (rule.kind ?? 'rule') === kind)
      .map((rule) => ruleRefusal(rule, state, payload, context));
  const guards = stateReasons(lifecycle, command, state, context);
  const [first] = [
    ...ofKind('role'),
    ...ofKind('invalid'),
    ...guards.filter(({ kind }) => kind === 'state'),
    ...ofKind('state'),
    ...guards.filter(({ kind }) => kind === 'people'),
    ...ofKind('people'),
    ...ofKind('rule'),
  ];
  if (first !== undefined) return { allowed: false, refusal: first };
  const effectiveOn = payload.effectiveOn ?? context.today;
  const events = command.events(state, payload, context);
  const impossible = impossibleChoice(lifecycle, command, state, events, context.streamId);
  if (impossible !== null) return { allowed: false, refusal: impossible };
  const reason =
    futureReason(effectiveOn, context.today) ??
    [...byStream(context.streamId, state, events, context.others)]
      .map(([streamId, part]) => {
        const own =
          streamId === context.streamId ? lifecycle : (context.lifecycleOf?.(streamId) ?? lifecycle);
        return (
          orderReason(own, part.state, part.events, { effectiveOn, today: context.today }) ??
          notYetReason(own, part, effectiveOn, context)
        );
      })
      .find((found) => found !== undefined);
  if (reason !== undefined) return { allowed: false, refusal: { kind: 'rule', reason } };
  const asked = [...(command.state ?? []), ...(command.people ?? []), ...(command.rules ?? [])];
  // What can be asked before a payload is known is asked again of what it names.
  const askedOnce = [...new Set(asked.map(({ code }) => code))];
  return { allowed: true, decision: { role: context.role, guards: askedOnce }, events, effectiveOn };
}

/** The types of the events that a command can record on its own stream. */
export const typesOf = ({ emits }: AskedOfMachine): readonly string[] =>
  'oneOf' in emits ? emits.oneOf : emits.all;

/**
 * Why the event that a payload chose of several is not possible now; null where it is.
 * @throws IllegalTransitionError for an event that the row does not declare.
 */
function impossibleChoice<Facts>(
  lifecycle: Lifecycle<Facts>,
  command: Pick<CommandDefinition<Facts>, 'emits' | 'emitsElsewhere'>,
  state: LifecycleState<Facts>,
  events: readonly DecidedEvent[],
  own: string,
): Refusal | null {
  const { emits, emitsElsewhere = [] } = command;
  for (const { type, streamId = own } of events) {
    if (!(streamId === own ? typesOf(command) : emitsElsewhere).includes(type))
      throw new IllegalTransitionError(`A command decided ${type}, which its row does not declare`);
    if (streamId !== own || !('oneOf' in emits)) continue;
    const refusal = machineRefusal(lifecycle, { emits: all(type) }, state);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** What the machine says against a command in a state; null where it takes it. */
function machineRefusal(
  { whyNot }: Pick<Lifecycle, 'whyNot'>,
  asked: AskedOfMachine,
  { value }: Pick<LifecycleState, 'value'>,
): Refusal | null {
  const detail = whyNot(value, asked);
  return detail === null ? null : { kind: 'state', reason: { code: CODES.state, detail } };
}

/** The code of a refusal is the kind's, or where a rule has none, its own. */
const CODES = {
  role: 'role-not-permitted',
  invalid: 'invalid-payload',
  state: 'command-not-allowed',
  people: 'separation-of-duties',
} as const;

function ruleRefusal<Facts, Payload>(
  rule: Rule<Facts, Payload>,
  state: LifecycleState<Facts>,
  payload: Payload,
  context: DecisionContext<Facts>,
): Refusal {
  const { code, kind = 'rule', pointer } = rule;
  const reason = {
    detail: rule.detail(state, payload, context),
    ...(pointer !== undefined && { pointer }),
    ...rule.members?.(state, payload, context),
  };
  if (kind === 'rule' || rule.hasOwnCode) return { kind, reason: { code, ...reason } };
  return { kind, reason: { code: CODES[kind], guard: code, ...reason } };
}

/**
 * Every refusal that applies before a payload is known; empty where the command may be tried in one of the roles at
 * least.
 * @param full why nothing more fits into the record in a role.
 */
export function reasonsBeforehand<Facts>(
  lifecycle: Pick<Lifecycle<Facts>, 'whyNot'>,
  command: Pick<CommandDefinition<Facts>, 'emits' | 'when' | 'state' | 'people' | 'foreseen'>,
  state: LifecycleState<Facts>,
  asking: Omit<Asking, 'role'>,
  roles: readonly string[],
  full: (role: string) => Reason | null = () => null,
): Refusal[] {
  const byRole = (roles.length === 0 ? [''] : roles).map((role): Refusal[] => {
    const guards = stateReasons(lifecycle, command, state, { ...asking, role });
    const foreseen = (command.foreseen ?? []).filter((each) => !each.holds(state, { ...asking, role }));
    const ofKind = (wanted: Foreseen<Facts>['kind']): Refusal[] =>
      foreseen
        .filter(({ kind }) => kind === wanted)
        .map((each) => ({ kind: each.kind, reason: foreseenReason(each, state) }));
    const ofState = [...guards.filter(({ kind }) => kind === 'state'), ...ofKind('state')];
    const ofPeople = [...guards.filter(({ kind }) => kind === 'people'), ...ofKind('people')];
    const reason = full(role);
    return [
      ...ofState,
      // Nobody can be the wrong second person while nothing is pending.
      ...(ofState.length > 0 ? [] : ofPeople),
      ...ofKind('rule'),
      ...(reason === null ? [] : [{ kind: 'rule', reason } as const]),
    ];
  });
  return byRole.find((reasons) => reasons.length === 0) ?? byRole[0] ?? [];
}

function foreseenReason<Facts>(foreseen: Foreseen<Facts>, state: LifecycleState<Facts>): Reason {
  const { code, kind } = foreseen;
  const detail = foreseen.detail(state);
  if (kind === 'rule' || foreseen.hasOwnCode) return { code, detail };
  return { code: CODES[kind], detail, guard: code };
}

/** What the machine says against a command, and then its guards. */
function stateReasons<Facts>(
  lifecycle: Pick<Lifecycle<Facts>, 'whyNot'>,
  command: Parameters<typeof reasonsBeforehand<Facts>>[1],
  state: LifecycleState<Facts>,
  { actor, role }: Pick<Asking, 'actor' | 'role'>,
): Refusal[] {
  const failing = (guards: readonly Guard<Facts>[], kind: 'state' | 'people'): Refusal[] =>
    guards
      .filter((guard) => !guard.holds(state, actor, role))
      .map((guard) => ({
        kind,
        reason: { code: CODES[kind], detail: guard.detail(state), guard: guard.code },
      }));
  const ofMachine = machineRefusal(lifecycle, command, state);
  const ofState = [...(ofMachine === null ? [] : [ofMachine]), ...failing(command.state ?? [], 'state')];
  // Nobody can be the wrong second person while nothing is pending.
  const ofPeople = ofState.length > 0 ? [] : failing(command.people ?? [], 'people');
  return [...ofState, ...ofPeople];
}

/** A stream's part of what was decided. */
interface StreamPart<Facts = unknown> {
  readonly state: LifecycleState<Facts>;
  readonly events: readonly DecidedEvent[];
}

/**
 * What was decided for each stream, the command's own first.
 * @throws Error for an event of a stream that was not asked for, or is not there.
 */
export function byStream<Facts>(
  own: string,
  state: LifecycleState<Facts>,
  events: readonly DecidedEvent[],
  others: OtherStates<Facts>,
): Map<string, StreamPart<Facts>> {
  const parts = new Map<string, { state: LifecycleState<Facts>; events: DecidedEvent[] }>();
  for (const event of events) {
    const { streamId = own } = event;
    const before = streamId === own ? state : others.get(streamId);
    if (!before) throw new Error(`${event.type} was decided for ${streamId}, which was not loaded`);
    const part = parts.get(streamId) ?? { state: before, events: [] };
    part.events.push(event);
    parts.set(streamId, part);
  }
  return parts;
}

function futureReason(effectiveOn: string, today: string): Reason | undefined {
  if (effectiveOn <= today) return undefined;
  const detail = `effectiveOn ${effectiveOn} is later than today, ${today}`;
  return { code: 'effective-date-in-future', detail };
}

/**
 * Legality is judged in stream order; dates only have to keep each region's moves in order, and none is before the beginning. A date after
 * today was recorded while a clock was wrong, and keeps nothing from its place.
 */
function orderReason<Facts>(
  lifecycle: Lifecycle<Facts>,
  state: LifecycleState<Facts>,
  events: readonly DecidedEvent[],
  { effectiveOn, today }: { readonly effectiveOn: string; readonly today: string },
): Reason | undefined {
  const isBefore = (earlier: string): boolean => effectiveOn < earlier && earlier <= today;
  const { facts, beginning } = lifecycle.code;
  for (const { type, data } of events) {
    const earlier = facts.effectiveOnsOfEarlier?.(state.facts, { type, data }).filter(isBefore).sort().at(-1);
    if (earlier !== undefined) {
      const detail = `effectiveOn ${effectiveOn} is earlier than ${earlier}, from which on what it changes holds`;
      return { code: 'effective-date-out-of-order', detail };
    }
    for (const region of lifecycle.move(type)?.countsFor ?? []) {
      const last = state.movedOn[region];
      if (last !== undefined && isBefore(last)) {
        const detail = `effectiveOn ${effectiveOn} is earlier than the last move of ${region}, on ${last}`;
        return { code: 'effective-date-out-of-order', detail };
      }
    }
  }
  if (isBefore(state.firstOn)) {
    const detail = `effectiveOn ${effectiveOn} is earlier than ${beginning.what}, on ${state.firstOn}`;
    return { code: beginning.code, detail };
  }
  return undefined;
}

/** What the lifecycle says against the day, in view of what the events change. */
function notYetReason<Facts>(
  lifecycle: Lifecycle<Facts>,
  { state, events }: StreamPart<Facts>,
  effectiveOn: string,
  { actor, role, today, eventIdAt }: DecisionContext<Facts>,
): Reason | undefined {
  const recording = {
    actor,
    origin: 'command',
    decision: { role },
    recordedAt: NOT_RECORDED,
    eventIdAt,
  } as const;
  const after = () => draftEvents(lifecycle, state, events, effectiveOn, recording).state;
  return lifecycle.code.notYet?.(state, { events, effectiveOn, after }, { actor, today }) ?? undefined;
}

/** No rule looks at the moment of what is only tried. */
const NOT_RECORDED = '0001-01-01T00:00:00.000Z';

/** How decided events come to be stored: by whom, and under which ids. */
export interface Recording {
  readonly actor: Actor;
  readonly origin: Origin;
  readonly decision: { readonly role: string } | null;
  /** The instant of the command, ISO 8601 in UTC. */
  readonly recordedAt: string;
  /** The id that the store will give to the event at an index of those that are drafted. */
  readonly eventIdAt: (index: number) => string;
}

/**
 * Turns decided events into drafts for the store, each with the machine's value after it.
 * @throws IllegalTransitionError for what the machine does not take: it never reaches the store.
 */
export function draftEvents<Facts>(
  lifecycle: Lifecycle<Facts>,
  before: LifecycleState<Facts> | null,
  events: readonly DecidedEvent[],
  effectiveOn: string,
  { actor, origin, decision, recordedAt, eventIdAt }: Recording,
): { readonly drafts: readonly EventDraft[]; readonly state: LifecycleState<Facts> } {
  let state = before;
  const drafts: EventDraft[] = [];
  for (const [index, event] of events.entries()) {
    const sensitive = lifecycle.code.shapes.types[event.type]?.sensitive ?? [];
    const folded: FoldedEvent = {
      // Few facts keep it, and it is a hash.
      get eventId() {
        return eventIdAt(index);
      },
      version: (state?.size.events ?? 0) + 1,
      type: event.type,
      data: event.data,
      effectiveOn: event.effectiveOn ?? effectiveOn,
      recordedAt,
      origin,
      actor,
      decision,
      sensitive,
    };
    state = evolved(lifecycle, state, folded);
    const { schemaVersion } = lifecycle.eventDefinition(event.type);
    drafts.push({
      type: event.type,
      data: event.data,
      effectiveOn: folded.effectiveOn,
      schemaVersion,
      sensitive,
      state: state.value,
    });
  }
  if (state === null) throw new Error('A decision without events leaves no state');
  return { drafts, state };
}

function evolved<Facts>(
  lifecycle: Lifecycle<Facts>,
  before: LifecycleState<Facts> | null,
  event: FoldedEvent,
): LifecycleState<Facts> {
  try {
    return lifecycle.evolve(before, event);
  } catch (error) {
    throw error instanceof IllegalEventError ? new IllegalTransitionError(error.message) : error;
  }
}
