import { isFork, readCheckpoint } from '#audit/tlog/checkpoint';
import type { ReadCheckpoint } from '#audit/tlog/checkpoint';
import { streamEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import { asCheckpointEvent, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';

/**
 * Looks for proof that the log's key signed two histories: the kept checkpoint, and one of the same size in the log with a different root.
 * @returns a description of the proof; null if there is none.
 */
export async function findFork(store: EventStore, kept: ReadCheckpoint): Promise<string | null> {
  for await (const event of streamEvents(store, CHECKPOINTS_STREAM)) {
    const { type, data, version } = asCheckpointEvent(event);
    if (type !== 'CheckpointSigned' || BigInt(data.size) !== kept.checkpoint.size) continue;
    const ownCheckpoint = readCheckpoint(Buffer.from(data.note), []);
    const [key] = keysOf(ownCheckpoint).intersection(keysOf(kept));
    if (key === undefined || !isFork(ownCheckpoint.checkpoint, kept.checkpoint)) continue;
    return (
      `${data.origin} signed two roots at size ${data.size}, both with the key ${key}: the root in the file, and the root in version ${version} of ` +
      `${CHECKPOINTS_STREAM}. Together they prove that the owner of this key signed two histories: keep both`
    );
  }
  return null;
}

/** Returns the names under which a log was signed. */
export async function signedOrigins(store: EventStore): Promise<Set<string>> {
  const origins = new Set<string>();
  for await (const event of streamEvents(store, CHECKPOINTS_STREAM)) {
    const { type, data } = asCheckpointEvent(event);
    if (type === 'CheckpointSigned') origins.add(data.origin);
  }
  return origins;
}

const keysOf = ({ note, checkpoint }: ReadCheckpoint): Set<string> =>
  new Set(note.signatures.filter(({ name }) => name === checkpoint.origin).map(({ keyId }) => keyId));
