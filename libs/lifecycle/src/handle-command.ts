import type { Envelope } from '#event-sourcing/envelope';
import { withoutTexts } from '#event-sourcing/erasure';
import { hasCode } from '#event-sourcing/errors';
import type { AppendedEvent, Commit, CommandRequest, EventStore } from '#event-sourcing/event-store';
import { streamEvents } from '#event-sourcing/event-store';
import { retryingConflicts } from '#event-sourcing/retrying-conflicts';
import { refuseOtherRequest, repeatedEvents } from './idempotency.ts';
import type { MatchesRequest } from './idempotency.ts';
import type { CommandedLifecycle, Lifecycles } from './lifecycles.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { streamOf } from './kind.ts';
import { fullReason, RECORD_LIMITS } from './record-limits.ts';
import type { RecordLimits } from './record-limits.ts';
import { commitFor } from './commit-for.ts';
import type { CommandIds } from './commit-for.ts';
import { recordDue } from './due-events.ts';
import type { DueRecorded, DueRecorder } from './due-events.ts';
import { byStream, decide, reasonsBeforehand } from './decide.ts';
import type {
  Allowed,
  CommandDefinition,
  CommandPayload,
  Decided,
  DecidedEvent,
  OtherStates,
  Refusal,
} from './decide.ts';
import type { Services } from './services.ts';
import { CommandRoles } from './command-roles.ts';
import type { Caller, Permitted, RolesPolicy } from './command-roles.ts';
import { CommandRefusedError } from './refused.ts';
import { eventsRetold, RecordPace } from './record-pace.ts';
import type { Reason, SeenStream } from './refused.ts';
import { StateLoader } from './state-loader.ts';
import type { Loaded } from './state-loader.ts';
import { StreamQueue } from './stream-queue.ts';
import { validatePayload } from './validate-payload.ts';

export interface CommandCall<Facts = unknown> extends Caller {
  readonly streamId: string;
  readonly command: string;
  /** As the caller sent it; validated here, after the record was found. */
  readonly body: unknown;
  /** The moment of the command, in milliseconds since 1970. */
  readonly now: number;
  readonly commandId: string;
  /** Present where the caller sent an Idempotency-Key. */
  readonly request: CommandRequest | null;
  /** The versions that the caller named (If-Match); null where any will do. */
  readonly expectedVersions: readonly number[] | null;
  readonly correlationId: string;
  /** What stands against the payload by what the record does not say; asked last of all. */
  readonly against?: Reason | null;
  /** Whether this caller may see the record; what may not be seen is not found. */
  mayTouch(state: LifecycleState<Facts>): boolean;
}

/** What a command did; `repeated` where an earlier call under the same key did it. */
export interface CommandOutcome<Facts = unknown> {
  readonly version: number;
  readonly position: string;
  readonly recordedAt: string;
  readonly state: LifecycleState<Facts>;
  /** As the lifecycle says it that the record follows. */
  readonly status: string;
  readonly events: readonly { readonly eventId: string; readonly type: string; readonly version: number }[];
  readonly repeated: boolean;
}

/** The plain date of an instant, in milliseconds since 1970; where days begin is not said here. */
export type CivilDay = (instant: number) => string;

/** Loads, decides, and appends at the expected version: the whole way of a live command. */
export class CommandHandler<Facts = unknown> {
  readonly states: StateLoader<Facts>;
  /** For all that appends to the records. */
  readonly pace: RecordPace;
  readonly #lifecycles: Lifecycles<Facts, CommandedLifecycle<Facts>>;
  readonly #store: EventStore;
  readonly #matchesRequest: MatchesRequest;
  readonly #commandIds: (commandId: string) => CommandIds;
  readonly #dueRecorder: DueRecorder;
  readonly #roles: CommandRoles<Facts>;
  readonly #limits: RecordLimits;
  readonly #services: Services;
  readonly #civilDay: CivilDay;
  readonly #queue = new StreamQueue();

  constructor(options: {
    store: EventStore;
    lifecycles: Lifecycles<Facts, CommandedLifecycle<Facts>>;
    civilDay: CivilDay;
    matchesRequest: MatchesRequest;
    /** Hashing is passed in. */
    commandIds: (commandId: string) => CommandIds;
    dueRecorder: DueRecorder;
    roles: RolesPolicy;
    services: Services;
    limits?: RecordLimits;
    pace?: RecordPace;
  }) {
    this.pace = options.pace ?? new RecordPace();
    this.#limits = options.limits ?? RECORD_LIMITS;
    this.#store = options.store;
    this.#matchesRequest = options.matchesRequest;
    this.#commandIds = options.commandIds;
    this.#dueRecorder = options.dueRecorder;
    this.#roles = new CommandRoles(options.roles);
    this.#services = options.services;
    this.#civilDay = options.civilDay;
    this.#lifecycles = options.lifecycles;
    this.states = new StateLoader(options.store, options.lifecycles);
  }

