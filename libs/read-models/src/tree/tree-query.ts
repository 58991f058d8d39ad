import type { Kysely } from 'kysely';
import { systemClock } from '#event-sourcing/clock';
import { parseNote, SIGNATURES_MAX } from '#audit/tlog/signed-note';
import { leafHashOf } from '#audit/merkle-tree';
import { placeOf, TILE_WIDTH } from '#audit/tlog/tiles';
import type { ReadNodes } from '#audit/tlog/tree-proofs';
import { QueryTooSlowError } from '#projections/limited-reads';
import { bookmarkIn } from '#projections/model-set';
import type { Bookmark } from '#projections/model-set';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { Models } from '#projections/projection';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { checkpointDataIn } from '#state-machines/checkpoint-events';
import type { CheckpointEventData } from '#state-machines/checkpoint-events';
import { chunks, HEX_DIGITS, hashesIn, rootOfHashes, tileId } from './tree-projection.ts';
import type { CheckpointRow, TreeTables } from './tree-projection.ts';

/** An event's position and hash. */
export interface SeenEvent {
  readonly streamId: string;
  readonly version: number;
  readonly hash: string;
}

/** A signed checkpoint, and its version in its stream. */
export interface SignedCheckpoint {
  readonly version: number;
  readonly origin: string;
  readonly size: bigint;
  /** The note to publish: the log's signature and those of the witnesses. */
  readonly note: string;
  /** The note with only the log's signature. */
  readonly signed: string;
  /** A time-stamp of `signed` (RFC 3161); null if none is recorded. */
  readonly timestamp: Uint8Array | null;
}

export type KeyChange = CheckpointEventData['KeyChanged'];

/** The numbers of leaves by hash in hex. */
type LeafPlaces = ReadonlyMap<string, bigint>;

/** The part of the log's tree that is folded, in one snapshot. */
export class TreeView {
  /** The number of leaves. */
  readonly size: bigint;
  /** The event of the last leaf; null for an empty tree. */
  readonly last: SeenEvent | null;
  readonly #db: Kysely<TreeTables>;
  readonly #sql: ReadModelSql;

  constructor({ db, sql }: Models, { events, last_stream, last_version, last_hash }: Bookmark) {
    this.size = BigInt(events);
    this.last =
      last_stream === null || last_version === null || last_hash === null
        ? null
        : { streamId: last_stream, version: last_version, hash: last_hash };
    this.#db = db;
    this.#sql = sql;
  }

