import type { JsonObject } from '#event-sourcing/envelope';
import type { Commit, EventStore } from '#event-sourcing/event-store';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { AllowedCommands, commandOf } from './allowed-commands.ts';
import { RepeatedCommands, outcomeOf } from './answered-commands.ts';
import type { CommandOutcome } from './answered-commands.ts';
import type { OnRuleFailed, TriedCaller } from './allowed-commands.ts';
import type { CommandCall } from './command-call.ts';
import { CommandDecider, statesOf } from './command-decider.ts';
import type { DeciderParts, Others, Task } from './command-decider.ts';
import { CommandRoles } from './command-roles.ts';
import type { RolesPolicy } from './command-roles.ts';
import { commitFor } from './commit-for.ts';
import type { CommandIds } from './commit-for.ts';
import { byStream } from './decide.ts';
import type { Allowed, Refusal } from './decide.ts';
import type { DueRecorded } from './due-events.ts';
import type { MatchesRequest } from './idempotency.ts';
import type { Lifecycles } from './lifecycles.ts';
import { RECORD_LIMITS } from './record-limits.ts';
import type { RecordLimits } from './record-limits.ts';
import { CommandRefusedError } from './refused.ts';
import type { SeenStream } from './refused.ts';
import { StateLoader } from './state-loader.ts';
import type { LoadedState } from './state-loader.ts';
import { KeyedQueue } from '#event-sourcing/keyed-queue';
import { validatePayload } from './validate-payload.ts';

/** Runs live commands: loads the record, decides, and appends at the expected version. */
export class CommandHandler<Facts = unknown> {
  readonly states: StateLoader<Facts>;
  readonly allowed: AllowedCommands<Facts>;
  readonly #decider: CommandDecider<Facts>;
  readonly #roles: CommandRoles<Facts>;
  readonly #store: EventStore;
  readonly #answered: RepeatedCommands<Facts>;
  readonly #commandIds: (commandId: string) => CommandIds;
  readonly #queue = new KeyedQueue();