  /**
   * Carries a command out, once.
   * @throws CommandRefusedError in the documented order: not found, invalid, role, key reused, version, state, people, rule.
   * @throws QueueFullError when nothing was done and the same call may succeed later.
   * @throws StoreUnavailableError when the same call may succeed later; whether this one was stored nobody knows.
   */
  async handle(call: CommandCall<Facts>): Promise<CommandOutcome<Facts>> {
    this.knownCommand(call.command, call.streamId);
    const loaded = await this.loadVisible(call);
    const command = commandOf(call.command, [loaded.lifecycle]);
    const payload = validatePayload(command.payload, call.body);
    const asked = { name: call.command, command, caller: call, payload };
    const remembered = this.#roles.permitted(asked, loaded.state);
    if ('refusal' in remembered) {
      const stored = (await this.states.reload(call.streamId)) ?? loaded;
      const permitted = this.#roles.permitted(asked, stored.state);
      if ('refusal' in permitted) {
        // Whose record it is can have changed by this very command: who holds the role gets its answer again.
        const known = this.#roles.holdsOne(asked) ? await this.#answerKnown(call) : null;
        if (known) return known;
        throw this.#refused(permitted.refusal, stored, call);
      }
    }
    const task = {
      call,
      command,
      payload,
      lifecycle: loaded.lifecycle,
      asked: { state: loaded.state, permitted: remembered },
    };
    try {
      return await this.pace.run(call.streamId, (isInTurn) =>
        this.#queue.run(call.streamId, () => this.#untilSettled({ ...task, isInTurn })),
      );
    } catch (error) {
      // A reused key is refused before the record is looked at again.
      throw error instanceof CommandRefusedError ? error.seenAt(seenBy(call, loaded)) : error;
    }
  }

  /**
   * A command of the kind of record that a stream is of, whichever version of its lifecycle has it.
   * @throws CommandRefusedError for a command that none of them has.
   */
  knownCommand(name: string, streamId: string): CommandDefinition<Facts> {
    const versions = this.#lifecycles.all.filter(({ kind }) => streamId.startsWith(`${kind.stream}-`));
    return commandOf(name, versions.toReversed());
  }

  /** The commands that somebody may try on a record. */
  allowedCommands(loaded: Loaded<Facts>, caller: CallerNow): string[] {
    const { commands } = loaded.lifecycle;
    return Object.keys(commands).filter((name) => this.reasonsAgainst(name, loaded, caller).length === 0);
  }

