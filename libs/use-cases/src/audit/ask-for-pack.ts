import { mayPack, readsInternal, seesRecipient } from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { actorOf } from '../asked.ts';
import type { AskedNow } from '../asked.ts';
import { ProblemError } from '../problems.ts';
import { recipientNow } from '../records/recipient-now.ts';
import { notFound, recipientOf } from '../records/visible-record.ts';
import { makePack } from './make-pack.ts';
import type { Pack, PackContext, PackRequest } from './make-pack.ts';
import { readWithholding } from './withhold-values.ts';

/** A pack as somebody asks for it. */
export interface AskedPack extends Pick<PackRequest, 'record' | 'since' | 'challenge'> {
  /** Choices of what is withheld, each of `WITHHOLDING_FORM`. */
  readonly withhold: readonly string[];
}

/**
 * An evidence pack of a record, for an auditor, and for the recipient's own people, from whom what is internal is withheld whatever they choose.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see; ProblemError
 *   `role-not-permitted`, and as `makePack` does.
 */
export async function askForPack(
  context: PackContext,
  { viewer, now, correlationId }: AskedNow,
  { withhold, ...asked }: AskedPack,
): Promise<Pack> {
  const { store, readModels } = context;
  const chosen = readWithholding(withhold);
  refuseOthers(viewer, await recipientNow(store, readModels, asked.record));
  return makePack(
    context,
    { actor: actorOf(viewer), now, correlationId },
    {
      ...asked,
      withholding(events) {
        const recipient = recipientOf(events);
        // It may be another body's by now.
        refuseOthers(viewer, recipient);
        return { ...chosen, internal: chosen.internal || !readsInternal(viewer, recipient) };
      },
    },
  );
}

/**
 * Refuses who may not have a pack of a record.
 * @param recipient undefined where there is no such record.
 * @throws CommandRefusedError, ProblemError as `askForPack` does.
 */
export function refuseOthers(viewer: Viewer, recipient: string | null | undefined): void {
  if (recipient === undefined || !seesRecipient(viewer, recipient)) throw notFound();
  if (mayPack(viewer, recipient)) return;
  throw new ProblemError(
    'role-not-permitted',
    `An evidence pack is for an auditor, and for the recipient's own people; you have ${viewer.roles.join(', ') || 'no role'}`,
  );
}
