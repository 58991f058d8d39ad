import { systemClock } from '#event-sourcing/clock';
import type { Tile } from '#audit/tlog/tiles';
import { widthIn } from '#audit/tlog/tiles';
import { printTlogProof } from '#audit/tlog/tlog-proof';
import { consistencyProof, inclusionProof } from '#audit/tlog/tree-proofs';
import { logEvents } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { READ_MS_MAX } from '#projections/limited-reads';
import { findLeaves, readTree } from '#read-models/tree/tree-query';
import type { SignedCheckpoint, TreeView } from '#read-models/tree/tree-query';
import { kinds } from '#state-machines/record-streams';
import { streamOf } from '#lifecycle/kind';
import { ProblemError } from '../problems.ts';
import { recordsNamed } from '../records/named-record.ts';
import type { RecordsAccess } from '../records/records-access.ts';

// These functions return only hashes and signed notes: no text, person or record id. So every signed-in user may read all of it. They
// return nothing beyond the last signed size, since unsigned events can still be lost and replaced.

/** An event, with the name of its record if known. */
interface EventRequest {
  readonly eventId: string;
  readonly record?: string;
  readonly size?: bigint;
}

const nothingSigned = (): ProblemError =>
  new ProblemError('not-found', 'There is no checkpoint yet; POST /api/audit/checkpoints creates one');

/** Returns the last signed checkpoint as stored. @throws ProblemError `not-found` if there is none. */
export const seeCheckpoint = (database: ReadModelDatabase): Promise<string> =>
  readTree(database, async (tree) => (await lastSigned(tree)).note);

/**
 * Returns a tile's hashes, concatenated, 32 bytes each.
 * @throws ProblemError `not-found` if the signed tree does not contain all of them.
 */
export const seeTile = (database: ReadModelDatabase, tile: Tile): Promise<Buffer> =>
  readTree(database, async (tree) => {
    const { size } = await lastSigned(tree);
    const width = widthIn(size, tile.level, tile.number);
    const hashes = width < tile.width ? null : await tree.tile(tile);
    if (hashes !== null) return hashes;
    throw new ProblemError(
      'not-found',
      `The latest checkpoint, of ${size} events, covers ${width} hashes of this tile`,
    );
  });

/**
 * Proves that an event, by its number from 0, is in the log: returns a `tlog-proof` that ends in the checkpoint of a signed size, by
 * default the last.
 * @throws ProblemError `not-found` for a size that was not signed, and for an event that it does not cover.
 */
export const seeInclusion = (
  database: ReadModelDatabase,
  { index, size }: { readonly index: bigint; readonly size?: bigint },
): Promise<string> =>
  readTree(database, async (tree) => {
    const signed = size === undefined ? await lastSigned(tree) : await tree.checkpoint(size);
    if (signed === null)
      throw new ProblemError(
        'not-found',
        `No checkpoint covers exactly ${size} events. Use the size of an existing checkpoint`,
      );
    if (index >= signed.size)
      throw new ProblemError(
        'not-found',
        `A checkpoint of ${signed.size} events has no event ${index}: they are numbered from 0`,
      );
    const path = await inclusionProof(index, signed.size, tree.nodes);
    return printTlogProof({ index, path, note: signed.note });
  });

/**
 * Proves that an event, by its id, is in the log. With the record's name, finds the event in its stream, and
 * its hash in the tree from the newest leaf back. Without it, scans the log from the start, since stores find
 * ids only within a stream. Both searches stop after the time limit of a read.
 * @throws ProblemError `not-found` for an event that does not exist or is not covered, or a size that was not
 * signed; `query-too-slow`; QueryTooSlowError.
 */
export async function seeEventInclusion(
  { store, readModels }: Pick<RecordsAccess, 'store' | 'readModels'>,
  { eventId, record, ...request }: EventRequest,
): Promise<string> {
  const size = request.size ?? (await readTree(readModels, lastSigned)).size;
  const index =
    record === undefined
      ? await indexInLog(store, eventId, size)
      : await indexInTree({ store, readModels }, { eventId, record, size });
  if (index !== undefined) return seeInclusion(readModels, { index, size });
  throw new ProblemError('not-found', `The checkpoint of ${size} events does not cover the event ${eventId}`);
}

async function indexInTree(
  { store, readModels }: Pick<RecordsAccess, 'store' | 'readModels'>,
  { eventId, record, size }: Required<EventRequest>,
): Promise<bigint | undefined> {
  const records = await recordsNamed(store, kinds, record);
  const matches = await Promise.all(records.map((each) => store.findEvents(streamOf(each), [eventId])));
  const [event] = matches.flat();
  if (event === undefined)
    throw new ProblemError('not-found', `The record ${record} has no event ${eventId}`);
  return (await findLeaves(readModels, [event.hash], size, READ_MS_MAX)).get(event.hash);
}

async function indexInLog(store: EventStore, eventId: string, size: bigint): Promise<bigint | undefined> {
  const since = systemClock.elapsed();
  let index = 0n;
  for await (const event of logEvents(store)) {
    if (index >= size) return undefined;
    if (event.eventId === eventId) return index;
    if (systemClock.elapsed() - since > READ_MS_MAX)
      throw new ProblemError(
        'query-too-slow',
        `The event was not found among the first ${index} events within the time limit. Name its record as well`,
      );
    index += 1n;
  }
  return undefined;
}

/**
 * Returns the hashes of the consistency proof: the log at a later size begins with the whole log at an
 * earlier size. Sizes start at 1; the later is not smaller than the earlier.
 * @throws ProblemError `not-found` for more events than were signed.
 */
export const seeConsistency = (
  database: ReadModelDatabase,
  { from, to }: { readonly from: bigint; readonly to: bigint },
): Promise<readonly Uint8Array[]> =>
  readTree(database, async (tree) => {
    const { size } = await lastSigned(tree);
    if (to > size)
      throw new ProblemError(
        'not-found',
        `The latest checkpoint covers only ${size} events. Use a size up to that`,
      );
    return consistencyProof(from, to, tree.nodes);
  });

async function lastSigned(tree: TreeView): Promise<SignedCheckpoint> {
  const signed = await tree.checkpoint();
  if (signed === null) throw nothingSigned();
  return signed;
}
