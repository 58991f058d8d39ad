import { ProblemError } from '../problems.ts';
import { CheckpointRefusedError, makeCheckpoint } from './make-checkpoint.ts';
import type { CheckpointCall, CheckpointContext } from './make-checkpoint.ts';

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
