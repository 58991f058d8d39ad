import type { Envelope } from '#event-sourcing/envelope';
import { withoutTexts } from '#event-sourcing/erasure';
import type { EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { commandOf } from './allowed-commands.ts';
import type { CivilDay, CommandCall } from './command-call.ts';
import type { CommandIds } from './commit-for.ts';
import type { CommandRoles, Permitted } from './command-roles.ts';
import { decide } from './decide.ts';
import type { CommandDefinition, CommandPayload, Decided, OtherStates, Services } from './decide.ts';
import { recordDue } from './due-events.ts';
import type { DueRecorded, DueRecorder } from './due-events.ts';
import type { CommandedLifecycle } from './lifecycles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { fullReason } from './record-limits.ts';
import type { RecordLimits } from './record-limits.ts';
import type { LoadedState, StateLoader } from './state-loader.ts';
import { validatePayload } from './validate-payload.ts';

/** The other streams that a decision depends on; null for one that does not exist, or that the caller may not see. */
export type Others<Facts = unknown> = ReadonlyMap<string, DueRecorded<LoadedState<Facts>> | null>;
const NO_OTHERS: ReadonlyMap<string, null> = new Map();

/** A decision, and the states on which it is based. */
interface DecisionWithStates<Facts = unknown> {
  readonly decided: Decided;
  readonly own: DueRecorded<LoadedState<Facts>>;
  readonly others: Others<Facts>;
}

export const statesOf = <Facts>(others: Others<Facts>): OtherStates<Facts> =>
  others.size === 0
    ? NO_OTHERS
    : new Map([...others].map(([streamId, loaded]) => [streamId, loaded && loaded.at.state]));

/** A call ready to be decided: the record exists, the payload is valid, a role permits it. */
export interface Task<Facts = unknown> {
  readonly call: CommandCall<Facts>;
  readonly command: CommandDefinition<Facts>;
  readonly payload: CommandPayload;
  /** The lifecycle that defines the command. */
  readonly lifecycle: CommandedLifecycle<Facts>;
  /** The permitted roles, and the state on which they were checked. */
  readonly admission: { readonly state: LifecycleState<Facts>; readonly permitted: Permitted };
}

export interface DeciderParts<Facts> {
  readonly store: EventStore;
  readonly states: StateLoader<Facts>;
  readonly roles: CommandRoles<Facts>;
  readonly limits: RecordLimits;
  readonly services: Services;
  readonly civilDay: CivilDay;
  /** Injected, because this library does no hashing. */
  readonly commandIds: (commandId: string) => CommandIds;
  readonly dueRecorder: DueRecorder;
}

/** Decides calls on the loaded state and on the other streams that the command depends on. Appends nothing. */
export class CommandDecider<Facts = unknown> {
  readonly #parts: DeciderParts<Facts>;

  constructor(parts: DeciderParts<Facts>) {
    this.#parts = parts;
  }

  /** Decides a call; returns null if the caller expected another version. */
  async decide(admitted: Task<Facts>, loaded: LoadedState<Facts>): Promise<DecisionWithStates<Facts> | null> {
    const { version, lifecycle } = loaded;
    const task = this.#taskFor(lifecycle, admitted);
    const { call, command, payload } = task;
    if (call.expectedVersions?.includes(version) === false) return null;
    const own = this.#withDue(call, call.streamId, loaded);
    const { state } = own.at;
    // The record's body may have changed since the call was accepted.
    const permitted =
      loaded.state === task.admission.state
        ? task.admission.permitted
        : this.#parts.roles.permitted({ name: call.command, command, caller: call, payload }, state);
    if ('refusal' in permitted)
      return { decided: { allowed: false, refusal: permitted.refusal }, own, others: NO_OTHERS };
    const indexed = command.index?.(state) ?? null;
    const index = indexed === null ? [] : await Array.fromAsync(streamEvents(this.#parts.store, indexed));
    const others = command.nextStream ? await this.#loadOthers(task, index) : NO_OTHERS;
    const context = {
      actor: call.actor,
      organisations: call.organisations,
      bodies: call.bodies ?? call.organisations,
      today: this.#parts.civilDay(call.now),
      streamId: call.streamId,
      others: statesOf(others),
      lifecycleOf: (streamId: string) => others.get(streamId)?.at.lifecycle ?? lifecycle,
      history: command.history ? await this.#loadHistory(call.streamId, version, command, payload) : [],
      services: this.#parts.services,
      eventIdAt: this.#parts.commandIds(call.commandId).eventIdAt,
    };
    const decided = decide(lifecycle, command, permitted.roles, state, payload, context);
    const permittedElsewhere = this.#parts.roles.checkOtherRecords(call, decided, statesOf(others));
    return { decided: this.#refuseIfFull(task, state, permittedElsewhere), own, others };
  }

  /** Returns a stream with the events that were due before the command, whether or not a sweep has recorded them. */
  #withDue(
    call: CommandCall<Facts>,
    streamId: string,
    loaded: LoadedState<Facts>,
  ): DueRecorded<LoadedState<Facts>> {
    const { now, correlationId } = call;
    return recordDue(
      streamId,
      loaded,
      { today: this.#parts.civilDay(now), now, correlationId },
      this.#parts.dueRecorder,
    );
  }

  /** Returns the task under the record's lifecycle, which may have changed since the call was accepted. */
  #taskFor(lifecycle: CommandedLifecycle<Facts>, task: Task<Facts>): Task<Facts> {
    if (lifecycle === task.lifecycle) return task;
    const command = commandOf(task.call.command, [lifecycle]);
    return { ...task, lifecycle, command, payload: validatePayload(command.payload, task.call.body) };
  }

  /** Refuses a decision whose events do not fit into the record. Its events on other records are always accepted. */
  #refuseIfFull(
    { call, command, lifecycle }: Task<Facts>,
    state: LifecycleState<Facts>,
    decided: Decided,
  ): Decided {
    if (!decided.allowed) return decided;
    if (call.against) return { allowed: false, refusal: { kind: 'rule', reason: call.against } };
    if (command.whenFull) return decided;
    const own = decided.events.filter(({ streamId = call.streamId }) => streamId === call.streamId);
    const { role } = decided.decision;
    const reason = fullReason(lifecycle, state, own, role, this.#parts.limits);
    return reason === null ? decided : { allowed: false, refusal: { kind: 'rule', reason } };
  }

  /** Returns the stored states of the other streams that a decision depends on. */
  async #loadOthers(
    { call, command, payload }: Task<Facts>,
    index: readonly Envelope[],
  ): Promise<Others<Facts>> {
    const loaded = new Map<string, DueRecorded<LoadedState<Facts>> | null>();
    const states = new Map<string, LifecycleState<Facts> | null>();
    for (;;) {
      const next = command.nextStream?.(payload, call.streamId, states, index) ?? null;
      if (next === null) return loaded;
      const found = await this.#parts.states.reload(next);
      const visible = found && call.mayTouch(found.state) ? this.#withDue(call, next, found) : null;
      loaded.set(next, visible);
      states.set(next, visible && visible.at.state);
    }
  }

  /** Reads only the texts that the decision needs, because all texts of a record may not fit into memory. */
  async #loadHistory(
    streamId: string,
    version: number,
    command: CommandDefinition<Facts>,
    payload: CommandPayload,
  ): Promise<Envelope[]> {
    const events: Envelope[] = [];
    for await (const event of streamEvents(this.#parts.store, streamId)) {
      if (event.version <= version) events.push(withoutTexts(event));
    }
    const needed = command.history?.(payload, events) ?? [];
    const found = await this.#parts.store.findEvents(streamId, needed);
    const whole = new Map(found.map((event) => [event.eventId, event]));
    return events.map((event) => whole.get(event.eventId) ?? event);
  }
}
