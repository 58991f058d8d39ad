import type { EventDraft } from '#event-sourcing/event-store';
import { readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint } from '#read-models/tree/tree-query';
import { appendSigned } from './make-checkpoint.ts';
import type { CheckpointCall } from './make-checkpoint.ts';
import type { SigningContext } from './sign-log.ts';

/** What an event about a signed checkpoint needs to be recorded. */
export type RecordingContext = Pick<SigningContext, 'store' | 'random' | 'database' | 'whenFolded'>;

/** The number of attempts. An attempt fails if another node appends first. */
const ATTEMPTS_MAX = 4;
const FOLD_MS_MAX = 5_000;

/**
 * Records an event about a checkpoint that the log signed.
 * @param draftOf returns the event for the checkpoint as recorded; null if it is already recorded.
 * @returns false if other nodes appended first on every attempt.
 */
export async function recordOnCheckpoint(
  { store, random, database, whenFolded }: RecordingContext,
  size: bigint,
  draftOf: (recorded: SignedCheckpoint | null) => EventDraft | null,
  call: CheckpointCall,
): Promise<boolean> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const [recorded, lastEvent] = await readTree(database, (tree) =>
      Promise.all([tree.checkpoint(size), tree.lastCheckpointEvent()]),
    );
    const event = draftOf(recorded);
    if (event === null) return true;
    const isRecorded = await appendSigned({ store, random }, lastEvent?.version ?? 0, event, call);
    await whenFolded(await store.lastPosition(), FOLD_MS_MAX);
    if (isRecorded) return true;
  }
  return false;
}
