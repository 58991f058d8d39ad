import type { KeyObject } from 'node:crypto';
import type { Random } from '#event-sourcing/random';
import { commandIds } from '#audit/seal';
import { checkpointOfNote, printCheckpoint, signNote } from '#audit/tlog/checkpoint';
import { parseNote, parseVerifierKey, printNote, verifierKey } from '#audit/tlog/signed-note';
import type { NoteSignature } from '#audit/tlog/signed-note';
import { consistencyProof, isConsistent, rootOf } from '#audit/tlog/tree-proofs';
import type { TreeHead } from '#audit/tlog/tree-proofs';
import { hasCode } from '#event-sourcing/errors';
import type { Actor } from '#event-sourcing/envelope';
import type { EventDraft, EventStore } from '#event-sourcing/event-store';
import { commitFor } from '#lifecycle/commit-for';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readTree } from '#read-models/tree/tree-query';
import type { CheckpointRow } from '#read-models/tree/tree-projection';
import type { KeyChange, SeenEvent, SignedCheckpoint, TreeView } from '#read-models/tree/tree-query';
import { checkpointDraft, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';
import { londonDate } from '#state-machines/london';

/** Who signs for a log. */
export interface LogSigner {
  /** Which log it is, and the name that the key signs under. */
  readonly origin: string;
  /** An Ed25519 private key. */
  readonly key: KeyObject;
  /** The keys before, which still sign beside it. */
  readonly others: readonly KeyObject[];
}

/** The largest tree that a signer has signed, or was to sign, whatever the store says by now. */
export interface Remembered {
  readonly size: bigint;
  readonly root: Uint8Array;
  /** The event of its last leaf. */
  readonly last: SeenEvent;
  /** The address of the store. */
  readonly store: string;
}

/** What a signer remembers of a log, whatever key it is signed with; beside the key, and not in the store. */
export interface SignerMemory {
  /**
   * Remembers something else. Nobody else, in any process, remembers or reads anything meanwhile; where `decide` throws, it is what it was.
   */
  update(decide: (remembered: Remembered | null) => Promise<Remembered>): Promise<Remembered>;
}

/** The log is not what was signed before: nothing is signed until somebody has looked into it. */
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
  /** The address of the store, without what is secret in it. */
  readonly storeName: string;
}

export interface CheckpointCall {
  readonly actor: Actor;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly correlationId: string;
  /** Whether a store is gone on with that the memory does not know, where it leads on from what was signed last. */
  readonly adopts?: boolean;
  /** How many events are enough, where so many were signed meanwhile. */
  readonly enough?: bigint;
}

/**
 * What came of it: `unchanged` where nothing but checkpoints was appended since the last, or what is enough was signed; `late` where another
 * node was first, with how many events were to be signed.
 */
type CheckpointOutcome =
  | { readonly result: 'signed' | 'unchanged' | 'late'; readonly note: string; readonly size: bigint }
  | { readonly result: 'empty' };

/** What is to be signed. */
interface ToSign {
  readonly head: TreeHead;
  readonly last: SeenEvent;
}

/**
 * Signs the log as far as its tree is folded, and records that in the log. Before a signature leaves, the signer has remembered what it
 * signs, and has seen that it leads on from all that it ever signed. Two nodes that sign at once both sign what is so; the one that comes
 * too late drops its own.
 * @throws CheckpointRefusedError where the log does not lead on, or is another store's.
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
  const own = newest?.origin === signer.origin ? newest : null;
  if (!call.adopts) refuseOtherKey(own, change, signer, call.now);
  // A log that was taken back is told at once, also where nothing is to be signed yet.
  const head = await remember(context, own, call.adopts === true);
  const isDone = own !== null && (!isChanged(size, version, own) || own.size >= (call.enough ?? size));
  if (isDone && isSignedByAll(own.note, signer))
    return { result: 'unchanged', note: own.note, size: own.size };
  const text = printCheckpoint({ origin: signer.origin, ...head });
  const signatures = keysOf(signer).map((key) => signNote(text, signer.origin, key));
  const note = printNote({ text, signatures });
  const root = Buffer.from(head.root).toString('base64');
  const data = { origin: signer.origin, size: Number(head.size), root, note };
  const event = checkpointDraft('CheckpointSigned', data, londonDate(call.now));
  const isFirst = await appendSigned(context, version, event, call);
  return { result: isFirst ? 'signed' : 'late', note, size: head.size };
}

/** As which log a signer signed until now, and what it remembers of each. */
interface SignedAs {
  readonly origin: string;
  readonly remembered: (origin: string) => Remembered | null;
}

/**
 * Goes on under another origin, and records why, with what was signed last: what the signer remembers of the log until then, where the log
 * has lost it.
 * @returns false where another node appended a checkpoint meanwhile.
 * @throws CheckpointRefusedError where it is that origin already.
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
  // What the signer remembers of that log would refuse this one, after it is on record that it was begun.
  if (lastEvent?.origin === origin)
    throw new CheckpointRefusedError(`the log is ${origin} already; what is begun has another name`);
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

/** What was signed of a log, where the log does not have it any more. */
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
    `the log was signed as ${lastEvent.origin}, and this signer is ${origin}. Put the key and its memory back that signed it, or name its ` +
      'origin (DOCKET_LOG_ORIGIN). Where it is to go on as another log: docket checkpoint --begin ORIGIN --reason TEXT',
  );
}

