import type { Actor } from '#event-sourcing/envelope';
import type { RecordKind } from '#lifecycle/kind';
import { CommandRefusedError } from '#lifecycle/refused';
import { rolesOn } from '#state-machines/access';
import { whyNotAs } from '#state-machines/capabilities/persons';

/**
 * Refuses staff actions on a record of the caller's own body. There, only the roles of the body's people
 * apply, and imports may not report decisions of others.
 * @throws CommandRefusedError if the caller has none of the roles on the record of one of the recipients.
 */
export function refuseOwnBody(
  { actor, organisations }: { readonly actor: Actor; readonly organisations: readonly string[] },
  roles: readonly string[],
  recipients: readonly (string | null)[],
  kind: RecordKind,
): void {
  const caller = { roles: actor.roles, organisations };
  const ownBody = recipients.find(
    (recipient) => !rolesOn(caller, recipient, kind).some((role) => roles.includes(role)),
  );
  if (ownBody === undefined) return;
  throw new CommandRefusedError('role', 'role-not-permitted', whyNotAs(caller, ownBody, roles));
}
