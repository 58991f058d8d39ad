import { systemClock } from '#event-sourcing/clock';
import { openSigner } from '#platform/checkpoints/open-signer';
import type { OpenSigner } from '#platform/checkpoints/open-signer';
import { postToAuthority, postToWitness } from '#platform/post-limited';
import { keysOf } from '#use-cases/audit/make-checkpoint';
import type { CheckpointCall, LogSigner } from '#use-cases/audit/make-checkpoint';
import { ProblemError } from '#use-cases/problems';
import type { SignedLog } from '#use-cases/audit/sign-log';
import { Timestamps } from '#use-cases/audit/timestamps';
import { Witnesses } from '#use-cases/audit/witnesses';
import type { FoldedTree } from './with-folded-tree.ts';
import type { CommandLine } from './verb-context.ts';

/** Opens the signer, which creates a missing key. Callers open the store first, so that a folder without a store gets no key. */
export async function withSigner<Result>(
  program: CommandLine,
  action: (signing: OpenSigner) => Result | Promise<Result>,
): Promise<Result> {
  const signing = await openSigner(program.settings.checkpoints, systemClock.now());
  try {
    return await action(signing);
  } finally {
    signing.close();
  }
}

/**
 * Returns the last checkpoint with the signatures of the witnesses in the settings, whose failures it reports; null if there is none.
 * @param includesSigned also requests signatures from witnesses that already signed.
 * @throws ProblemError if a witness saw a different log.
 */
export async function gatherSignatures(
  program: CommandLine,
  tree: FoldedTree,
  signer: LogSigner,
  call: CheckpointCall,
  options: { readonly includesSigned?: boolean } = {},
): Promise<string | null> {
  const onFailure = program.terminal.warn.bind(program.terminal);
  const { witnesses } = program.settings.checkpoints;
  const all = new Witnesses({ ...tree, witnesses, post: postToWitness, onFailure });
  const note = await all.gather(call, keysOf(signer), options);
  if (all.fork !== null) throw new ProblemError('checkpoint-refused', all.fork);
  return note;
}

/** Returns the signed log with its witnesses' signatures and a timestamp; reports their failures. Throws as `gatherSignatures` does. */
export async function addSignatures(
  program: CommandLine,
  tree: FoldedTree,
  signer: LogSigner,
  signed: SignedLog,
  call: CheckpointCall,
): Promise<SignedLog> {
  if (signed.result === 'empty') return signed;
  const { timestampUrl } = program.settings;
  const onFailure = program.terminal.warn.bind(program.terminal);
  if (timestampUrl !== null)
    await new Timestamps({ ...tree, post: postToAuthority(timestampUrl), onFailure }).stamp(
      call,
      signed.size,
    );
  const note = await gatherSignatures(program, tree, signer, call);
  return { ...signed, note: note ?? signed.note };
}
