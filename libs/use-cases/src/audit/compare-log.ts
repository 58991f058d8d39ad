import { examineEvent } from '#audit/forms';
import { leafHashOf } from '#audit/merkle-tree';
import { TILE_WIDTH } from '#audit/tlog/tiles';
import { StreamVerifier } from '#audit/verify';
import type { Envelope } from '#event-sourcing/envelope';
import { hasCode } from '#event-sourcing/errors';
import { nextTurn } from '#event-sourcing/event-store';
import type { EventStore } from '#event-sourcing/event-store';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { findLeaves, readTree } from '#read-models/tree/tree-query';

/** The log does not match what was signed before: nothing is signed until an operator has investigated. */
export class CheckpointRefusedError extends Error {
  override readonly name = 'CheckpointRefusedError';
  readonly code = 'checkpoint-refused';
}

/** How far the log's older events were compared. */
export interface ComparedTo {
  /** The number of the next tile of leaves to compare. */
  readonly tile: number;
  /** When the previous ones were compared, in milliseconds since 1970. */
  readonly at: number;
}

export interface RecordToPack {
  readonly events: readonly Envelope[];
  /** The version that the record had, before its events were read; 0 if that is unknown. */
  readonly known: number;
}

interface ComparedLog {
  readonly store: Pick<EventStore, 'readAll'>;
  readonly database: ReadModelDatabase;
}

/** Every event is compared within this time, which leaves a day of a week for a service that was stopped. */
const ROUND_MS = 6 * 86_400_000;

/**
 * Compares the log with the leaves of its tree: the events since the last checkpoint, and the next share of the
 * older ones, so that each event is compared within a week.
 * @param signed the size of the last checkpoint.
 * @returns how far the older events are compared now.
 * @throws CheckpointRefusedError that names the position of an event that was changed, moved, added or deleted.
 */
export async function refuseAlteredLog(
  log: ComparedLog,
  {
    signed,
    size,
    compared,
  }: { readonly signed: bigint; readonly size: bigint; readonly compared: ComparedTo },
  now: number,
): Promise<ComparedTo> {
  const tiles = Math.ceil(Number(size) / TILE_WIDTH);
  for (let tile = Math.floor(Number(signed) / TILE_WIDTH); tile < tiles; tile += 1)
    await compareTile(log, tile);
  const share = Math.ceil((tiles * Math.max(now - compared.at, 1)) / ROUND_MS);
  let { tile } = compared;
  for (let count = 0; count < Math.min(share, tiles); count += 1) {
    tile %= tiles;
    await compareTile(log, tile);
    tile += 1;
  }
  return { tile, at: now };
}

async function compareTile({ store, database }: ComparedLog, tile: number): Promise<void> {
  const { after, hashes } = await readTree(database, (tree) => tree.leaves(tile));
  let last = after;
  for (let compared = 0; compared < hashes.length;) {
    const events = await readAfter(store, last, hashes.length - compared);
    for (const event of events) {
      const changed = changeOf(event);
      if (changed !== null) throw altered(`at position ${event.position}`, changed);
      if (leafHashOf(event.hash) !== hashes[compared])
        throw altered(
          `at position ${event.position}`,
          'the log had another event there: an event was changed, moved, added or deleted',
        );
      compared += 1;
    }
    last = events.at(-1)?.position ?? last;
    await nextTurn();
  }
}

async function readAfter(store: ComparedLog['store'], after: string, limit: number): Promise<Envelope[]> {
  try {
    const events = await store.readAll({ after, limit });
    if (events.length > 0) return events;
  } catch (error) {
    if (!hasCode(error, 'store-damaged')) throw error;
    throw altered(`after position ${after}`, 'an event cannot be read', { cause: error });
  }
  throw altered(`after position ${after}`, 'an event was deleted');
}

/** Returns how an event differs from its own hash and commitments; null if it does not. */
function changeOf(event: Envelope): string | null {
  const { changed, values } = examineEvent(event);
  return (changed ?? values)?.detail ?? null;
}

/**
 * Compares a record's events with their chain, and the parts of the log that contain them with the leaves of its tree.
 * @param known the version that the record had before its events were read.
 * @throws CheckpointRefusedError that names an event that was changed, moved, added or deleted.
 */
export async function refuseAlteredRecord(
  log: ComparedLog,
  { events, known }: RecordToPack,
  size: bigint,
): Promise<void> {
  const last = events.at(-1);
  if (last !== undefined && last.version < known)
    throw altered(`after version ${last.version} of ${last.streamId}`, 'an event was deleted');
  const chain = new StreamVerifier();
  const leaves = await findLeaves(
    log.database,
    events.map(({ hash }) => hash),
    size,
  );
  const tiles = new Set<number>();
  for (const event of events) {
    const place = `at position ${event.position}, version ${event.version} of ${event.streamId}`;
    const divergence = chain.add(event);
    if (divergence !== null) throw altered(place, divergence.detail);
    const leaf = leaves.get(event.hash);
    if (leaf === undefined) throw altered(place, 'the log did not have this event there');
    tiles.add(Math.floor(Number(leaf) / TILE_WIDTH));
  }
  for (const tile of tiles) await compareTile(log, tile);
}

const altered = (place: string, detail: string, options?: ErrorOptions): CheckpointRefusedError =>
  new CheckpointRefusedError(
    `the log was altered ${place}: ${detail}. Nothing is signed or packed. Run docket verify, and restore an unaltered copy`,
    options,
  );
