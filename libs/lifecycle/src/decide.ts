import type { Actor, Decision, Envelope, JsonObject, Pointer } from '#event-sourcing/envelope';
import type { EventDraft } from '#event-sourcing/event-store';
import type { MachineCondition } from './deciding-machine.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Reason, RefusalMembers } from './refused.ts';
import type { FoldedEvent } from './folded-event.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import type { PayloadShape } from './shapes.ts';
import { IllegalEventError, IllegalTransitionError } from './statechart.ts';

/** Members that every command's payload can have. */
export interface CommandPayload {
  /** The plain date from which the change applies; today if absent. */
  readonly effectiveOn?: string | undefined;
}

/** The states of other streams; null for one that does not exist, or that the caller may not see. */
export type OtherStates<Facts = unknown> = ReadonlyMap<string, LifecycleState<Facts> | null>;

/** What decisions use in addition to the state and the payload, such as a search for dates, by name. */
export type Services = Readonly<Record<string, object>>;

/** Everything besides the state and the payload that a decision may use. */
export interface DecisionContext<Facts = unknown> {
  readonly actor: Actor;
  /** The bodies that the actor belongs to. */
  readonly organisations: readonly string[];
  /** The actor's organisations, except those of the service's operators. */
  readonly bodies: readonly string[];
  /** The role under which the command is decided. */
  readonly role: string;
  /** The plain date at the time of the command. */
  readonly today: string;
  /** The stream of the command. */
  readonly streamId: string;
  /** The states of the streams that `nextStream` returned. */
  readonly others: OtherStates<Facts>;
  /** Returns the lifecycle of another stream; the command's own if absent. */
  readonly lifecycleOf?: (streamId: string) => Lifecycle<Facts>;
  /** The stream's events, if the command has `history`; else empty. Contains only the texts that it needs. */
  readonly history: readonly Envelope[];
  readonly services: Services;
  /** Returns the id of the event at an index of the events decided for the command's own stream. */
  readonly eventIdAt: (index: number) => string;
}

/** A condition on the state and the person. Its code is recorded. */
export interface Guard<Facts = unknown> {
  readonly code: string;
  isMet(state: LifecycleState<Facts>, actor: Actor, role: string): boolean;
  /** Returns why the condition is not met and what would help, as a sentence for people. */
  detail(state: LifecycleState<Facts>): string;
}

export type Requester = Pick<DecisionContext, 'actor' | 'bodies' | 'role' | 'today'>;

/** A condition that can be checked before a payload exists. It refuses as a rule does. */
export interface Precondition<Facts = unknown> {
  readonly code: string;
  readonly kind: 'state' | 'people' | 'rule';
  /** True if the refusal has this code instead of its kind's. Kind `rule` always uses this code. */
  readonly hasOwnCode?: true;
  isMet(state: LifecycleState<Facts>, requester: Requester): boolean;
  detail(state: LifecycleState<Facts>): string;
}

export const asRule = <Facts>(foreseen: Precondition<Facts>): Rule<Facts, unknown> => ({
  code: foreseen.code,
  ...(foreseen.kind !== 'rule' && { kind: foreseen.kind }),
  ...(foreseen.hasOwnCode && { hasOwnCode: true }),
  isMet: (state, _, context) => foreseen.isMet(state, context),
  detail: (state) => foreseen.detail(state),
});

/** A rule on the payload. Without a kind, a refusal has the rule's own code. */
export interface Rule<Facts, Payload> {
  readonly code: string;
  /**
   * `role` refuses as a missing role does, `state` and `people` as guards do, `invalid` as a malformed payload does.
   */
  readonly kind?: 'role' | 'state' | 'people' | 'invalid';
  /** True if the refusal has the rule's code instead of its kind's. */
  readonly hasOwnCode?: true;
  /** The payload member that caused the refusal. */
  readonly pointer?: Pointer;
  isMet(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): boolean;
  detail(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): string;
  /** Returns more machine-readable members of the refusal. */
  members?(state: LifecycleState<Facts>, payload: Payload, context: DecisionContext<Facts>): RefusalMembers;
}

