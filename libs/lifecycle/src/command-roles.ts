import type { Actor } from '#event-sourcing/envelope';
import type { CommandDefinition, CommandPayload, Decided, OtherStates, Refusal } from './decide.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { inOneSentence, oneOfRoles, roleInWords, withArticle } from './words.ts';

/** The caller of a command: their roles and bodies. */
export interface Caller {
  readonly actor: Actor;
  /** Used to find the caller's roles; never recorded. */
  readonly organisations: readonly string[];
  /** The caller's organisations, except those of the service's operators; all organisations if absent. */
  readonly bodies?: readonly string[];
}

/** Returns the roles in which a person may act on a record of this lifecycle and body, or on a record without one. */
type RolesOn = (
  caller: { readonly roles: readonly string[]; readonly organisations: readonly string[] },
  record: Pick<LifecycleState, 'of' | 'body'>,
) => readonly string[];

/** Returns why a person may not act on a record in roles that they have, as the end of a sentence. */
type WhyNotAs = (
  caller: { readonly organisations: readonly string[] },
  body: string | null,
  roles: readonly string[],
) => string;

/** Decides in which roles people may act on records. */
export interface RolesPolicy {
  readonly rolesOn: RolesOn;
  readonly whyNotAs: WhyNotAs;
}

/** The roles of a person, and those that apply to a record. */
interface ActingRoles {
  readonly own: readonly string[];
  readonly acting: readonly string[];
  /** Returns why some of the person's roles do not apply. */
  readonly whyNotAs: (roles: readonly string[]) => string;
}

/** The roles that permit a command, or why no role does. */
export type Permitted = { readonly roles: readonly string[] } | { readonly refusal: Refusal };

const rolesOf = (own: readonly string[]): string =>
  own.length === 0 ? 'have no role' : `are ${inOneSentence(own.map(roleInWords).map(withArticle))}`;

/** Returns the roles that permit a command, or why no role does. */
export function permittedRoles<Facts, Payload extends CommandPayload>(
  name: string,
  command: CommandDefinition<Facts, Payload>,
  { own, acting, whyNotAs }: ActingRoles,
  payload?: Payload,
): Permitted {
  const refusal = (detail: string) => ({
    refusal: { kind: 'role', reason: { code: 'role-not-permitted', detail } } as const,
  });
  const roles = command.roles.filter((role) => acting.includes(role));
  if (roles.length === 0) {
    const allowedFor = `Only ${oneOfRoles(command.roles)} can use ${name}; you ${rolesOf(own)}`;
    if (acting.length === own.length) return refusal(allowedFor);
    const instead = `${allowedFor}, and act on this record as ${acting.join(' or ') || 'none of them'}`;
    const wouldDo = command.roles.filter((role) => own.includes(role));
    return refusal(wouldDo.length === 0 ? instead : `${instead}: ${whyNotAs(wouldDo)}`);
  }
  const narrowed = (payload && command.narrowerUse?.(payload)) ?? null;
  if (narrowed === null) return { roles };
  const narrower = roles.filter((role) => narrowed.roles.includes(role));
  if (narrower.length > 0) return { roles: narrower };
  return refusal(`${narrowed.what} is for ${narrowed.roles.join(' and ')}; ${narrowed.instead}`);
}

/** Returns the first of the person's roles that is accepted, or a refusal whose message begins with `what`. */
export function firstRole(
  what: string,
  roles: readonly string[],
  ownRoles: readonly string[],
): { readonly role: string } | { readonly detail: string } {
  const role = roles.find((each) => ownRoles.includes(each));
  if (role !== undefined) return { role };
  return { detail: `${what} ${oneOfRoles(roles)}; you ${rolesOf(ownRoles)}` };
}

interface RequestedCommand<Facts = unknown> {
  readonly name: string;
  readonly command: CommandDefinition<Facts>;
  readonly caller: Caller;
  readonly payload?: CommandPayload;
}

/** Checks which roles permit commands on which records. */
export class CommandRoles<Facts = unknown> {
  readonly #policy: RolesPolicy;

  constructor(policy: RolesPolicy) {
    this.#policy = policy;
  }

  /** Returns the roles that permit a command on a record in this state, or why none does. */
  permitted({ name, command, caller, payload }: RequestedCommand<Facts>, state: LifecycleState<Facts>) {
    return permittedRoles(name, command, this.#on(caller, state), payload);
  }

  /** Returns whether a role of the caller permits the command, for any record. */
  hasPermittingRole({ name, command, caller, payload }: RequestedCommand<Facts>): boolean {
    const { roles } = caller.actor;
    const everywhere = { own: roles, acting: roles, whyNotAs: () => '' };
    return 'roles' in permittedRoles(name, command, everywhere, payload);
  }

  /** Refuses a decision that also appends to a record on which the caller may not act in the same role. */
  checkOtherRecords(
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
      const detail = `${call.command} also writes to another record, and ${whyNotAs([role])}`;
      return { allowed: false, refusal: { kind: 'role', reason: { code: 'role-not-permitted', detail } } };
    }
    return decided;
  }

  #on({ actor, organisations }: Caller, { of, body }: LifecycleState<Facts>): ActingRoles {
    const { roles: own } = actor;
    return {
      own,
      acting: this.#policy.rolesOn({ roles: own, organisations }, { of, body }),
      whyNotAs: (roles) => this.#policy.whyNotAs({ organisations }, body, roles),
    };
  }
}
