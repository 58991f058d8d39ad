import type { Actor } from '#event-sourcing/envelope';
import { CommandRefusedError } from '#lifecycle/refused';
import { rolesOn } from '#state-machines/access';
import { whyNotAs } from '#state-machines/capabilities/persons';

/**
 * On a record of their own body nobody acts in another role than those of its people, nor says by a file what others decided.
 * @throws CommandRefusedError where the caller acts in none of the roles on the record of one of the recipients.
 */
export function refuseOwnBody(
  { actor, organisations }: { readonly actor: Actor; readonly organisations: readonly string[] },
  roles: readonly string[],
  recipients: readonly (string | null)[],
): void {
  const caller = { roles: actor.roles, organisations };
  const own = recipients.find(
    (recipient) => !rolesOn(caller, recipient).some((role) => roles.includes(role)),
  );
  if (own === undefined) return;
  throw new CommandRefusedError('role', 'role-not-permitted', whyNotAs(caller, own, roles));
}
