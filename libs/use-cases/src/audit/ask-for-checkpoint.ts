import { SIGNS_LOG } from '#state-machines/access';
import type { AskedNow } from '../asked.ts';
import { actorOf, requireRole } from '../asked.ts';
import { ProblemError } from '../problems.ts';
import type { RecordsAccess } from '../records/records-access.ts';
import type { CheckpointCall, CheckpointOutcome } from './make-checkpoint.ts';

/** What a checkpoint is asked of. */
export interface SigningAccess extends Pick<RecordsAccess, 'store'> {
  /** Signs the log as far as its tree is folded. @throws CheckpointRefusedError */
  readonly sign: (call: CheckpointCall) => Promise<CheckpointOutcome>;
  /** Waits until the tree is folded up to a position: false where that takes too long. */
  readonly whenFolded: (position: string, timeoutMs: number) => Promise<boolean>;
}

/** How long the tree may take to reach the log's end. */
const FOLDED_MS_MAX = 2_000;
/** How often another node may be first. */
const ATTEMPTS_MAX = 5;

/**
 * Signs the log as it ends now, where anything but checkpoints was appended since it was signed last.
 * @throws ProblemError `role-not-permitted`; `read-model-behind`; `too-busy` where other nodes are first all the time; `checkpoint-refused`
 *   for an empty log; CheckpointRefusedError.
 */
export async function askForCheckpoint(
  { store, sign, whenFolded }: SigningAccess,
  { viewer, now, correlationId }: AskedNow,
): Promise<{ readonly isNew: boolean; readonly note: string }> {
  requireRole(viewer, SIGNS_LOG);
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    if (!(await whenFolded(await store.lastPosition(), FOLDED_MS_MAX)))
      throw new ProblemError(
        'read-model-behind',
        `The tree over the log has not reached its end within ${FOLDED_MS_MAX / 1_000} s; try again shortly`,
      );
    const outcome = await sign({ actor: actorOf(viewer), now, correlationId });
    if (outcome.result === 'empty')
      throw new ProblemError('checkpoint-refused', 'The log is empty; there is nothing to sign');
    if (outcome.result === 'late') continue;
    const isNew = outcome.result === 'signed';
    // Whoever asked for it finds it, and proofs that lead to it.
    if (isNew) await whenFolded(await store.lastPosition(), FOLDED_MS_MAX);
    return { isNew, note: outcome.note };
  }
  throw new ProblemError('too-busy', 'Other nodes sign all the time; try again shortly');
}
