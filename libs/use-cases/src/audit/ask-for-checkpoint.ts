import { SIGNS_LOG } from '#state-machines/access';
import type { AskedNow } from '../asked.ts';
import { actorOf, requireRole } from '../asked.ts';
import { ProblemError } from '../problems.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import type { SignedLog } from './sign-log.ts';

/** What a checkpoint is asked of. */
export interface SignsLog {
  /** Signs the log as it ends now. @throws as `signLog` does. */
  sign(call: CheckpointCall): Promise<SignedLog>;
}

/**
 * Has the log signed as it ends now, where anything but checkpoints was appended since it was signed last.
 * @throws ProblemError `role-not-permitted`; `checkpoint-refused` for an empty log; and as `signLog` does.
 */
export async function askForCheckpoint(
  signing: SignsLog,
  { viewer, now, correlationId }: AskedNow,
): Promise<{ readonly isNew: boolean; readonly note: string }> {
  requireRole(viewer, SIGNS_LOG);
  const outcome = await signing.sign({ actor: actorOf(viewer), now, correlationId });
  if (outcome.result === 'empty')
    throw new ProblemError('checkpoint-refused', 'The log is empty; there is nothing to sign');
  return { isNew: outcome.result === 'signed', note: outcome.note };
}