  /** All that stands against a command now, a role's reason first. */
  reasonsAgainst(name: string, { state, lifecycle }: Loaded<Facts>, caller: CallerNow): Refusal[] {
    const command = commandOf(name, [lifecycle]);
    const permitted = this.#roles.permitted({ name, command, caller }, state);
    const [ofRole, roles] = 'refusal' in permitted ? [[permitted.refusal], []] : [[], permitted.roles];
    const { actor, organisations, bodies = organisations } = caller;
    const asking = { actor, bodies, today: this.#civilDay(caller.now) };
    const full = (role: string) =>
      command.whenFull ? null : fullReason(lifecycle, state, [SMALLEST], role, this.#limits);
    return [...ofRole, ...reasonsBeforehand(lifecycle, command, state, asking, roles, full)];
  }

  /** The same, and what the other record says against it that it is about. */
  async allReasonsAgainst(name: string, loaded: Loaded<Facts>, caller: CallerNow): Promise<Reason[]> {
    const { state, lifecycle } = loaded;
    const reasons = this.reasonsAgainst(name, loaded, caller).map(({ reason }) => reason);
    const { otherRecord } = commandOf(name, [lifecycle]);
    const id = otherRecord?.idOf(state) ?? null;
    if (reasons.length > 0 || id === null) return reasons;
    const other = await this.states.reload(streamOf({ kind: lifecycle.kind, id }));
    const reason = other && otherRecord?.against({ id, state: other.state }, caller);
    return reason ? [reason] : [];
  }

  /** @throws CommandRefusedError when the record does not exist, or this caller may not see it. */
  async loadVisible(call: Pick<CommandCall<Facts>, 'streamId' | 'mayTouch'>): Promise<Loaded<Facts>> {
    const remembered = await this.states.load(call.streamId);
    if (remembered && call.mayTouch(remembered.state)) return remembered;
    const loaded = remembered && (await this.states.reload(call.streamId));
    if (loaded && call.mayTouch(loaded.state)) return loaded;
    throw new CommandRefusedError('not-found', 'not-found', 'There is no such record');
  }

  /** Tries again after a conflict with another process, for a bounded time. */
  async #untilSettled(task: Task<Facts>): Promise<CommandOutcome<Facts>> {
    const { call } = task;
    const known = await this.#answerKnown(call);
    if (known) return known;
    let loaded = await this.loadVisible(call);
    return retryingConflicts(async (isAgain) => {
      if (isAgain) loaded = (await this.states.reload(call.streamId)) ?? loaded;
      try {
        return await this.#decideAndAppend(task, loaded);
      } catch (error) {
        if (!hasCode(error, 'version-conflict') && !hasCode(error, 'store-unavailable')) throw error;
        // The append may have been ours, with its answer lost.
        const own = await this.#eventsOf(call, loaded.version);
        if (own.length === 0) throw error;
        refuseOtherRequest(this.#matchesRequest, call, own);
        return this.#asStored(call.streamId, own);
      }
    });
  }

  /** Decides on what is remembered; refuses only on what is stored. */
  async #decideAndAppend(task: Task<Facts>, remembered: Loaded<Facts>): Promise<CommandOutcome<Facts>> {
    const { call } = task;
    const first = await this.#decide(task, remembered);
    if (first !== null && first.decided.allowed)
      return this.#append(task, first.own, first.decided, first.others);

    const known = await this.#answerKnown(call);
    if (known) return known;
    const loaded = (await this.states.reload(call.streamId)) ?? remembered;
    const second = await this.#decide(task, loaded);
    if (second !== null) {
      const { decided, own, others } = second;
      if (decided.allowed) return this.#append(task, own, decided, others);
      throw this.#refused(decided.refusal, loaded, call, loaded.version);
    }
    const detail = `The record is at version ${loaded.version}; read it again and decide anew`;
    const details = { currentVersion: loaded.version };
    throw new CommandRefusedError('version', 'version-mismatch', detail, details, seenBy(call, loaded));
  }

  /** Null where the caller named other versions. */
  async #decide(given: Task<Facts>, loaded: Loaded<Facts>): Promise<Deciding<Facts> | null> {
    const { version, lifecycle } = loaded;
    const task = this.#taskUnder(lifecycle, given);
    const { call, command, payload } = task;
    if (call.expectedVersions?.includes(version) === false) return null;
    const own = this.#withDue(call, call.streamId, loaded);
    const { state } = own.at;
    // Whose record it is may have changed since the call was let in.
    const permitted =
      loaded.state === task.asked.state
        ? task.asked.permitted
        : this.#roles.permitted({ name: call.command, command, caller: call, payload }, state);
    if ('refusal' in permitted)
      return { decided: { allowed: false, refusal: permitted.refusal }, own, others: NO_OTHERS };
    const indexed = command.index?.(state) ?? null;
    const index = indexed === null ? [] : await Array.fromAsync(streamEvents(this.#store, indexed));
    const others = command.nextStream ? await this.#others(task, index) : NO_OTHERS;
    const context = {
      actor: call.actor,
      organisations: call.organisations,
      bodies: call.bodies ?? call.organisations,
      today: this.#civilDay(call.now),
      streamId: call.streamId,
      others: statesOf(others),
      lifecycleOf: (streamId: string) => others.get(streamId)?.at.lifecycle ?? lifecycle,
      index,
      history: command.history ? await this.#history(call.streamId, version, command, payload) : [],
      services: this.#services,
      eventIdAt: this.#commandIds(call.commandId).eventIdAt,
    };
    const decided = decide(lifecycle, command, permitted.roles, state, payload, context);
    const permittedElsewhere = this.#roles.elsewhere(call, decided, statesOf(others));
    return { decided: this.#fitting(task, state, permittedElsewhere), own, others };
  }

  /** A stream as a command finds it: after what was due before it, whether a sweep has recorded that or not. */
  #withDue(call: CommandCall<Facts>, streamId: string, loaded: Loaded<Facts>): DueRecorded<Loaded<Facts>> {
    const { now, correlationId } = call;
    return recordDue(streamId, loaded, { today: this.#civilDay(now), now, correlationId }, this.#dueRecorder);
  }

  /** The record may have come under another lifecycle since the call was let in. */
  #taskUnder(lifecycle: CommandedLifecycle<Facts>, task: Task<Facts>): Task<Facts> {
    if (lifecycle === task.lifecycle) return task;
    const command = commandOf(task.call.command, [lifecycle]);
    return { ...task, lifecycle, command, payload: validatePayload(command.payload, task.call.body) };
  }

  /** What is decided is refused where it would not fit into the record; what it leaves on others is taken. */
  #fitting(
    { call, command, lifecycle }: Task<Facts>,
    state: LifecycleState<Facts>,
    decided: Decided,
  ): Decided {
    if (!decided.allowed) return decided;
    if (call.against) return { allowed: false, refusal: { kind: 'rule', reason: call.against } };
    if (command.whenFull) return decided;
    const own = decided.events.filter(({ streamId = call.streamId }) => streamId === call.streamId);
    const { role } = decided.decision;
    const reason = fullReason(lifecycle, state, own, role, this.#limits);
    return reason === null ? decided : { allowed: false, refusal: { kind: 'rule', reason } };
  }

  /** The other streams that a decision depends on, as stored now. */
  async #others({ call, command, payload }: Task<Facts>, index: readonly Envelope[]): Promise<Others<Facts>> {
    const loaded = new Map<string, DueRecorded<Loaded<Facts>> | null>();
    const states = new Map<string, LifecycleState<Facts> | null>();
    for (;;) {
      const next = command.nextStream?.(payload, call.streamId, states, index) ?? null;
      if (next === null) return loaded;
      const found = await this.states.reload(next);
      const visible = found && call.mayTouch(found.state) ? this.#withDue(call, next, found) : null;
      loaded.set(next, visible);
      states.set(next, visible && visible.at.state);
    }
  }

  /** A record's texts do not all fit into memory: only those that the decision needs are read with the events. */
  async #history(
    streamId: string,
    version: number,
    command: CommandDefinition<Facts>,
    payload: CommandPayload,
  ): Promise<Envelope[]> {
    const events: Envelope[] = [];
    for await (const event of streamEvents(this.#store, streamId)) {
      if (event.version <= version) events.push(withoutTexts(event));
    }
    const needed = command.history?.(payload, events) ?? [];
    const found = await this.#store.findEvents(streamId, needed);
    const whole = new Map(found.map((event) => [event.eventId, event]));
    return events.map((event) => whole.get(event.eventId) ?? event);
  }

  async #append(
    { call, isInTurn }: Task<Facts>,
    own: DueRecorded<Loaded<Facts>>,
    { events, effectiveOn, decision }: Allowed,
    others: Others<Facts>,
  ): Promise<CommandOutcome<Facts>> {
    const streams: Others<Facts> = new Map([[call.streamId, own], ...others]);
    const parts = byStream(call.streamId, own.at.state, events, statesOf(others));
    const ids = this.#commandIds(call.commandId);
    const header = { ...call, ids, name: call.command, decision };
    // The decision was told the ids of its own stream's events as those of the commit's first.
    const preceding: Commit[] = [];
    const appends = [...streams].map(([streamId, loaded]) => {
      const { at, commits } = loaded ?? NOTHING_DUE;
      const part = parts.get(streamId);
      const before = (at?.version ?? 0) - commits.length;
      // A stream of which only the version counts is left as it is.
      if (part === undefined) return { streamId, expectedVersion: before, events: [] };
      preceding.push(...commits);
      // Each record goes on under the lifecycle that it follows.
      const { lifecycle } = at ?? own.at;
      const decided = { before: part.state, decided: () => part.events, effectiveOn };
      return { streamId, expectedVersion: before + commits.length, lifecycle, ...decided };
    });
    const { commit, states: after } = commitFor(header, appends);
    for (const [streamId, { state, events: decided }] of parts) {
      const { lifecycle } = (streams.get(streamId) ?? own).at;
      const retold = eventsRetold(lifecycle.code, state, decided, effectiveOn);
      // Another record counts, and is not waited for: a command waits in one line only, so that no two wait for each other.
      this.pace.begin(streamId, retold, isInTurn || streamId !== call.streamId);
    }
    const result = await this.#store.append(preceding.length === 0 ? commit : { ...commit, preceding });
    if (result.repeated) {
      refuseOtherRequest(this.#matchesRequest, call, result.events);
      return this.#asStored(call.streamId, result.events);
    }
    for (const { streamId, version } of result.events) {
      const state = after.get(streamId);
      const { lifecycle } = (streams.get(streamId) ?? own).at;
      if (state !== undefined) this.states.remember(streamId, { version, state, lifecycle });
    }
    const state = after.get(call.streamId) ?? own.at.state;
    return outcome(call.streamId, result.events, { state, lifecycle: own.at.lifecycle }, false);
  }

  /** The answer that was given under the same Idempotency-Key, or null. */
  async #answerKnown(call: CommandCall<Facts>): Promise<CommandOutcome<Facts> | null> {
    const events = await repeatedEvents(this.#store, this.#matchesRequest, call);
    return events && this.#asStored(call.streamId, events);
  }

  async #asStored(streamId: string, events: readonly Envelope[]): Promise<CommandOutcome<Facts>> {
    const own = events.filter((event) => event.streamId === streamId);
    const { version } = own.at(-1) as Envelope;
    const then = await this.states.fold(streamId, null, version);
    return outcome(streamId, events, then as Loaded<Facts>, true);
  }

  async #eventsOf({ streamId, commandId }: CommandCall<Facts>, after: number): Promise<Envelope[]> {
    const events = await this.#store.readStream(streamId, { after });
    return events.filter(({ command }) => command.id === commandId);
  }

