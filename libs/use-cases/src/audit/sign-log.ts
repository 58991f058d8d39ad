import { ProblemError } from '../problems.ts';
import { CheckpointRefusedError, makeCheckpoint } from './make-checkpoint.ts';
import type { CheckpointCall, CheckpointContext } from './make-checkpoint.ts';

export interface SigningContext extends CheckpointContext {
  /** Waits until the tree is folded up to a position. Resolves to false after the timeout. */
  readonly whenFolded: (position: string, timeoutMs: number) => Promise<boolean>;
}

/** The signed log, by this node or another one, or that it is empty. */
export type SignedLog =
  | { readonly result: 'signed' | 'unchanged'; readonly note: string; readonly size: bigint }
  | { readonly result: 'empty' };

/** The timeout for the tree to reach the log's end. */
const FOLDED_MS_MAX = 2_000;
/** How often another node may be first. */
const ATTEMPTS_MAX = 5;

/**
 * Signs the log up to its end if anything except checkpoints was appended since the last signature.
 * @throws ProblemError `read-model-behind`; `too-busy` if other nodes are always first; CheckpointRefusedError.
 */
export async function signLog(context: SigningContext, call: CheckpointCall): Promise<SignedLog> {
  let refused = false;
  let enough: bigint | undefined;
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    await whenAtEnd(context);
    try {
      const outcome = await makeCheckpoint(context, enough === undefined ? call : { ...call, enough });
      // The caller then finds the checkpoint, and proofs that end in it.
      if (outcome.result === 'signed') await whenAtEnd(context).catch(() => undefined);
      if (outcome.result === 'empty') return outcome;
      const { result, ...signed } = outcome;
      if (result !== 'late') return { result, ...signed };
      // Later events need not be signed: if all nodes keep signing, none would ever finish first.
      enough ??= signed.size;
    } catch (error) {
      // Another node may have signed events that this tree did not have yet. Only a refusal at the log's end counts.
      if (refused || !(error instanceof CheckpointRefusedError)) throw error;
      refused = true;
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
