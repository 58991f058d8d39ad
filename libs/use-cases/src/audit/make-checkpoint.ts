import type { KeyObject } from 'node:crypto';
import type { Random } from '#event-sourcing/random';
import { checkpointOfNote, printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import type { Checkpoint } from '#audit/tlog/checkpoint';
import { parseNote, parseVerifierKey, printNote, verifierKey } from '#audit/tlog/signed-note';
import type { NoteSignature } from '#audit/tlog/signed-note';
import { consistencyProof, isConsistent, rootOf } from '#audit/tlog/tree-proofs';
import type { TreeHead } from '#audit/tlog/tree-proofs';
import { hasCode } from '#event-sourcing/errors';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readTree } from '#read-models/tree/tree-query';
import type { CheckpointRow } from '#read-models/tree/tree-projection';
import type { KeyChange, SeenEvent, SignedCheckpoint, TreeView } from '#read-models/tree/tree-query';
import { checkpointDraft, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';
import { appendAs } from '../log/kept-stream.ts';
import type { EventCall } from '../log/kept-stream.ts';
import { ProblemError } from '../problems.ts';
import { CheckpointRefusedError, refuseAlteredLog, refuseAlteredRecord } from './compare-log.ts';
import type { ComparedTo, RecordToPack } from './compare-log.ts';

/** The identity that signs a log. */
export interface LogSigner {
  /** The log's origin, which is also the name that the key signs under. */
  readonly origin: string;
  /** An Ed25519 private key. */
  readonly key: KeyObject;
  /** Earlier keys that still sign beside it. */
  readonly others: readonly KeyObject[];
}

/** The largest tree that a signer has signed or was about to sign, whatever the store contains now. */
export interface Remembered {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** The event of its last leaf. */
  readonly last: SeenEvent;
  /** The store's address. */
  readonly store: string;
  /** How far the log's older events were compared with its tree. */
  readonly compared: ComparedTo;
}

/** What a signer remembers of a log, for all its keys; stored beside the key, not in the event store. */
export interface SignerMemory {
  read(): Remembered | null;
  /**
   * Replaces the remembered tree. No other caller, in any process, reads or writes it during the update; if `decide` throws, it stays
   * unchanged.
   */
  update(decide: (remembered: Remembered | null) => Promise<Remembered>): Promise<Remembered>;
}

export interface CheckpointContext {
  readonly store: EventStore;
  readonly random: Random;
  readonly database: ReadModelDatabase;
  readonly signer: LogSigner;
  readonly memory: SignerMemory;
  /** The store's address, without secrets. */
  readonly storeName: string;
}

export interface CheckpointCall extends EventCall {
  /** A record that is to be packed, which is compared with the log's tree. */
  readonly record?: RecordToPack;
  /** A checkpoint of another node suffices from this size on. */
  readonly sufficientSize?: bigint;
}

/**
 * The result. `unchanged`: only checkpoints were appended since the last one, or enough events are signed
 * already. `late`: another node signed first; `size` is the size that was to be signed.
 */
type CheckpointOutcome =
  | { readonly result: 'signed' | 'unchanged' | 'late'; readonly note: string; readonly size: bigint }
  | { readonly result: 'empty' };

interface ToSign {
  readonly head: TreeHead;
  readonly last: SeenEvent;
}

/**
 * Signs the log as far as its tree is folded and records the checkpoint in the log. Before it signs, the signer stores what it is about to
 * sign and verifies that this extends everything it ever signed. If two nodes sign at the same time, both signatures are valid; the later
 * node discards its own.
 * @throws CheckpointRefusedError if the log does not extend what was signed, or belongs to another store.
 */
export async function makeCheckpoint(
  context: CheckpointContext,
  call: CheckpointCall,
): Promise<CheckpointOutcome> {
  const { database, signer } = context;
  const { size, last, newest, lastEvent, change } = await readTree(database, async (tree) => ({
    size: tree.size,
    last: tree.last,
    newest: await tree.checkpoint(),
    lastEvent: await tree.lastCheckpointEvent(),
    change: await tree.keyChange(signer.origin),
  }));
  if (last === null) return { result: 'empty' };
  refuseOtherOrigin(signer, lastEvent);
  const version = lastEvent?.version ?? 0;
  const ownCheckpoint = newest?.origin === signer.origin ? newest : null;
  refuseOtherKey(ownCheckpoint, lastEvent, change, signer, call.now);
  // Detects a rolled-back log immediately, even if there is nothing to sign yet.
  const head = await remember(context, { own: ownCheckpoint, size }, call);
  const isDone =
    ownCheckpoint !== null &&
    (!isChanged(size, version, ownCheckpoint) || ownCheckpoint.size >= (call.sufficientSize ?? size));
  if (isDone && isSignedByAll(ownCheckpoint.note, signer))
    return { result: 'unchanged', note: ownCheckpoint.note, size: ownCheckpoint.size };
  const text = printCheckpoint({ origin: signer.origin, ...head });
  const signatures = keysOf(signer).map((key) => signNote(text, signer.origin, key));
  const note = printNote({ text, signatures });
  const data = { ...statedHead({ origin: signer.origin, ...head }), note };
  const event = checkpointDraft('CheckpointSigned', data, londonDate(call.now));
  const isFirst = await appendSigned(context, version, event, call);
  return { result: isFirst ? 'signed' : 'late', note, size: head.size };
}

/**
 * Continues with a store that the signer does not know, such as a restored backup, and records the reason and what the store lost.
 * @param remembered returns what the signer remembers of an origin.
 * @throws CheckpointRefusedError if the log does not extend its own last checkpoint; ProblemError `too-busy`.
 */
export async function adoptStore(
  context: CheckpointContext,
  {
    reason,
    remembered,
  }: { readonly reason: string; readonly remembered: (origin: string) => Remembered | null },
  call: CheckpointCall,
): Promise<void> {
  const { database, signer, memory, storeName } = context;
  const { origin } = signer;
  await memory.update(async () => {
    const read = await readTree(database, async (tree) => {
      const newest = await tree.checkpoint();
      const { head, last } = await treeExtending(
        tree,
        newest === null ? [] : [checkpointOfNote(newest.note)],
      );
      const known = [...new Set([origin, newest?.origin ?? origin])].flatMap(
        (each) => remembered(each) ?? [],
      );
      const lost = await firstLost(tree, known);
      return { head, last, lost, lastEvent: await tree.lastCheckpointEvent() };
    });
    const { head, last, lost, lastEvent } = read;
    await refuseOtherEvent(context.store, last);
    const data = {
      origin,
      reason,
      lost: lost && { size: Number(lost.size), root: Buffer.from(lost.root).toString('base64') },
    };
    const event = checkpointDraft('StoreAdopted', data, londonDate(call.now));
    if (!(await appendSigned(context, lastEvent?.version ?? 0, event, call)))
      throw new ProblemError('too-busy', 'Another node signed at the same time. Run the same command again');
    return { ...head, last, store: storeName, compared: { tile: 0, at: call.now } };
  });
}

/** Returns the first of the trees that a tree does not extend; null if it extends all. */
async function firstLost(tree: TreeView, known: readonly TreeHead[]): Promise<TreeHead | null> {
  for (const each of known) if ((await notExtended(tree, each)) !== null) return each;
  return null;
}

function refuseOtherOrigin({ origin }: LogSigner, lastEvent: CheckpointRow | null): void {
  if (lastEvent === null || lastEvent.origin === origin) return;
  throw new CheckpointRefusedError(
    `the log was signed as ${lastEvent.origin}, but this signer is ${origin}. Restore the key and memory that signed it, or set its ` +
      'origin (DOCKET_LOG_ORIGIN). To continue under the new origin: docket checkpoint --adopt REASON',
  );
}

/** Reports whether anything except checkpoints was appended since the last one. */
const isChanged = (size: bigint, version: number, newest: SignedCheckpoint): boolean =>
  size - newest.size > BigInt(version - newest.version + 1);

/** Remembers the current tree if it extends what was signed, and the log matches it. */
async function remember(
  { database, memory, store, storeName }: CheckpointContext,
  { own, size }: { readonly own: SignedCheckpoint | null; readonly size: bigint },
  { now, record }: CheckpointCall,
): Promise<TreeHead> {
  const before = memory.read();
  refuseUnknownStore(before, own, storeName);
  const compared = await refuseAlteredLog(
    { store, database },
    { signed: own?.size ?? 0n, size, compared: before?.compared ?? { tile: 0, at: now } },
    now,
  );
  if (record !== undefined) await refuseAlteredRecord({ store, database }, record, size);
  return memory.update(async (remembered) => {
    refuseUnknownStore(remembered, own, storeName);
    const earlierTrees = [remembered, own && checkpointOfNote(own.note)].filter((each) => each !== null);
    const next = await readTree(database, (tree) => treeExtending(tree, earlierTrees));
    for (const event of [next.last, ...(remembered === null ? [] : [remembered.last])])
      await refuseOtherEvent(store, event);
    return { ...next.head, last: next.last, store: storeName, compared };
  });
}

/** Returns a checkpoint as events state it. */
export const statedHead = ({ origin, size, root }: Checkpoint) => ({
  origin,
  size: Number(size),
  root: Buffer.from(root).toString('base64'),
});

/** Returns all keys that sign now. */
export const keysOf = ({ key, others }: LogSigner): readonly KeyObject[] => [key, ...others];

/** Returns the start of a signature's line. */
const keyName = ({ name, keyId }: Pick<NoteSignature, 'name' | 'keyId'>): string => `${name} ${keyId}`;
const signaturesOf = (note: string): string[] => parseNote(Buffer.from(note)).signatures.map(keyName);

function isSignedByAll(note: string, signer: LogSigner): boolean {
  const keys = keysOf(signer).map((key) => keyName(verifierKey(signer.origin, 'note', key)));
  return new Set(keys).isSubsetOf(new Set(signaturesOf(note)));
}

/**
 * Refuses a key that was lost and generated again, or restored although another key replaced it: verifiers of the log do not have it, or no
 * longer have it.
 */
function refuseOtherKey(
  own: SignedCheckpoint | null,
  lastEvent: CheckpointRow | null,
  change: KeyChange | null,
  { origin, key }: LogSigner,
  now: number,
): void {
  if (own === null || lastEvent?.type === 'StoreAdopted') return;
  const last = signaturesOf(own.note).find((line) => line.startsWith(`${origin} `));
  const isShared = change !== null && new Date(now).toISOString() < `${change.bothUntil}T24`;
  // A change of keys may still be incomplete.
  const changed = change === null ? [] : [change.after, ...(isShared ? [change.before] : [])];
  const acceptedKeys = [last, ...changed.map((vkey) => keyName(parseVerifierKey(vkey)))];
  if (acceptedKeys.includes(keyName(verifierKey(origin, 'note', key)))) return;
  throw new CheckpointRefusedError(
    `the log was last signed with a different key. Restore the key that signed ${origin}. If it is ` +
      'lost: docket checkpoint --adopt REASON, and send the new key to everyone who verifies the log',
  );
}

function refuseUnknownStore(
  remembered: Remembered | null,
  newest: SignedCheckpoint | null,
  storeName: string,
): void {
  const adopt = 'If this is the only store in use: docket checkpoint --adopt REASON';
  if (remembered === null && newest !== null)
    throw new CheckpointRefusedError(
      `the log has checkpoints of ${newest.origin}, but this signer remembers none: the store may be a copy or an older backup. ${adopt}`,
    );
  if (remembered !== null && remembered.store !== storeName)
    throw new CheckpointRefusedError(
      `this signer has signed for the store ${remembered.store}, but this is ${storeName}: one of the two stores may be a copy. ${adopt}`,
    );
}

const LOST =
  'Restore the newer log. If it is permanently lost, docket checkpoint --adopt REASON continues with this store and records what it lost';

/** Returns the current tree. @throws CheckpointRefusedError if it does not extend all known trees. */
async function treeExtending(tree: TreeView, known: readonly TreeHead[]): Promise<ToSign> {
  const { size, last, nodes } = tree;
  if (last === null) throw new CheckpointRefusedError('the log is empty, but was signed before');
  const head = { size, root: await rootOf(size, nodes) };
  for (const old of known) {
    const why = await notExtended(tree, old, head);
    if (why !== null) throw new CheckpointRefusedError(`${why}. ${LOST}`);
  }
  return { head, last };
}

/** Returns how a tree does not extend an earlier one; null if it does. */
async function notExtended({ size, nodes }: TreeView, old: TreeHead, now?: TreeHead): Promise<string | null> {
  if (old.size > size)
    return `the log has ${size} events, but was signed with ${old.size}: its end is missing, or an older copy replaced it`;
  const head = now ?? { size, root: await rootOf(size, nodes) };
  return isConsistent(old, head, await consistencyProof(old.size, size, nodes))
    ? null
    : `the first ${old.size} events of the log are not the signed ones: an event was lost, inserted or changed`;
}

/** Reports whether a store contains the event with the same hash. */
export async function hasEvent(
  store: Pick<EventStore, 'readStream'>,
  { streamId, version, hash }: SeenEvent,
): Promise<boolean> {
  const [event] = await store.readStream(streamId, { after: version - 1, limit: 1 });
  return event?.version === version && event.hash === hash;
}

/** Verifies that the log contains the event that the tree was folded from: read models may contain events that the log lost. */
async function refuseOtherEvent(store: EventStore, event: SeenEvent): Promise<void> {
  if (await hasEvent(store, event)) return;
  throw new CheckpointRefusedError(
    `the log lacks version ${event.version} of ${event.streamId} from which the tree was folded: it lost events, or another store replaced it`,
  );
}

/** Appends to the checkpoint stream. @returns false if the stream has grown in the meantime. */
export async function appendSigned(
  { store, random }: Pick<CheckpointContext, 'store' | 'random'>,
  expectedVersion: number,
  event: EventDraft,
  call: CheckpointCall,
): Promise<boolean> {
  const append = { streamId: CHECKPOINTS_STREAM, expectedVersion, events: [event] };
  try {
    await appendAs('sign-checkpoint', { store, random }, call, append);
    return true;
  } catch (error) {
    if (hasCode(error, 'version-conflict')) return false;
    throw error;
  }
}