/** Whether anything but checkpoints was appended since one was signed. */
const isChanged = (size: bigint, version: number, newest: SignedCheckpoint): boolean =>
  size - newest.size > BigInt(version - newest.version + 1);

/** Remembers the tree as it stands, if it leads on from what was signed. */
async function remember(
  { database, memory, store, storeName }: CheckpointContext,
  own: SignedCheckpoint | null,
  adopts: boolean,
): Promise<TreeHead> {
  return memory.update(async (remembered) => {
    if (!adopts) refuseUnknownStore(remembered, own, storeName);
    const known = [remembered, own && checkpointOfNote(own.note)].filter((each) => each !== null);
    const next = await readTree(database, (tree) => leadingOn(tree, known));
    for (const event of [next.last, ...(adopts || remembered === null ? [] : [remembered.last])])
      await refuseOtherEvent(store, event);
    return { ...next.head, last: next.last, store: storeName };
  });
}

/** All that sign now. */
export const keysOf = ({ key, others }: LogSigner): readonly KeyObject[] => [key, ...others];

/** How the line of a signature begins. */
const keyName = ({ name, keyId }: Pick<NoteSignature, 'name' | 'keyId'>): string => `${name} ${keyId}`;
const signaturesOf = (note: string): string[] => parseNote(Buffer.from(note)).signatures.map(keyName);

function isSignedByAll(note: string, signer: LogSigner): boolean {
  const keys = keysOf(signer).map((key) => keyName(verifierKey(signer.origin, 'note', key)));
  return new Set(keys).isSubsetOf(new Set(signaturesOf(note)));
}

/**
 * A key that was lost, and made anew, is told of, as is one that was put back though another took its place: who checks the log does not
 * have it, or has it no more.
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
  // A change may not be through yet.
  const changed = change === null ? [] : [change.after, ...(isShared ? [change.before] : [])];
  const known = [last, ...changed.map((vkey) => keyName(parseVerifierKey(vkey)))];
  if (known.includes(keyName(verifierKey(origin, 'note', key)))) return;
  throw new CheckpointRefusedError(
    `the log was last signed with another key than the one that is here. Put back the key that ${origin} was signed with. Where it is ` +
      'lost: docket checkpoint --adopt, and give the new key to all who check the log',
  );
}

function refuseUnknownStore(
  remembered: Remembered | null,
  newest: SignedCheckpoint | null,
  storeName: string,
): void {
  const adopt = 'Where this is the one store that goes on: docket checkpoint --adopt';
  if (remembered === null && newest !== null)
    throw new CheckpointRefusedError(
      `the log has checkpoints of ${newest.origin}, and this signer remembers none: it may be a copy, or an older backup. ${adopt}`,
    );
  if (remembered !== null && remembered.store !== storeName)
    throw new CheckpointRefusedError(
      `this signer has signed for the store ${remembered.store}, and this is ${storeName}: one of the two would be a copy. ${adopt}`,
    );
}

const LOST =
  'Put the newer log back. Where it is lost for good: docket checkpoint --begin ORIGIN --reason TEXT goes on as another log, and says so';

/** The tree as it stands. @throws CheckpointRefusedError where it does not begin with each of these. */
async function leadingOn(tree: TreeView, known: readonly TreeHead[]): Promise<ToSign> {
  const { size, last, nodes } = tree;
  if (last === null) throw new CheckpointRefusedError('the log is empty, and was signed before');
  const head = { size, root: await rootOf(size, nodes) };
  for (const old of known) {
    if (old.size > size)
      throw new CheckpointRefusedError(
        `the log has ${size} events, and was signed with ${old.size}: its end is cut off, or an older copy stands in its place. ${LOST}`,
      );
    if (!isConsistent(old, head, await consistencyProof(old.size, size, nodes)))
      throw new CheckpointRefusedError(
        `the first ${old.size} events of the log are not those that were signed: one of them was lost, put in, or written anew. ${LOST}`,
      );
  }
  return { head, last };
}

/** Whether a store has an event as it was seen. */
export async function hasEvent(
  store: Pick<EventStore, 'readStream'>,
  { streamId, version, hash }: SeenEvent,
): Promise<boolean> {
  const [event] = await store.readStream(streamId, { after: version - 1, limit: 1 });
  return event?.version === version && event.hash === hash;
}

/** Sees that an event which the tree was folded from is what the log has: read models may hold what the log lost. */
async function refuseOtherEvent(store: EventStore, event: SeenEvent): Promise<void> {
  if (await hasEvent(store, event)) return;
  throw new CheckpointRefusedError(
    `the log does not have version ${event.version} of ${event.streamId} as the tree was folded from it: it has lost events, or another store stands in its place`,
  );
}

/** Appends to what was signed. @returns false where the stream has gone on. */
export async function appendSigned(
  { store, random }: Pick<CheckpointContext, 'store' | 'random'>,
  expectedVersion: number,
  event: EventDraft,
  call: CheckpointCall,
): Promise<boolean> {
  const header = { ...call, ids: commandIds(random.uuid()), name: 'sign-checkpoint' };
  const appended = { streamId: CHECKPOINTS_STREAM, expectedVersion, events: [event] };
  try {
    await store.append(commitFor(header, [appended]).commit);
    return true;
  } catch (error) {
    if (hasCode(error, 'version-conflict')) return false;
    throw error;
  }
}
