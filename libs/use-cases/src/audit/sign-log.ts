import { ProblemError } from '../problems.ts';
import { CheckpointRefusedError } from './compare-log.ts';
import { makeCheckpoint, appendSigned } from './make-checkpoint.ts';
import type { CheckpointCall, CheckpointContext } from './make-checkpoint.ts';
import { SIGNS_LOG } from '#state-machines/access';
import type { CallContext } from '../call-context.ts';
import { actorOf, requireRole } from '../call-context.ts';
import type { KeyObject } from 'node:crypto';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { readTree } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';

export interface SigningContext extends CheckpointContext {
  /** Waits until the tree is folded up to a position. Resolves to false after the timeout. */
  readonly whenFolded: (position: string, timeoutMs: number) => Promise<boolean>;
}

/** The log's checkpoint, signed by this or another node; `empty` for a log without events. */
export type SignedLog =
  | { readonly result: 'signed' | 'unchanged'; readonly note: string; readonly size: bigint }
  | { readonly result: 'empty' };

/** The timeout for the tree to reach the log's end. */
const FOLDED_MS_MAX = 2_000;
/** The number of attempts. An attempt fails if another node signs first. */
const ATTEMPTS_MAX = 5;

/**
 * Signs the log up to its end if anything except checkpoints was appended since the last signature.
 * @throws ProblemError `read-model-behind`; `too-busy` if other nodes signed first on every attempt; CheckpointRefusedError.
 */
export async function signLog(context: SigningContext, call: CheckpointCall): Promise<SignedLog> {
  let wasRefused = false;
  let enough: bigint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await whenAtEnd(context);
    try {
      const outcome = await makeCheckpoint(
        context,
        enough === undefined ? call : { ...call, sufficientSize: enough },
      );
      // The caller can then find the checkpoint, and proofs that end in it.
      if (outcome.result === 'signed') await whenAtEnd(context).catch(() => undefined);
      if (outcome.result === 'empty') return outcome;
      const { result, ...signed } = outcome;
      if (result !== 'late') return { result, ...signed };
      // Later events need not be signed: if all nodes kept extending the goal, none would ever finish.
      enough ??= signed.size;
    } catch (error) {
      // Another node may have signed events that this tree did not have yet. Only a refusal at the log's end counts.
      if (wasRefused || !(error instanceof CheckpointRefusedError)) throw error;
      wasRefused = true;
    }
  }
  throw new ProblemError('too-busy', 'Other nodes keep signing. Try again in a few seconds');
}

async function whenAtEnd({ store, whenFolded }: SigningContext): Promise<void> {
  if (await whenFolded(await store.lastPosition(), FOLDED_MS_MAX)) return;
  throw new ProblemError(
    'read-model-behind',
    `The log's tree did not reach its end within ${FOLDED_MS_MAX / 1_000} s. Try again in a few seconds`,
  );
}

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

/** How long verifiers of the log have to get the new key. */
const BOTH_SIGN_DAYS = 90;
const DAY_MS = 86_400_000;

/**
 * Records that a new key replaces the signer's; the old key continues to sign beside it for a while. A change that is already recorded (by
 * a command that was interrupted later) is not recorded again.
 * @returns the last day, in UTC, on which both keys sign.
 * @throws ProblemError `too-busy` if another node signed at the same time.
 */
export async function changeKey(
  { database, signer, ...log }: Pick<CheckpointContext, 'store' | 'random' | 'database' | 'signer'>,
  next: KeyObject,
  call: CheckpointCall,
): Promise<string> {
  const { origin } = signer;
  const [changed, lastEvent] = await readTree(database, (tree) =>
    Promise.all([tree.keyChange(origin), tree.lastCheckpointEvent()]),
  );
  const [before, after] = [signer.key, next].map((key) =>
    printVerifierKey(verifierKey(origin, 'note', key)),
  ) as [string, string];
  if (changed?.after === after) return changed.bothUntil;
  const bothUntil = new Date(call.now + BOTH_SIGN_DAYS * DAY_MS).toISOString().slice(0, 'YYYY-MM-DD'.length);
  const event = checkpointDraft('KeyChanged', { origin, before, after, bothUntil }, londonDate(call.now));
  if (await appendSigned(log, lastEvent?.version ?? 0, event, call)) return bothUntil;
  throw new ProblemError('too-busy', 'Another node signed at the same time. Run the same command again');
}
