import type { JsonObject } from '#event-sourcing/envelope';
import type { CallerNow, CivilDay, CommandCall } from './command-call.ts';
import type { CommandRoles } from './command-roles.ts';

import type { CommandDefinition, DecidedEvent, Refusal } from './decide.ts';
import type { CommandedLifecycle, Lifecycles } from './lifecycles.ts';
import { reasonsBeforehand } from './reasons-beforehand.ts';
import { fullReason } from './record-limits.ts';
import type { RecordLimits } from './record-limits.ts';
import { CommandRefusedError } from './refused.ts';
import type { Reason } from './refused.ts';
import type { LoadedState } from './state-loader.ts';

/** A placeholder for the smallest possible append, to check whether the record has space left. */
const SMALLEST_EVENT: DecidedEvent = { type: '', data: {} };

/** A caller whose command is tried, and its record. */
export type TriedCaller<Facts> = CallerNow & Pick<CommandCall<Facts>, 'streamId' | 'mayTouch'>;

/** Reports an error of a rule. */
export type OnRuleFailed = (what: string, error: unknown) => void;

interface AllowedCommandsParts<Facts> {
  readonly lifecycles: Lifecycles<Facts>;
  readonly roles: CommandRoles<Facts>;
  readonly limits: RecordLimits;
  readonly civilDay: CivilDay;
  /** Returns the refusal of a payload, and records nothing; null if it would be accepted. */
  readonly tried: (
    name: string,
    loaded: LoadedState<Facts>,
    caller: TriedCaller<Facts>,
    payload: JsonObject,
  ) => Promise<Refusal | null>;
  readonly onRuleFailed?: OnRuleFailed;
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
  async allowedCommands(loaded: LoadedState<Facts>, caller: TriedCaller<Facts>): Promise<string[]> {
    const names = Object.keys(loaded.lifecycle.commands);
    const against = await Promise.all(names.map((name) => this.#refusalsOf(name, loaded, caller)));
    return names.filter((_, index) => against[index]?.length === 0);
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

  /**
   * Returns the reasons against a command, including those against each payload of which one must be sent. Reports a rule
   * that throws.
   */
  async allReasonsAgainst(
    name: string,
    loaded: LoadedState<Facts>,
    caller: TriedCaller<Facts>,
  ): Promise<Reason[]> {
    const refusals = await this.#refusalsOf(name, loaded, caller);
    return refusals.map((refusal) => {
      this.reportFailure(name, loaded, refusal);
      return refusal.reason;
    });
  }

  /** Reports the error of a rule that threw. */
  reportFailure(name: string, { lifecycle }: Pick<LoadedState<Facts>, 'lifecycle'>, refusal: Refusal): void {
    if (!('error' in refusal)) return;
    const { name: kind, version } = lifecycle.reference;
    const rule = refusal.reason.guard ?? '';
    this.#parts.onRuleFailed?.(`Rule ${rule} of ${name} in ${kind} v${version} threw`, refusal.error);
  }

  async #refusalsOf(
    name: string,
    loaded: LoadedState<Facts>,
    caller: TriedCaller<Facts>,
  ): Promise<Refusal[]> {
    const known = this.reasonsAgainst(name, loaded, caller);
    if (known.length > 0) return known;
    const command = commandOf(name, [loaded.lifecycle]);
    const payloads = command.foreseen?.(loaded.state, this.#parts.civilDay(caller.now)) ?? [];
    const refusals: Refusal[] = [];
    for (const payload of payloads) {
      const refusal = await this.#parts.tried(name, loaded, caller, payload);
      if (refusal === null) return [];
      refusals.push(refusal);
    }
    return refusals.slice(0, 1);
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
