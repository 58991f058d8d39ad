import { commandIds } from '#audit/seal';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import type { VersionConflictError } from '#event-sourcing/errors';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { trailDraft, trailStream } from '#state-machines/audit-trail-events';
import type { TrailData } from '#state-machines/audit-trail-events';
import { londonDate } from '#state-machines/london';
import type { CheckpointCall, CheckpointContext } from './make-checkpoint.ts';

/**
 * Records that a pack was made of a record at a version.
 * @returns the event; null if the record has grown.
 * @throws VersionConflictError if other writers kept appending to the day's stream.
 */
export async function recordPackMade(
  { store, random }: Pick<CheckpointContext, 'store' | 'random'>,
  data: TrailData['PackMade'],
  call: CheckpointCall,
): Promise<Envelope | null> {
  const { streamId: recordId, version } = data;
  const day = londonDate(call.now);
  const streamId = trailStream('accesses', day);
  const header = { ...call, ids: commandIds(random.uuid()), name: 'make-pack' };
  // The length of the day's stream is unknown. If 0 is wrong, the conflict reports the length.
  let end = 0;
  return retryConflicts(async () => {
    const { commit } = commitFor(header, [
      { streamId: recordId, expectedVersion: version, events: [] },
      { streamId, expectedVersion: end, events: [trailDraft('PackMade', data, day)] },
    ]);
    try {
      await store.append(commit);
    } catch (error) {
      if (!hasCode(error, 'version-conflict')) throw error;
      const conflict = error as VersionConflictError;
      if (conflict.streamId === recordId) return null;
      end = conflict.actualVersion;
      throw error;
    }
    const [made] = await store.readStream(streamId, { after: end, limit: 1 });
    if (made === undefined) throw new Error(`${streamId}: the event just appended cannot be read back`);
    return made;
  });
}