  #refused(
    refusal: Refusal,
    loaded: Loaded<Facts>,
    call: CommandCall<Facts>,
    currentVersion?: number,
  ): CommandRefusedError {
    const { code, detail, guard, pointer, ...members } = refusal.reason;
    const details = {
      ...(pointer !== undefined && { errors: [{ pointer, detail }] }),
      allowedCommands: this.allowedCommands(loaded, call),
      ...(guard !== undefined && { guard }),
      ...members,
      ...(currentVersion !== undefined && { currentVersion }),
    };
    return new CommandRefusedError(refusal.kind, code, detail, details, seenBy(call, loaded));
  }
}

/** Whoever asks what they may do, and when. */
type CallerNow = Caller & Pick<CommandCall, 'now'>;

/** What every command appends at least. */
const SMALLEST: DecidedEvent = { type: '', data: {} };

/** Streams that a decision depends on besides its own; null where there is none, or none that the caller may see. */
type Others<Facts = unknown> = ReadonlyMap<string, DueRecorded<Loaded<Facts>> | null>;
const NO_OTHERS: ReadonlyMap<string, null> = new Map();
const NOTHING_DUE = { at: null, commits: [] } as const;

/** What was decided, and on what. */
interface Deciding<Facts = unknown> {
  readonly decided: Decided;
  readonly own: DueRecorded<Loaded<Facts>>;
  readonly others: Others<Facts>;
}

