import { postToAuthority } from '#platform/post-limited';
import { postToWitness, readWitnessPolicy } from '#platform/witness/open-witnesses';
import type { CheckpointCall } from '#use-cases/audit/make-checkpoint';
import { ProblemError } from '#use-cases/problems';
import type { SignedLog } from '#use-cases/audit/sign-log';
import { Timestamps } from '#use-cases/audit/timestamps';
import { Witnesses } from '#use-cases/audit/witnesses';
import type { Terminal } from './terminal.ts';
import type { FoldedTree } from './with-folded-tree.ts';
import type { CommandLine } from './verb-context.ts';

/**
 * Returns the witnesses in the settings, and reports their failures; null without witnesses. @throws SettingsError for an invalid policy.
 */
export async function witnessesOf(program: CommandLine, tree: FoldedTree): Promise<Witnesses | null> {
  const policy = await readWitnessPolicy(program.settings.witnessPolicy);
  return (
    policy && new Witnesses({ ...tree, policy, post: postToWitness, onFailure: warnsOn(program.terminal) })
  );
}

const warnsOn =
  (terminal: Terminal) =>
  (message: string): void => {
    terminal.warn(message);
  };

/** @throws ProblemError if a witness saw a different log. */
export function refuseFork(witnesses: Witnesses | null): void {
  if (witnesses !== null && witnesses.fork !== null)
    throw new ProblemError('checkpoint-refused', witnesses.fork);
}

/**
 * Returns the signed log with its witnesses' signatures and a timestamp; reports their failures.
 * @throws ProblemError if a witness saw a different log; SettingsError for an invalid policy.
 */
export async function addWitnessSignatures(
  program: CommandLine,
  tree: FoldedTree,
  signed: SignedLog,
  call: CheckpointCall,
): Promise<SignedLog> {
  const { timestampUrl } = program.settings;
  const witnesses = await witnessesOf(program, tree);
  if (signed.result === 'empty') return signed;
  const note = await witnesses?.gather(call);
  const onFailure = warnsOn(program.terminal);
  if (timestampUrl !== null)
    await new Timestamps({ ...tree, post: postToAuthority(timestampUrl), onFailure }).stamp(
      call,
      signed.size,
    );
  refuseFork(witnesses);
  return { ...signed, note: note ?? signed.note };
}