export interface DecidedEvent {
  readonly type: string;
  readonly data: JsonObject;
  /** The effective date; that of the command if absent. */
  readonly effectiveOn?: string;
  /** The stream, if it is another one that `nextStream` returned. */
  readonly streamId?: string;
  /** The announced id, if another event of the decision refers to it. */
  readonly eventId?: string;
}

/** A use of a command that fewer roles may request. */
interface NarrowedUse {
  /** The start of a sentence: `A whisper`. */
  readonly what: string;
  readonly roles: readonly string[];
  /** The alternative for other roles, as the end of a sentence. */
  readonly instead: string;
}

/**
 * One row of the policy: the roles and the events of a command. The machine decides in which states it is possible, by
 * its events (`emits`) and by a named guard (`when`).
 */
export interface CommandDefinition<
  Facts,
  Payload extends CommandPayload = CommandPayload,
> extends MachineCondition {
  readonly summary: string;
  readonly payload: PayloadShape<Payload>;
  readonly roles: readonly string[];
  /** True if the people of the record's body may also choose an earlier effective date. */
  readonly bodyMayBackdate?: true;
  /** Returns the fewer roles that may send such a payload; null if all roles of the command may. */
  narrowerUse?(payload: Payload): NarrowedUse | null;
  /** The events that it appends to other streams. */
  readonly emitsElsewhere?: readonly string[];
  /** Conditions on facts that the machine does not know; a refusal is `command-not-allowed`. */
  readonly state?: readonly Guard<Facts>[];
  /** Conditions on the person in any role; a refusal is `separation-of-duties`. */
  readonly people?: readonly Guard<Facts>[];
  readonly rules?: readonly Rule<Facts, Payload>[];
  /** The rules that do not depend on the payload. */
  readonly preconditions?: readonly Precondition<Facts>[];
  /** Returns the id of the other record that the command affects, if it is known without a payload; else null. */
  otherRecord?(state: LifecycleState<Facts>): string | null;
  /** Returns the payloads of which one must be sent, without texts; absent if the state does not determine them. */
  foreseen?(state: LifecycleState<Facts>, today: string): readonly JsonObject[];
  /** Returns the open points that do not prevent the command. The person who decides sees them. */
  stillOpen?(state: LifecycleState<Facts>, today: string): readonly string[];
  /** True if it is accepted on a record that has reached its limit. */
  readonly whenFull?: true;
  /** Returns the ids of the events whose texts the decision needs. All other events are passed without texts. */
  history?(payload: Payload, withoutTexts: readonly Envelope[]): readonly string[];
  /** Returns the stream without a lifecycle whose events are passed to `nextStream`; null if there is none. */
  index?(state: LifecycleState<Facts>): string | null;
  /**
   * Returns the next stream that the decision depends on; null after the last. The events are stored only if none of
   * these streams has changed since.
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

/** Checks a row against its own payload type. */
export const commandRow = <Facts, Payload extends CommandPayload>(
  command: CommandDefinition<Facts, Payload>,
): CommandDefinition<Facts> =>
  // Rows of a table have different payload types. Each is called only with a payload that its own shape validated.
  command;

export interface Refusal {
  /** The kind of rule that refused; it decides the HTTP status. */
  readonly kind: 'role' | 'invalid' | 'state' | 'people' | 'rule';
  readonly reason: Reason;
  /** The error of a rule that threw. */
  readonly error?: unknown;
}

export interface Allowed {
  readonly allowed: true;
  readonly decision: Decision;
  readonly events: readonly DecidedEvent[];
  readonly effectiveOn: string;
}

export type Decided = Allowed | { readonly allowed: false; readonly refusal: Refusal };

/**
 * Returns the events that a command records, or why it is refused. Pure: reads no clock and no random numbers.
 * `permittedRoles` checks the roles before, because the result of a repeated Idempotency-Key is returned in between.
 * With several roles, one that allows the command is enough; otherwise the first role's refusal is returned.
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
  if (first === undefined) throw new Error('A command needs at least one role');
  return decisions.find(({ allowed }) => allowed) ?? first;
}

function decideAs<Facts, Payload extends CommandPayload>(
  lifecycle: Lifecycle<Facts>,
  command: CommandDefinition<Facts, Payload>,
  state: LifecycleState<Facts>,
  payload: Payload,
  context: DecisionContext<Facts>,
): Decided {
  const [first] = refusalsOf(lifecycle, command, state, payload, context);
  if (first !== undefined) return { allowed: false, refusal: first };
  const effectiveOn = payload.effectiveOn ?? context.today;
  const events = command.events(state, payload, context);
  requireDeclared(command, events, context.streamId);
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
  const conditions = [...(command.state ?? []), ...(command.people ?? []), ...(command.rules ?? [])];
  // Some conditions are checked with and without the payload; list each once.
  const codes = [...new Set(conditions.map(({ code }) => code))];
  return { allowed: true, decision: { role: context.role, guards: codes }, events, effectiveOn };
}

/**
 * Yields the refusals of a command in the documented order. Conditions on the state run only if the machine allows the
 * command, because they may rely on the state.
 */
function* refusalsOf<Facts, Payload extends CommandPayload>(
  lifecycle: Lifecycle<Facts>,
  command: CommandDefinition<Facts, Payload>,
  state: LifecycleState<Facts>,
  payload: Payload,
  context: DecisionContext<Facts>,
): Generator<Refusal> {
  function* rules(wanted: Refusal['kind']): Generator<Refusal> {
    for (const rule of command.rules ?? [])
      if ((rule.kind ?? 'rule') === wanted)
        yield* checked(
          rule,
          () => rule.isMet(state, payload, context),
          () => [rule.detail(state, payload, context), rule.members?.(state, payload, context)],
        );
  }
  const ofMachine = machineRefusal(lifecycle, command, state);
  for (const kind of ['role', 'invalid'] as const)
    for (const refusal of rules(kind)) if (ofMachine === null || !('error' in refusal)) yield refusal;
  if (ofMachine !== null) {
    yield ofMachine;
    return;
  }
  for (const kind of ['state', 'people'] as const) {
    yield* failing(command[kind], kind, state, context);
    yield* rules(kind);
  }
  yield* rules('rule');
}

/** Yields the refusals by guards that are not met. */
export function* failing<Facts>(
  guards: readonly Guard<Facts>[] = [],
  kind: 'state' | 'people',
  state: LifecycleState<Facts>,
  { actor, role }: Pick<Requester, 'actor' | 'role'>,
): Generator<Refusal> {
  for (const guard of guards)
    yield* checked(
      { code: guard.code, kind },
      () => guard.isMet(state, actor, role),
      () => [guard.detail(state)],
    );
}

/** Yields the refusal by a condition that is not met, or that throws. */
export function* checked(
  condition: Parameters<typeof refusalOf>[0],
  isMet: () => boolean,
  details: () => readonly [detail: string, members?: RefusalMembers | undefined],
): Generator<Refusal> {
  try {
    if (!isMet()) yield refusalOf(condition, ...details());
  } catch (error) {
    const { code: guard } = condition;
    const detail = `The rule ${guard} could not be checked because of an error in it, so nothing was recorded. Report this to the operator, who can find the error in the log`;
    yield { kind: 'rule', reason: { code: 'rule-failed', guard, detail }, error };
  }
}

/** @throws IllegalTransitionError for an event that the row does not declare. */
function requireDeclared(
  { emits, emitsElsewhere = [] }: Pick<CommandDefinition<never>, 'emits' | 'emitsElsewhere'>,
  events: readonly DecidedEvent[],
  own: string,
): void {
  for (const { type, streamId = own } of events)
    if (!(streamId === own ? emits : emitsElsewhere).includes(type))
      throw new IllegalTransitionError(`A command decided ${type}, which its definition does not declare`);
}

/** Returns the machine's refusal of a command in a state; null if it allows the command. */
export function machineRefusal(
  { whyNot }: Pick<Lifecycle, 'whyNot'>,
  condition: MachineCondition,
  { value }: Pick<LifecycleState, 'value'>,
): Refusal | null {
  const detail = whyNot(value, condition);
  return detail === null ? null : { kind: 'state', reason: { code: CODES.state, detail } };
}

/** The codes of refusals by kind; kind `rule` uses the rule's own code. */
const CODES = {
  role: 'role-not-permitted',
  invalid: 'invalid-payload',
  state: 'command-not-allowed',
  people: 'separation-of-duties',
} as const;

/** Returns the refusal by a condition. */
function refusalOf(
  {
    code,
    kind = 'rule',
    hasOwnCode,
    pointer,
  }: Pick<Rule<unknown, unknown>, 'code' | 'hasOwnCode' | 'pointer'> & { readonly kind?: Refusal['kind'] },
  detail: string,
  members: RefusalMembers = {},
): Refusal {
  const reason = { detail, ...(pointer !== undefined && { pointer }), ...members };
  if (kind === 'rule' || hasOwnCode) return { kind, reason: { code, ...reason } };
  return { kind, reason: { code: CODES[kind], guard: code, ...reason } };
}

/** The part of a decision for one stream. */
interface StreamPart<Facts = unknown> {
  readonly state: LifecycleState<Facts>;
  readonly events: readonly DecidedEvent[];
}

/**
 * Groups decided events by stream, the command's own first.
 * @throws Error for an event of a stream that was not loaded.
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
  const detail = `effectiveOn ${effectiveOn} must not be later than today, ${today}`;
  return { code: 'effective-date-in-future', detail };
}

/**
 * Refuses dates that reorder a region's moves or precede the first event. Legality itself is checked in stream order.
 * Dates after today, recorded while a clock was wrong, are ignored.
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
      const detail = `effectiveOn ${effectiveOn} must be on or after ${earlier}, the date of the event that it changes`;
      return { code: 'effective-date-out-of-order', detail };
    }
    for (const region of lifecycle.move(type)?.countsFor ?? []) {
      const last = state.movedOn[region];
      if (last !== undefined && isBefore(last)) {
        const detail = `effectiveOn ${effectiveOn} must be on or after ${last}, the date of the last change of ${region}`;
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

/** Returns the lifecycle's reason against the effective date; null if there is none. */
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

/** The recording time in a trial fold, which no rule reads. */
const NOT_RECORDED = '0001-01-01T00:00:00.000Z';

/** The recording data of decided events. */
export interface Recording extends Pick<
  FoldedEvent,
  'actor' | 'origin' | 'decision' | 'recordedAt' | 'command'
> {
  /** Returns the id that the store will assign to the event at an index of the drafts. */
  readonly eventIdAt: (index: number) => string;
}

/**
 * Returns decided events as drafts for the store, each with the machine's value after it.
 * @throws IllegalTransitionError for an event that the machine refuses.
 */
export function draftEvents<Facts>(
  lifecycle: Lifecycle<Facts>,
  before: LifecycleState<Facts> | null,
  events: readonly DecidedEvent[],
  effectiveOn: string,
  { eventIdAt, ...recording }: Recording,
): { readonly drafts: readonly EventDraft[]; readonly state: LifecycleState<Facts> } {
  let state = before;
  const drafts: EventDraft[] = [];
  for (const [index, event] of events.entries()) {
    const sensitive = lifecycle.code.shapes[event.type]?.sensitive ?? [];
    const folded: FoldedEvent = {
      // Computed on demand: it is a hash that few facts use.
      get eventId() {
        return eventIdAt(index);
      },
      version: (state?.size.events ?? 0) + 1,
      type: event.type,
      data: event.data,
      effectiveOn: event.effectiveOn ?? effectiveOn,
      ...recording,
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
  if (state === null) throw new Error('A decision without events has no state');
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
