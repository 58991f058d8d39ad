import { cosignersOf } from '#audit/tlog/cosignature';
import { parseNote } from '#audit/tlog/signed-note';
import type { VerifierKey } from '#audit/tlog/signed-note';
import type { EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint, TreeView } from '#read-models/tree/tree-query';
import type { Viewer } from '#state-machines/access';
import { VERIFIES_LOG } from '#state-machines/access';
import { CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { requireRole } from '../call-context.ts';
import { ProblemError } from '../problems.ts';
import { CheckpointRefusedError } from './compare-log.ts';
import type { WitnessStatus } from './witnesses.ts';

/** The state of the log's signer and witnesses. */
interface KnownSigning {
  /** @throws CheckpointRefusedError if no signer is configured. */
  open(): Promise<{ readonly verifierKeys: readonly string[] }>;
  /** Why the last attempt signed nothing. */
  readonly refusal: string | null;
  /** Null if the log has no witnesses. */
  readonly witnesses: {
    readonly keys: readonly VerifierKey[];
    readonly statuses: readonly WitnessStatus[];
  } | null;
}

/** A witness's progress. */
export interface WitnessSight {
  readonly name: string;
  /** The size of the last checkpoint that it signed, and when; null if it signed none of the recent ones. */
  readonly seen: { readonly size: number; readonly at: string } | null;
  /** Why it did not sign at the last request. */
  readonly failure: string | null;
}

/** How much of the history is signed, and the signers. */
export interface LogStatus {
  /** The number of events counted so far. */
  readonly events: number;
  /** The last checkpoint; null if there is none. */
  readonly checkpoint: {
    readonly origin: string;
    readonly size: number;
    readonly signedAt: string;
    readonly isTimestamped: boolean;
    readonly note: string;
  } | null;
  /** The number of later events that no checkpoint covers, without the checkpoint itself and its signatures. */
  readonly unprotected: number;
  /** Null if the log has none. */
  readonly witnesses: readonly WitnessSight[] | null;
  /** The keys that verify signatures; empty if no signer is configured. */
  readonly verifierKeys: readonly string[];
  /** Why nothing is signed; null if the log is signed. */
  readonly refusal: string | null;
}

/** The number of checkpoints searched for witnesses' signatures. */
const LOOKED_AT = 20;

interface LogStatusAccess {
  readonly store: Pick<EventStore, 'readStream'>;
  readonly readModels: ReadModelDatabase;
  readonly signing: KnownSigning;
}

/**
 * Returns how far the history is signed, which witnesses signed it, and how many events followed. @throws
 * ProblemError `role-not-permitted`.
 */
export async function seeLogStatus(
  { store, readModels, signing }: LogStatusAccess,
  viewer: Viewer,
): Promise<LogStatus> {
  requireRole(viewer, VERIFIES_LOG);
  const opened = await signing.open().catch((error: unknown) => {
    if (!(error instanceof CheckpointRefusedError)) throw error;
    return { verifierKeys: [], refusal: error.message };
  });
  const { witnesses } = signing;
  const seen = await readTree(readModels, async (tree) => ({
    events: Number(tree.size),
    last: await tree.checkpoint(),
    lastEvent: await tree.lastCheckpointEvent(),
    sights: witnesses && (await sightsOf(tree, witnesses.keys)),
  }));
  const { events, last, lastEvent, sights } = seen;
  const checkpointEvents = last === null || lastEvent === null ? 0 : lastEvent.version - last.version + 1;
  return {
    events,
    checkpoint: last && (await checkpointOf(store, last)),
    unprotected: events - Number(last?.size ?? 0) - checkpointEvents,
    witnesses:
      sights?.map((sight) => ({
        ...sight,
        failure: witnesses?.statuses.find(({ name }) => name === sight.name)?.failure ?? null,
      })) ?? null,
    verifierKeys: opened.verifierKeys,
    refusal: 'refusal' in opened ? opened.refusal : signing.refusal,
  };
}

async function checkpointOf(
  store: Pick<EventStore, 'readStream'>,
  { version, origin, size, note, timestamp }: SignedCheckpoint,
): Promise<LogStatus['checkpoint']> {
  const [signed] = await store.readStream(CHECKPOINTS_STREAM, { after: version - 1, limit: 1 });
  if (signed === undefined) throw new Error(`${CHECKPOINTS_STREAM} lacks version ${version}`);
  const isTimestamped = timestamp !== null;
  return { origin, size: Number(size), signedAt: signed.recordedAt, isTimestamped, note };
}

/** Returns the last signed checkpoint. @throws ProblemError `not-found` if there is none. */
export async function seeCheckpoint(database: ReadModelDatabase): Promise<string> {
  const signed = await readTree(database, (tree) => tree.checkpoint());
  if (signed !== null) return signed.note;
  throw new ProblemError('not-found', 'There is no checkpoint yet; POST /api/audit/checkpoints creates one');
}

/** Returns each witness's progress, from the recorded signatures. */
async function sightsOf(
  tree: TreeView,
  keys: readonly VerifierKey[],
): Promise<Omit<WitnessSight, 'failure'>[]> {
  const seen = new Map<string, WitnessSight['seen']>();
  for (const size of await tree.cosignedSizes(LOOKED_AT)) {
    const missing = keys.filter(({ name }) => !seen.has(name));
    if (missing.length === 0) break;
    const checkpoint = await tree.checkpoint(size);
    if (checkpoint === null) continue;
    for (const { witness, seconds } of cosignersOf(parseNote(Buffer.from(checkpoint.note)), missing))
      seen.set(witness.name, { size: Number(size), at: new Date(Number(seconds) * 1_000).toISOString() });
  }
  return keys.map(({ name }) => ({ name, seen: seen.get(name) ?? null }));
}