  constructor(
    options: Omit<DeciderParts<Facts>, 'states' | 'roles' | 'limits'> & {
      lifecycles: Lifecycles<Facts>;
      matchesRequest: MatchesRequest;
      roles: RolesPolicy;
      limits?: RecordLimits;
      onRuleFailed?: OnRuleFailed;
    },
  ) {
    const { store, lifecycles, limits = RECORD_LIMITS } = options;
    this.states = new StateLoader(store, lifecycles);
    this.#roles = new CommandRoles(options.roles);
    const parts = { ...options, limits, states: this.states, roles: this.#roles };
    this.allowed = new AllowedCommands({
      ...parts,
      tried: (name, loaded, caller, payload) => this.#tried(name, loaded, caller, payload),
    });
    this.#decider = new CommandDecider(parts);
    this.#store = store;
    this.#answered = new RepeatedCommands(store, this.states, options.matchesRequest);
    this.#commandIds = options.commandIds;
  }

  /**
   * Runs a command once.
   * @throws CommandRefusedError in the documented order: not found, invalid, role, key reused, version, state, people,
   *   rule.
   * @throws QueueFullError if nothing was done and a retry may succeed later.
   * @throws StoreUnavailableError if a retry may succeed later; this call may or may not have been stored.
   */
  async handle(call: CommandCall<Facts>): Promise<CommandOutcome<Facts>> {
    this.allowed.lookUpCommand(call.command, call.streamId);
    const loaded = await this.loadVisible(call);
    const command = commandOf(call.command, [loaded.lifecycle]);
    const payload = validatePayload(command.payload, call.body);
    const request = { name: call.command, command, caller: call, payload };
    const remembered = this.#roles.permitted(request, loaded.state);
    if ('refusal' in remembered) {
      const stored = (await this.states.reload(call.streamId)) ?? loaded;
      const permitted = this.#roles.permitted(request, stored.state);
      if ('refusal' in permitted) {
        // This command itself may have changed the record's body, so any role that permits it receives the stored
        // result.
        const earlier = this.#roles.hasPermittingRole(request) ? await this.#answered.findByKey(call) : null;
        if (earlier) return earlier;
        throw await this.#refused(permitted.refusal, stored, call);
      }
    }
    const task = {
      call,
      command,
      payload,
      lifecycle: loaded.lifecycle,
      admission: { state: loaded.state, permitted: remembered },
    };
    try {
      return await this.#queue.run([call.streamId], () => this.#untilSettled(task));
    } catch (error) {
      // A reused key is refused before the record is loaded again.
      throw error instanceof CommandRefusedError ? error.seenAt(streamSeen(call, loaded)) : error;
    }
  }

  /**
   * Returns the record's state.
   * @throws CommandRefusedError if the record does not exist, or the caller may not see it.
   */
  async loadVisible(call: Pick<CommandCall<Facts>, 'streamId' | 'mayTouch'>): Promise<LoadedState<Facts>> {
    const remembered = await this.states.load(call.streamId);
    if (remembered && call.mayTouch(remembered.state)) return remembered;
    const loaded = remembered && (await this.states.reload(call.streamId));
    if (loaded && call.mayTouch(loaded.state)) return loaded;
    throw new CommandRefusedError('not-found', 'not-found', 'There is no such record');
  }

  /** Returns the refusal of a payload, and records nothing; null if it would be accepted. */
  async #tried(
    name: string,
    loaded: LoadedState<Facts>,
    caller: TriedCaller<Facts>,
    payload: JsonObject,
  ): Promise<Refusal | null> {
    const call = { ...UNSENT, ...caller, command: name, body: payload };
    const command = commandOf(name, [loaded.lifecycle]);
    const permitted = this.#roles.permitted({ name, command, caller }, loaded.state);
    const admission = { state: loaded.state, permitted };
    const tried = await this.#decider.decide(
      { call, command, payload, lifecycle: loaded.lifecycle, admission },
      loaded,
    );
    if (tried === null || tried.decided.allowed) return null;
    const { refusal } = tried.decided;
    const { events: decides } = refusal.reason;
    // The caller can list what the decision must list.
    const isListed = decides === undefined || 'decides' in payload;
    return isListed ? refusal : this.#tried(name, loaded, caller, { ...payload, decides });
  }

  /** Retries for a bounded time after conflicts with other processes. */
  async #untilSettled(task: Task<Facts>): Promise<CommandOutcome<Facts>> {
    const { call } = task;
    const known = await this.#answered.findByKey(call);
    if (known) return known;
    let loaded = await this.loadVisible(call);
    return retryConflicts(async (isAgain) => {
      if (isAgain) loaded = (await this.states.reload(call.streamId)) ?? loaded;
      try {
        return await this.#decideAndAppend(task, loaded);
      } catch (error) {
        return this.#answered.outcomeDespite(error, call, loaded.version);
      }
    });
  }

  /** Decides on the cached state, but refuses only on the stored state. */
  async #decideAndAppend(task: Task<Facts>, remembered: LoadedState<Facts>): Promise<CommandOutcome<Facts>> {
    const { call } = task;
    const first = await this.#decider.decide(task, remembered);
    if (first !== null && first.decided.allowed)
      return this.#append(task, first.own, first.decided, first.others);

    const loaded = (await this.states.reload(call.streamId)) ?? remembered;
    const second = await this.#decider.decide(task, loaded);
    if (second?.decided.allowed) return this.#append(task, second.own, second.decided, second.others);
    // Looked up after all reads, because what they show may come from this command itself, run by another node.
    const known = await this.#answered.findByKey(call);
    if (known) return known;
    if (second !== null && !second.decided.allowed)
      throw await this.#refused(second.decided.refusal, loaded, call, loaded.version);
    const detail = `The record is at version ${loaded.version}, which is not the version that you sent. Read it again and retry`;
    const details = { currentVersion: loaded.version };
    throw new CommandRefusedError('version', 'version-mismatch', detail, details, streamSeen(call, loaded));
  }

  async #append(
    { call }: Task<Facts>,
    own: DueRecorded<LoadedState<Facts>>,
    { events, effectiveOn, decision }: Allowed,
    others: Others<Facts>,
  ): Promise<CommandOutcome<Facts>> {
    const streams: Others<Facts> = new Map([[call.streamId, own], ...others]);
    const parts = byStream(call.streamId, own.at.state, events, statesOf(others));
    const ids = this.#commandIds(call.commandId);
    const header = { ...call, ids, name: call.command, decision };
    // The decision numbered its events as if they came first in the commit.
    const preceding: Commit[] = [];
    const appends = [...streams].map(([streamId, loaded]) => {
      const { at, commits } = loaded ?? NOTHING_DUE;
      const part = parts.get(streamId);
      const before = (at?.version ?? 0) - commits.length;
      // Only the version of this stream is checked; no event is appended to it.
      if (part === undefined) return { streamId, expectedVersion: before, events: [] };
      preceding.push(...commits);
      // Each record continues under its own lifecycle.
      const { lifecycle } = at ?? own.at;
      const decided = { before: part.state, decided: () => part.events, effectiveOn };
      return { streamId, expectedVersion: before + commits.length, lifecycle, ...decided };
    });
    const { commit, states: after } = commitFor(header, appends);
    const result = await this.#store.append(preceding.length === 0 ? commit : { ...commit, preceding });
    if (result.repeated) return this.#answered.outcomeOfEarlierRun(call, result.events);
    for (const { streamId, version } of result.events) {
      const state = after.get(streamId);
      const { lifecycle } = (streams.get(streamId) ?? own).at;
      if (state !== undefined) this.states.remember(streamId, { version, state, lifecycle });
    }
    const state = after.get(call.streamId) ?? own.at.state;
    return outcomeOf(call.streamId, result.events, { state, lifecycle: own.at.lifecycle }, false);
  }

  async #refused(
    refusal: Refusal,
    loaded: LoadedState<Facts>,
    call: CommandCall<Facts>,
    currentVersion?: number,
  ): Promise<CommandRefusedError> {
    this.allowed.reportFailure(call.command, loaded, refusal);
    const { code, detail, guard, pointer, ...members } = refusal.reason;
    const details = {
      ...(pointer !== undefined && { errors: [{ pointer, detail }] }),
      allowedCommands: await this.allowed.allowedCommands(loaded, call),
      ...(guard !== undefined && { guard }),
      ...members,
      ...(currentVersion !== undefined && { currentVersion }),
    };
    return new CommandRefusedError(refusal.kind, code, detail, details, streamSeen(call, loaded));
  }
}

/** A call that is only tried. */
const UNSENT = {
  ...{ commandId: '00000000-0000-4000-8000-000000000000', request: null },
  ...{ expectedVersions: null, correlationId: '' },
} as const;

/** The result for a stream that does not exist, or that the caller may not see. */
const NOTHING_DUE = { at: null, commits: [] } as const;

const streamSeen = ({ streamId }: { streamId: string }, { version }: { version: number }): SeenStream => ({
  streamId,
  version,
});
