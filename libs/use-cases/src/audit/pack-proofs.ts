import { createPublicKey } from 'node:crypto';
import type { Adoption } from '#audit/pack/check-log';
import type { EarlierCheckpoint } from '#audit/pack/lay-out-pack';
import { checkpointOfNote, readCheckpoint } from '#audit/tlog/checkpoint';
import { MalformedNoteError, verifierKey } from '#audit/tlog/signed-note';
import { printTlogProof } from '#audit/tlog/tlog-proof';
import { consistencyProof, inclusionProofs, rootOf } from '#audit/tlog/tree-proofs';
import type { Envelope } from '#event-sourcing/envelope';
import { nextTurn } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { turnIfLong } from '#event-sourcing/folding';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { findLeaves, readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint } from '#read-models/tree/tree-query';
import { asCheckpointEvent, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { invalidParameter, ProblemError } from '../problems.ts';
import { keysOf } from './make-checkpoint.ts';
import type { LogSigner, CheckpointCall, CheckpointContext } from './make-checkpoint.ts';
import { commandIds } from '#audit/seal';
import { hasCode } from '#event-sourcing/errors';
import type { VersionConflictError } from '#event-sourcing/errors';
import { retryConflicts } from '#event-sourcing/retry-conflicts';
import { commitFor } from '#lifecycle/commit-for';
import { trailDraft, trailStream } from '#state-machines/audit-trail-events';
import type { TrailData } from '#state-machines/audit-trail-events';
import { londonDate } from '#state-machines/london';

/** The earlier checkpoint that a pack extends: the size of a signed one, or the note of a kept one. */
export type Since = { readonly size: bigint } | { readonly note: string };

/** Returns the signed checkpoint of a size with all its signatures; null if that size was not signed. */
export const checkpointOf = (database: ReadModelDatabase, size: bigint): Promise<SignedCheckpoint | null> =>
  readTree(database, (tree) => tree.checkpoint(size));

const refusal = (detail: string): ProblemError => invalidParameter('since', detail);

/**
 * Returns the checkpoint that a pack is to extend.
 * @throws ProblemError `invalid-parameter` for a size that was not signed, or a checkpoint of another log.
 */
export async function previousCheckpoint(
  database: ReadModelDatabase,
  signer: LogSigner,
  since: Since,
): Promise<{ readonly note: string; readonly size: bigint }> {
  const note = 'note' in since ? since.note : ((await checkpointOf(database, since.size))?.note ?? null);
  if (note === null) throw refusal('is not a signed size: no checkpoint has that many events');
  const { origin } = signer;
  const keys = keysOf(signer).map((key) => verifierKey(origin, 'note', createPublicKey(key)));
  try {
    const { checkpoint, note: signed } = readCheckpoint(Buffer.from(note), keys);
    if (checkpoint.origin !== origin)
      throw refusal(`is a checkpoint of ${checkpoint.origin}, but this log is ${origin}`);
    // An earlier key may have signed it alone.
    if (!signed.signatures.some(({ name }) => name === origin))
      throw refusal('is a checkpoint that this log did not sign');
    const { size, root } = checkpoint;
    const isOurs = await readTree(
      database,
      async (tree) =>
        size > 0n && size <= tree.size && Buffer.compare(await rootOf(size, tree.nodes), root) === 0,
    );
    if (!isOurs)
      throw refusal('is a checkpoint that this log does not extend; docket verify --checkpoint reports why');
    return { note, size };
  } catch (error) {
    if (error instanceof MalformedNoteError) throw refusal(`is a file that ${error.message}`);
    throw error;
  }
}

/** Returns an earlier checkpoint and the consistency proof to a later one. */
export const consistencyFrom = async (
  database: ReadModelDatabase,
  { note, size }: { readonly note: string; readonly size: bigint },
  to: string,
): Promise<EarlierCheckpoint> => ({
  checkpoint: note,
  consistency: await readTree(database, (tree) =>
    consistencyProof(size, checkpointOfNote(to).size, tree.nodes),
  ),
});

/** Returns the adoptions of the store, in log order. */
export async function adoptionsOf(store: EventStore, database: ReadModelDatabase): Promise<Adoption[]> {
  const versions = await readTree(database, (tree) => tree.adoptionVersions());
  const events = await Promise.all(
    versions.map((version) => store.readStream(CHECKPOINTS_STREAM, { after: version - 1, limit: 1 })),
  );
  return events.flat().flatMap(adoptionIn);
}

function adoptionIn(stored: Envelope): Adoption[] {
  const event = asCheckpointEvent(stored);
  if (event.type !== 'StoreAdopted') return [];
  const { reason, lost } = event.data;
  return [{ recordedAt: event.recordedAt, reason, lost }];
}

/** The number of proofs computed in one turn, within a few milliseconds. */
const PROOFS_AT_ONCE = 25;

/**
 * Proves by their hashes that events are in the log: returns for each event a tlog-proof that ends in a checkpoint.
 * @param onProved is called with the number of proofs so far.
 * @throws Error for an event that the checkpoint does not cover.
 */
export async function proofsOf(
  database: ReadModelDatabase,
  hashes: readonly string[],
  note: string,
  onProved: (count: number) => void,
): Promise<string[]> {
  const { size } = checkpointOfNote(note);
  await turnIfLong(hashes);
  const leaves = await findLeaves(database, hashes, size);
  const indexes = hashes.map((hash) => {
    const index = leaves.get(hash);
    if (index === undefined) throw new Error(`The checkpoint of ${size} events lacks the event ${hash}`);
    return index;
  });
  const proofs: string[] = [];
  for (let from = 0; from < indexes.length; from += PROOFS_AT_ONCE) {
    const batch = indexes.slice(from, from + PROOFS_AT_ONCE);
    const paths = await readTree(database, (tree) => inclusionProofs(batch, size, tree.nodes));
    proofs.push(...paths.map((path, at) => printTlogProof({ index: batch[at] as bigint, path, note })));
    onProved(proofs.length);
    // A read model in this process answers without yielding to other work.
    await nextTurn();
  }
  return proofs;
}

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