  #tiles(ids: readonly string[]) {
    const listed = this.#sql.listed([...new Set(ids)]);
    return this.#db.selectFrom('tree_tiles').selectAll().where('id', 'in', listed).execute();
  }

  async #hashesOf(ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return new Map((await this.#tiles(ids)).map(({ id, hashes }) => [id, hashes]));
  }

  readonly nodes: ReadNodes = async (nodes) => {
    const places = nodes.map(placeOf);
    const tiles = await this.#hashesOf(places.map(({ level, number }) => tileId(level, number)));
    return places.map(({ level, number, first, count }) => {
      const id = tileId(level, number);
      const found = (tiles.get(id) ?? '').slice(first * HEX_DIGITS, (first + count) * HEX_DIGITS);
      if (found.length < count * HEX_DIGITS) throw new RangeError(`The tile ${id} has fewer hashes`);
      return rootOfHashes(hashesIn(found));
    });
  };

  /** Returns the numbers of leaves by hash within a range of tiles, without hashes that are not there. */
  async leavesAmong(wanted: ReadonlySet<string>, from: number, count: number): Promise<LeafPlaces> {
    const numbers = Array.from({ length: count }, (_, index) => from + index);
    const tiles = await this.#hashesOf(numbers.map((number) => tileId(0, number)));
    const found = new Map<string, bigint>();
    for (const number of numbers) {
      for (const [index, leaf] of chunks(tiles.get(tileId(0, number)) ?? '', HEX_DIGITS).entries())
        if (wanted.has(leaf)) found.set(leaf, BigInt(number * TILE_WIDTH + index));
    }
    return found;
  }

  /** Returns a tile of leaves: the position after which its events begin, and their leaf hashes in hex. */
  async leaves(tile: number): Promise<{ readonly after: string; readonly hashes: readonly string[] }> {
    const rows = await this.#tiles([tileId(0, tile - 1), tileId(0, tile)]);
    const [before, row] = [tile - 1, tile].map((number) => rows.find(({ id }) => id === tileId(0, number)));
    const hashes = row === undefined ? [] : chunks(row.hashes, HEX_DIGITS);
    return { after: before?.last_position ?? '0', hashes };
  }

  get #newestFirst() {
    return this.#db.selectFrom('tree_checkpoints').selectAll().orderBy('version', 'desc');
  }

  /** Returns the last event of the checkpoint stream; null if there is none. */
  async lastCheckpointEvent(): Promise<CheckpointRow | null> {
    return (await this.#newestFirst.limit(1).executeTakeFirst()) ?? null;
  }

  /** Returns the last signed checkpoint, optionally of one tree size; null if there is none. */
  async checkpoint(size?: bigint): Promise<SignedCheckpoint | null> {
    const allSigned = this.#newestFirst.limit(1).where('type', '=', 'CheckpointSigned');
    const ofSize = size === undefined ? allSigned : allSigned.where('size', '=', Number(size));
    const row = await ofSize.executeTakeFirst();
    if (row === undefined) return null;
    const { version, origin } = row;
    const signed = checkpointDataIn(row.data, 'CheckpointSigned');
    const seen = await this.#newestFirst
      .where('size', '=', signed.size)
      .where('type', 'in', ['CheckpointCosigned', 'CheckpointTimestamped'])
      .where('origin', '=', origin)
      .execute();
    const stamped = seen.find(({ type }) => type === 'CheckpointTimestamped');
    const lines = seen
      .filter(({ type }) => type === 'CheckpointCosigned')
      .reverse()
      .flatMap((each) => checkpointDataIn(each.data, 'CheckpointCosigned').signatures);
    return {
      ...{ version, origin, size: BigInt(signed.size) },
      note: withSignatures(signed.note, lines),
      signed: signed.note,
      timestamp: stamped ? timestampIn(stamped) : null,
    };
  }

  /** Returns the tree sizes that witnesses signed, latest first. */
  async cosignedSizes(limit: number): Promise<readonly bigint[]> {
    const rows = await this.#newestFirst.where('type', '=', 'CheckpointCosigned').limit(limit).execute();
    return [...new Set(rows.flatMap(({ size }) => (size === null ? [] : BigInt(size))))];
  }

  /** Returns the versions of the events that adopted a store, in order. */
  async adoptionVersions(): Promise<readonly number[]> {
    const adoptions = await this.#newestFirst.where('type', '=', 'StoreAdopted').execute();
    return adoptions.map(({ version }) => version).reverse();
  }

  /** Returns the last change of a log's key; null if there is none. */
  async keyChange(origin: string): Promise<KeyChange | null> {
    const changed = this.#newestFirst.where('type', '=', 'KeyChanged').where('origin', '=', origin);
    const row = await changed.limit(1).executeTakeFirst();
    return row === undefined ? null : checkpointDataIn(row.data, 'KeyChanged');
  }
}

/**
 * Runs a read on a snapshot of the tree.
 * @throws ReadModelMissingError before the runner's first start.
 */
export const readTree = <Result>(
  database: ReadModelDatabase,
  read: (tree: TreeView) => Promise<Result>,
): Promise<Result> =>
  readLive(database, async (models) => read(new TreeView(models, await bookmarkIn(models.db))));

const timestampIn = ({ data }: CheckpointRow): Uint8Array =>
  Buffer.from(checkpointDataIn(data, 'CheckpointTimestamped').timestamp, 'base64');

/** Returns a note with more signature lines, up to the limit of a note. */
function withSignatures(note: string, lines: readonly string[]): string {
  const room = SIGNATURES_MAX - parseNote(Buffer.from(note)).signatures.length;
  return [note, ...lines.slice(0, room).map((line) => `${line}\n`)].join('');
}

/** The number of tiles that are read at once; that takes some milliseconds. */
const TILES_AT_ONCE = 32;

/**
 * Returns the numbers of events by hash. Searches the latest first, yields between reads, and leaves out events beyond
 * a size.
 * @throws QueryTooSlowError after the time limit.
 */
export async function findLeaves(
  database: ReadModelDatabase,
  hashes: Iterable<string>,
  size: bigint,
  withinMs = Infinity,
): Promise<LeafPlaces> {
  const until = systemClock.elapsed() + withinMs;
  const wanted = new Map(Array.from(hashes, (hash) => [leafHashOf(hash), hash]));
  const leaves = new Set(wanted.keys());
  const found = new Map<string, bigint>();
  for (let to = Math.ceil(Number(size) / TILE_WIDTH); to > 0 && found.size < wanted.size;) {
    if (systemClock.elapsed() > until) throw new QueryTooSlowError(withinMs);
    const from = Math.max(to - TILES_AT_ONCE, 0);
    const places = await readTree(database, (tree) => tree.leavesAmong(leaves, from, to - from));
    for (const [leaf, place] of places) if (place < size) found.set(wanted.get(leaf) as string, place);
    to = from;
  }
  return found;
}
