import type { Command } from 'commander';
import { postToAuthority } from '#platform/post-limited';
import { postToWitness, readWitnessPolicy } from '#platform/witness/open-witnesses';
import { CheckpointRefusedError } from '#use-cases/audit/make-checkpoint';
import type { CheckpointCall } from '#use-cases/audit/make-checkpoint';
import type { SignedLog } from '#use-cases/audit/sign-log';
import { Timestamps } from '#use-cases/audit/timestamps';
import { Witnesses } from '#use-cases/audit/witnesses';
import type { Terminal } from './terminal.ts';
import { settingsOf } from './verb-context.ts';
import type { FoldedTree } from './with-folded-tree.ts';

/**
 * The log as it was signed, with what its witnesses sign of it now, and time-stamped; what they do not do is told.
 * @throws CheckpointRefusedError where one of them saw another log; SettingsError for a policy that cannot be used.
 */
export async function witnessed(
  program: Command,
  terminal: Terminal,
  tree: FoldedTree,
  signed: SignedLog,
  call: CheckpointCall,
): Promise<SignedLog> {
  const { witnessPolicy, timestampUrl } = settingsOf(program);
  const policy = await readWitnessPolicy(witnessPolicy);
  if (signed.result === 'empty') return signed;
  const onFailure = (message: string): void => {
    terminal.warn(message);
  };
  const witnesses = policy && new Witnesses({ ...tree, policy, post: postToWitness, onFailure });
  const note = await witnesses?.gather(call);
  if (timestampUrl !== null)
    await new Timestamps({ ...tree, post: postToAuthority(timestampUrl), onFailure }).stamp(call);
  if (witnesses !== null && witnesses.fork !== null) throw new CheckpointRefusedError(witnesses.fork);
  return { ...signed, note: note ?? signed.note };
}
