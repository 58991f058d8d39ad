import type { KeyObject } from 'node:crypto';
import type { Random } from '#event-sourcing/random';
import { checkpointOfNote, printCheckpoint, signNote } from '#audit/tlog/checkpoint';
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
}

/** What a signer remembers of a log, for all its keys; stored beside the key, not in the event store. */
export interface SignerMemory {
  /**
   * Replaces the remembered tree. No other caller, in any process, reads or writes it during the update; if `decide` throws, it stays
   * unchanged.
   */
  update(decide: (remembered: Remembered | null) => Promise<Remembered>): Promise<Remembered>;
}

/** The log does not match what was signed before: nothing is signed until an operator has investigated. */
export class CheckpointRefusedError extends Error {
  override readonly name = 'CheckpointRefusedError';
  readonly code = 'checkpoint-refused';
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
  /** Whether to continue with a store that the memory does not know, if it extends what was signed last. */
  readonly adopts?: boolean;
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
  if (!call.adopts) refuseOtherKey(ownCheckpoint, change, signer, call.now);
  // Detects a rolled-back log immediately, even if there is nothing to sign yet.
  const head = await remember(context, ownCheckpoint, call.adopts === true);
  const isDone =
    ownCheckpoint !== null &&
    (!isChanged(size, version, ownCheckpoint) || ownCheckpoint.size >= (call.sufficientSize ?? size));
  if (isDone && isSignedByAll(ownCheckpoint.note, signer))
    return { result: 'unchanged', note: ownCheckpoint.note, size: ownCheckpoint.size };
  const text = printCheckpoint({ origin: signer.origin, ...head });
  const signatures = keysOf(signer).map((key) => signNote(text, signer.origin, key));
  const note = printNote({ text, signatures });
  const root = Buffer.from(head.root).toString('base64');
  const data = { origin: signer.origin, size: Number(head.size), root, note };
  const event = checkpointDraft('CheckpointSigned', data, londonDate(call.now));
  const isFirst = await appendSigned(context, version, event, call);
  return { result: isFirst ? 'signed' : 'late', note, size: head.size };
}

/** The origin under which a signer signed last, and what it remembers of each origin. */
interface SignedAs {
  readonly origin: string;
  readonly remembered: (origin: string) => Remembered | null;
}

/**
 * Continues the log under another origin and records the reason with the last signed tree. If the log has
 * lost that tree, it comes from the signer's memory.
 * @returns false if another node appended a checkpoint at the same time.
 * @throws CheckpointRefusedError if the log already has that origin.
 */
export async function beginCheckpoints(
  { store, random, database }: Pick<CheckpointContext, 'store' | 'random' | 'database'>,
  {
    origin,
    reason,
    signedAs,
  }: {
    readonly origin: string;
    readonly reason: string;
    readonly signedAs: SignedAs;
  },
  call: CheckpointCall,
): Promise<boolean> {
  const [newest, lastEvent] = await readTree(database, (tree) =>
    Promise.all([tree.checkpoint(), tree.lastCheckpointEvent()]),
  );
  // Otherwise the signer's memory of that log would refuse this one after the new start is recorded.
  if (lastEvent?.origin === origin)
    throw new CheckpointRefusedError(`the log already has the origin ${origin}; choose a different one`);
  const lost = await lostOf(store, lastEvent?.origin ?? signedAs.origin, signedAs);
  const signed = lost ?? (newest && checkpointOfNote(newest.note));
  const before = signed && {
    origin: signed.origin,
    size: Number(signed.size),
    root: Buffer.from(signed.root).toString('base64'),
  };
  const event = checkpointDraft('CheckpointsBegun', { origin, reason, before }, londonDate(call.now));
  return appendSigned({ store, random }, lastEvent?.version ?? 0, event, call);
}

/** Returns the signed tree of a log that no longer contains it. */
async function lostOf(
  store: EventStore,
  origin: string,
  { remembered }: SignedAs,
): Promise<(Remembered & { readonly origin: string }) | null> {
  const signed = remembered(origin);
  return signed === null || (await hasEvent(store, signed.last)) ? null : { ...signed, origin };
}

function refuseOtherOrigin({ origin }: LogSigner, lastEvent: CheckpointRow | null): void {
  if (lastEvent === null || lastEvent.origin === origin) return;
  throw new CheckpointRefusedError(
    `the log was signed as ${lastEvent.origin}, but this signer is ${origin}. Restore the key and memory that signed it, or set its ` +
      'origin (DOCKET_LOG_ORIGIN). To continue it as a different log: docket checkpoint --begin ORIGIN --reason TEXT',
  );
}

/** Reports whether anything except checkpoints was appended since the last one. */
const isChanged = (size: bigint, version: number, newest: SignedCheckpoint): boolean =>
  size - newest.size > BigInt(version - newest.version + 1);

/** Remembers the current tree if it extends what was signed. */
async function remember(
  { database, memory, store, storeName }: CheckpointContext,
  own: SignedCheckpoint | null,
  adopts: boolean,
): Promise<TreeHead> {
  return memory.update(async (remembered) => {
    if (!adopts) refuseUnknownStore(remembered, own, storeName);
    const earlierTrees = [remembered, own && checkpointOfNote(own.note)].filter((each) => each !== null);
    const next = await readTree(database, (tree) => treeExtending(tree, earlierTrees));
    for (const event of [next.last, ...(adopts || remembered === null ? [] : [remembered.last])])
      await refuseOtherEvent(store, event);
    return { ...next.head, last: next.last, store: storeName };
  });
}

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
  change: KeyChange | null,
  { origin, key }: LogSigner,
  now: number,
): void {
  if (own === null) return;
  const last = signaturesOf(own.note).find((line) => line.startsWith(`${origin} `));
  const isShared = change !== null && new Date(now).toISOString() < `${change.bothUntil}T24`;
  // A change of keys may still be incomplete.
  const changed = change === null ? [] : [change.after, ...(isShared ? [change.before] : [])];
  const acceptedKeys = [last, ...changed.map((vkey) => keyName(parseVerifierKey(vkey)))];
  if (acceptedKeys.includes(keyName(verifierKey(origin, 'note', key)))) return;
  throw new CheckpointRefusedError(
    `the log was last signed with a different key. Restore the key that signed ${origin}. If it is ` +
      'lost: docket checkpoint --adopt, and send the new key to everyone who verifies the log',
  );
}

function refuseUnknownStore(
  remembered: Remembered | null,
  newest: SignedCheckpoint | null,
  storeName: string,
): void {
  const adopt = 'If this is the only store in use: docket checkpoint --adopt';
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
  'Restore the newer log. If it is permanently lost: docket checkpoint --begin ORIGIN --reason TEXT continues as a different log and records why';

/** Returns the current tree. @throws CheckpointRefusedError if it does not extend all known trees. */
async function treeExtending(tree: TreeView, known: readonly TreeHead[]): Promise<ToSign> {
  const { size, last, nodes } = tree;
  if (last === null) throw new CheckpointRefusedError('the log is empty, but was signed before');
  const head = { size, root: await rootOf(size, nodes) };
  for (const old of known) {
    if (old.size > size)
      throw new CheckpointRefusedError(
        `the log has ${size} events, but was signed with ${old.size}: its end is missing, or an older copy replaced it. ${LOST}`,
      );
    if (!isConsistent(old, head, await consistencyProof(old.size, size, nodes)))
      throw new CheckpointRefusedError(
        `the first ${old.size} events of the log are not the signed ones: an event was lost, inserted or changed. ${LOST}`,
      );
  }
  return { head, last };
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
