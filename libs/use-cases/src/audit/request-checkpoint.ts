import { SIGNS_LOG } from '#state-machines/access';
import type { CallContext } from '../call-context.ts';
import { actorOf, requireRole } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import type { SignedLog } from './sign-log.ts';

export interface SignsLog {
  /** Signs the log up to its end. @throws as `signLog` does. */
  sign(call: CheckpointCall): Promise<SignedLog>;
}

/**
 * Signs the log up to its end if anything except checkpoints was appended since the last signature.
 * @throws ProblemError `role-not-permitted`; `checkpoint-refused` for an empty log; and as `signLog` does.
 */
export async function requestCheckpoint(
  signing: SignsLog,
  { viewer, now, correlationId }: CallContext,
): Promise<{ readonly isNew: boolean; readonly note: string }> {
  requireRole(viewer, SIGNS_LOG);
  const outcome = await signing.sign({ actor: actorOf(viewer), now, correlationId });
  if (outcome.result === 'empty')
    throw new ProblemError('checkpoint-refused', 'The log is empty; there is nothing to sign');
  return { isNew: outcome.result === 'signed', note: outcome.note };
}
