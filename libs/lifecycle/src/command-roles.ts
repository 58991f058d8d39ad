import type { Actor } from '#event-sourcing/envelope';
import type { CommandDefinition, CommandPayload, Decided, OtherStates, Refusal } from './decide.ts';
import type { LifecycleState } from './lifecycle-definition.ts';

/** Whoever gives a command or asks which they may give: their roles, and the bodies that they belong to. */
export interface Caller {
  readonly actor: Actor;
  /** They decide in which roles the caller acts, and go on no record. */
  readonly organisations: readonly string[];
  /** The same without the organisations of those who run the service; all of them where it is absent. */
  readonly bodies?: readonly string[];
}

/** In which of their roles somebody acts on the record of a body, or of none; the policy says. */
type RolesOn = (
  caller: { readonly roles: readonly string[]; readonly organisations: readonly string[] },
  body: string | null,
) => readonly string[];

/** Why somebody does not act on a record in roles that they hold, as a sentence goes on; the policy says. */
type WhyNotAs = (
  caller: { readonly organisations: readonly string[] },
  body: string | null,
  roles: readonly string[],
) => string;

/** In which roles people act on records, and why in no others. */
export interface RolesPolicy {
  readonly rolesOn: RolesOn;
  readonly whyNotAs: WhyNotAs;
}

/** The roles that somebody holds, and those of them in which they act on a record. */
interface ActingRoles {
  readonly held: readonly string[];
  readonly acting: readonly string[];
  /** Why they do not act in some that they hold. */
  readonly whyNotAs: (roles: readonly string[]) => string;
}

/** The roles under which somebody may ask for a command, or why none of those that they act in will do. */
export type Permitted = { readonly roles: readonly string[] } | { readonly refusal: Refusal };

/** In which of the roles that somebody acts in they may ask for a command. */
export function permittedRoles<Facts, Payload extends CommandPayload>(
  name: string,
  command: CommandDefinition<Facts, Payload>,
  { held, acting, whyNotAs }: ActingRoles,
  payload?: Payload,
): Permitted {
  const refused = (detail: string) => ({
    refusal: { kind: 'role', reason: { code: 'role-not-permitted', detail } } as const,
  });
  const roles = command.roles.filter((role) => acting.includes(role));
  if (roles.length === 0) {
    const forWhom = `${name} is for ${command.roles.join(' or ')}; you have ${held.join(', ') || 'no role'}`;
    if (acting.length === held.length) return refused(forWhom);
    const instead = `${forWhom}, and act on this record as ${acting.join(' or ') || 'none of them'}`;
    const wouldDo = command.roles.filter((role) => held.includes(role));
    return refused(wouldDo.length === 0 ? instead : `${instead}: ${whyNotAs(wouldDo)}`);
  }
  const narrowed = (payload && command.narrowed?.(payload)) ?? null;
  if (narrowed === null) return { roles };
  const narrower = roles.filter((role) => narrowed.roles.includes(role));
  if (narrower.length > 0) return { roles: narrower };
  return refused(`${narrowed.what} is for ${narrowed.roles.join(' and ')}; ${narrowed.instead}`);
}

/** The first of the roles that somebody holds; or why none of theirs will do, in a sentence that begins with `what`. */
export function firstRole(
  what: string,
  roles: readonly string[],
  held: readonly string[],
): { readonly role: string } | { readonly detail: string } {
  const role = roles.find((each) => held.includes(each));
  if (role !== undefined) return { role };
  return { detail: `${what} ${roles.join(' or ')}; you have ${held.join(', ') || 'no role'}` };
}

/** A command that somebody asks for. */
interface AskedCommand<Facts = unknown> {
  readonly name: string;
  readonly command: CommandDefinition<Facts>;
  readonly caller: Caller;
  readonly payload?: CommandPayload;
}

/** Who may ask for commands on which records. */
export class CommandRoles<Facts = unknown> {
  readonly #policy: RolesPolicy;

  constructor(policy: RolesPolicy) {
    this.#policy = policy;
  }

  /** The roles in which a command may be asked for on a record in this state, or why none will do. */
  permitted({ name, command, caller, payload }: AskedCommand<Facts>, state: LifecycleState<Facts>) {
    return permittedRoles(name, command, this.#on(caller, state), payload);
  }

  /** Whether the caller holds a role for the command, whatever record it is for. */
  holdsOne({ name, command, caller, payload }: AskedCommand<Facts>): boolean {
    const { roles } = caller.actor;
    const everywhere = { held: roles, acting: roles, whyNotAs: () => '' };
    return 'roles' in permittedRoles(name, command, everywhere, payload);
  }

  /** What is decided leaves something on another record only where the caller may act there in the same role. */
  elsewhere(
    call: Caller & { readonly command: string; readonly streamId: string },
    decided: Decided,
    others: OtherStates<Facts>,
  ): Decided {
    if (!decided.allowed) return decided;
    const { role } = decided.decision;
    for (const { streamId = call.streamId } of decided.events) {
      const state = others.get(streamId);
      if (!state) continue;
      const { acting, whyNotAs } = this.#on(call, state);
      if (acting.includes(role)) continue;
      const detail = `${call.command} also writes on another record, and there ${whyNotAs([role])}`;
      return { allowed: false, refusal: { kind: 'role', reason: { code: 'role-not-permitted', detail } } };
    }
    return decided;
  }

  #on({ actor, organisations }: Caller, { body }: LifecycleState<Facts>): ActingRoles {
    const { roles: held } = actor;
    return {
      held,
      acting: this.#policy.rolesOn({ roles: held, organisations }, body),
      whyNotAs: (roles) => this.#policy.whyNotAs({ organisations }, body, roles),
    };
  }
}
