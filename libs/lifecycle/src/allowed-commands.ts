import type { CallerNow, CivilDay } from './command-call.ts';
import type { CommandRoles } from './command-roles.ts';
import { reasonsBeforehand } from './decide.ts';
import type { CommandDefinition, DecidedEvent, Refusal } from './decide.ts';
import { streamOf } from './kind.ts';
import type { CommandedLifecycle, Lifecycles } from './lifecycles.ts';
import { fullReason } from './record-limits.ts';
import type { RecordLimits } from './record-limits.ts';
import { CommandRefusedError } from './refused.ts';
import type { Reason } from './refused.ts';
import type { LoadedState, StateLoader } from './state-loader.ts';

/** A placeholder for the smallest possible append, to check whether the record has space left. */
const SMALLEST_EVENT: DecidedEvent = { type: '', data: {} };

interface AllowedCommandsParts<Facts> {
  readonly lifecycles: Lifecycles<Facts, CommandedLifecycle<Facts>>;
  readonly states: StateLoader<Facts>;
  readonly roles: CommandRoles<Facts>;
  readonly limits: RecordLimits;
  readonly civilDay: CivilDay;
}

/** Looks up commands, and reports which of them a caller may run on a record and the reasons against the others. */
export class AllowedCommands<Facts = unknown> {
  readonly #parts: AllowedCommandsParts<Facts>;
  /** The versions of each kind of record by the prefix of its streams, latest first. */
  readonly #versions: ReadonlyMap<string, readonly CommandedLifecycle<Facts>[]>;

  constructor(parts: AllowedCommandsParts<Facts>) {
    this.#parts = parts;
    this.#versions = Map.groupBy(parts.lifecycles.all.toReversed(), ({ kind }) => `${kind.stream}-`);
  }

  /**
   * Returns a command for a stream's kind of record, from the latest lifecycle version that has it.
   * @throws CommandRefusedError if no version has the command.
   */
  lookUpCommand(name: string, streamId: string): CommandDefinition<Facts> {
    for (const [prefix, versions] of this.#versions)
      if (streamId.startsWith(prefix)) return commandOf(name, versions);
    return commandOf(name, []);
  }

  /** Returns the names of the commands that the caller may run on the record. */
  allowedCommands(loaded: LoadedState<Facts>, caller: CallerNow): string[] {
    const { commands } = loaded.lifecycle;
    return Object.keys(commands).filter((name) => this.reasonsAgainst(name, loaded, caller).length === 0);
  }

  /** Returns every reason against the command in this state, that of a missing role first. */
  reasonsAgainst(name: string, { state, lifecycle }: LoadedState<Facts>, caller: CallerNow): Refusal[] {
    const command = commandOf(name, [lifecycle]);
    const permitted = this.#parts.roles.permitted({ name, command, caller }, state);
    const [ofRole, roles] = 'refusal' in permitted ? [[permitted.refusal], []] : [[], permitted.roles];
    const { actor, organisations, bodies = organisations } = caller;
    const requester = { actor, bodies, today: this.#parts.civilDay(caller.now) };
    const full = (role: string) =>
      command.whenFull ? null : fullReason(lifecycle, state, [SMALLEST_EVENT], role, this.#parts.limits);
    return [...ofRole, ...reasonsBeforehand(lifecycle, command, state, requester, roles, full)];
  }

  /** Returns the reasons against a command, including those of the other record that it affects. */
  async allReasonsAgainst(name: string, loaded: LoadedState<Facts>, caller: CallerNow): Promise<Reason[]> {
    const { state, lifecycle } = loaded;
    const reasons = this.reasonsAgainst(name, loaded, caller).map(({ reason }) => reason);
    const { otherRecord } = commandOf(name, [lifecycle]);
    const id = otherRecord?.idOf(state) ?? null;
    if (reasons.length > 0 || id === null) return reasons;
    const other = await this.#parts.states.reload(streamOf({ kind: lifecycle.kind, id }));
    const reason = other && otherRecord?.against({ id, state: other.state }, caller);
    return reason ? [reason] : [];
  }
}

/**
 * Returns a command of the first version that has it.
 * @throws CommandRefusedError if none has it; the message lists the existing commands.
 */
export function commandOf<Facts>(
  name: string,
  versions: readonly CommandedLifecycle<Facts>[],
): CommandDefinition<Facts> {
  const command = versions.find(({ commands }) => Object.hasOwn(commands, name))?.commands[name];
  if (command !== undefined) return command;
  const names = [...new Set(versions.flatMap(({ commands }) => Object.keys(commands)))].join(', ');
  const detail = `There is no command "${name}". Commands: ${names}`;
  throw new CommandRefusedError('not-found', 'unknown-command', detail);
}