const statesOf = <Facts>(others: Others<Facts>): OtherStates<Facts> =>
  others.size === 0
    ? NO_OTHERS
    : new Map([...others].map(([streamId, loaded]) => [streamId, loaded && loaded.at.state]));

/** A call that may be decided: found, valid, and asked under a role that is permitted. */
interface Task<Facts = unknown> {
  readonly call: CommandCall<Facts>;
  readonly command: CommandDefinition<Facts>;
  readonly payload: CommandPayload;
  /** Whose command it is. */
  readonly lifecycle: CommandedLifecycle<Facts>;
  /** In which roles it may be asked for, of the state on which it was let in. */
  readonly asked: { readonly state: LifecycleState<Facts>; readonly permitted: Permitted };
  /** Whether it has waited for what was made of the record's earlier days before it. */
  readonly isInTurn: boolean;
}

const seenBy = ({ streamId }: { streamId: string }, { version }: { version: number }): SeenStream => ({
  streamId,
  version,
});

/** What is told of a command: its own stream's events, and the position from which all that it stored can be read. */
function outcome<Facts>(
  streamId: string,
  stored: readonly AppendedEvent[],
  { state, lifecycle }: Pick<Loaded<Facts>, 'state' | 'lifecycle'>,
  repeated: boolean,
): CommandOutcome<Facts> {
  const own = stored.filter((event) => event.streamId === streamId);
  const { version, recordedAt } = own.at(-1) as AppendedEvent;
  const { position } = stored.at(-1) as AppendedEvent;
  const events = own.map(({ eventId, type, version }) => ({ eventId, type, version }));
  const status = lifecycle.statusOf(state.value);
  return { version, position, recordedAt, state, status, events, repeated };
}

/** @throws CommandRefusedError for a command that none of the versions has, naming those that they have. */
function commandOf<Facts>(
  name: string,
  versions: readonly CommandedLifecycle<Facts>[],
): CommandDefinition<Facts> {
  const command = versions.find(({ commands }) => Object.hasOwn(commands, name))?.commands[name];
  if (command !== undefined) return command;
  const known = [...new Set(versions.flatMap(({ commands }) => Object.keys(commands)))].join(', ');
  const detail = `There is no command "${name}". Commands: ${known}`;
  throw new CommandRefusedError('not-found', 'unknown-command', detail);
}
