import type { RecordKind } from '#lifecycle/kind';
import { mayPack, readsInternal, seesRecipient } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { actorOf } from '../call-context.ts';
import type { CallContext } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import { recipientNow, notFound, recipientOf } from '../records/visible-record.ts';
import { makePack } from './make-pack.ts';
import type { Pack, PackContext, PackRequest } from './make-pack.ts';
import { readWithholding } from './withhold-values.ts';

/** A request for an evidence pack. */
export interface RequestedPack extends Pick<PackRequest, 'record' | 'since'> {
  /** Values to withhold, each in `WITHHOLDING_FORM`. */
  readonly withhold: readonly string[];
}

/**
 * Makes an evidence pack of a record, for auditors and for the recipient's users. Packs for the recipient's users never contain internal
 * values.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a recipient that the viewer cannot see; ProblemError
 * `role-not-permitted`, and as `makePack` does.
 */
export async function requestPack(
  context: PackContext,
  { viewer, now, correlationId }: CallContext,
  { withhold, ...request }: RequestedPack,
): Promise<Pack> {
  const { store, readModels } = context;
  const { kind } = request.record;
  const chosen = readWithholding(withhold);
  refuseOthers(viewer, await recipientNow(store, readModels, request.record), kind);
  return makePack(
    context,
    { actor: actorOf(viewer), now, correlationId },
    {
      ...request,
      withholding(events) {
        const recipient = recipientOf(events);
        // The record may have moved to another body in the meantime.
        refuseOthers(viewer, recipient, kind);
        return { ...chosen, internal: chosen.internal || !readsInternal(viewer, recipient, kind) };
      },
    },
  );
}

/**
 * Refuses viewers who may not have a pack of the record.
 * @param recipient undefined if the record does not exist.
 * @throws CommandRefusedError, ProblemError as `requestPack` does.
 */
export function refuseOthers(viewer: Viewer, recipient: string | null | undefined, kind: RecordKind): void {
  if (recipient === undefined || !seesRecipient(viewer, recipient, kind)) throw notFound();
  if (mayPack(viewer, recipient, kind)) return;
  throw new ProblemError(
    'role-not-permitted',
    `Only auditors and the recipient's users can make an evidence pack; your roles: ${viewer.roles.join(', ') || 'none'}`,
  );
}
