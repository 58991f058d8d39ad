import type { KeyObject } from 'node:crypto';
import { printVerifierKey, verifierKey } from '#audit/tlog/signed-note';
import { readTree } from '#read-models/tree/tree-query';
import { checkpointDraft } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { ProblemError } from '../problems.ts';
import { appendSigned } from './make-checkpoint.ts';
import type { CheckpointCall, CheckpointContext } from './make-checkpoint.ts';

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
