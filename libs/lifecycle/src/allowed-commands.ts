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
import type { Loaded, StateLoader } from './state-loader.ts';

/** What every command appends at least. */
const SMALLEST: DecidedEvent = { type: '', data: {} };

/** What is consulted about commands besides the record. */
interface AllowedBy<Facts> {
  readonly lifecycles: Lifecycles<Facts, CommandedLifecycle<Facts>>;
  readonly states: StateLoader<Facts>;
  readonly roles: CommandRoles<Facts>;
  readonly limits: RecordLimits;
  readonly civilDay: CivilDay;
}

/** Which commands there are, which of them somebody may try on a record, and what stands against the others. */
export class AllowedCommands<Facts = unknown> {
  readonly #by: AllowedBy<Facts>;

  constructor(by: AllowedBy<Facts>) {
    this.#by = by;
  }

  /**
   * A command of the kind of record that a stream is of, whichever version of its lifecycle has it.
   * @throws CommandRefusedError for a command that none of them has.
   */
  knownCommand(name: string, streamId: string): CommandDefinition<Facts> {
    const versions = this.#by.lifecycles.all.filter(({ kind }) => streamId.startsWith(`${kind.stream}-`));
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
    const permitted = this.#by.roles.permitted({ name, command, caller }, state);
    const [ofRole, roles] = 'refusal' in permitted ? [[permitted.refusal], []] : [[], permitted.roles];
    const { actor, organisations, bodies = organisations } = caller;
    const asking = { actor, bodies, today: this.#by.civilDay(caller.now) };
    const full = (role: string) =>
      command.whenFull ? null : fullReason(lifecycle, state, [SMALLEST], role, this.#by.limits);
    return [...ofRole, ...reasonsBeforehand(lifecycle, command, state, asking, roles, full)];
  }

  /** The same, and what the other record says against it that it is about. */
  async allReasonsAgainst(name: string, loaded: Loaded<Facts>, caller: CallerNow): Promise<Reason[]> {
    const { state, lifecycle } = loaded;
    const reasons = this.reasonsAgainst(name, loaded, caller).map(({ reason }) => reason);
    const { otherRecord } = commandOf(name, [lifecycle]);
    const id = otherRecord?.idOf(state) ?? null;
    if (reasons.length > 0 || id === null) return reasons;
    const other = await this.#by.states.reload(streamOf({ kind: lifecycle.kind, id }));
    const reason = other && otherRecord?.against({ id, state: other.state }, caller);
    return reason ? [reason] : [];
  }
}

/** @throws CommandRefusedError for a command that none of the versions has, naming those that they have. */
export function commandOf<Facts>(
  name: string,
  versions: readonly CommandedLifecycle<Facts>[],
): CommandDefinition<Facts> {
  const command = versions.find(({ commands }) => Object.hasOwn(commands, name))?.commands[name];
  if (command !== undefined) return command;
  const known = [...new Set(versions.flatMap(({ commands }) => Object.keys(commands)))].join(', ');
  const detail = `There is no command "${name}". Commands: ${known}`;
  throw new CommandRefusedError('not-found', 'unknown-command', detail);
}
