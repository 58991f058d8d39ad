import type { Kysely } from 'kysely';
import { leafHashOf, nodeHash } from '#audit/merkle-tree';
import { TILE_WIDTH } from '#audit/tlog/tiles';
import type { Envelope } from '#event-sourcing/envelope';
import type { Projection } from '#projections/projection';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';
import { asCheckpointEvent, CHECKPOINTS_STREAM } from '#state-machines/checkpoint-events';

/** Tiles of the log's Merkle tree: up to 256 adjacent hashes, at every eighth level. */
const TILES = {
  name: 'tree_tiles',
  columns: {
    /** The level and the number of the tile. */
    id: 'text',
    /** The hashes, 64 hex digits each. */
    hashes: 'long text',
    /** The position of the last event among the leaves; null above them. */
    last_position: 'text or null',
  },
  key: 'id',
  indexes: [],
} as const satisfies TableDefinition;

/** The events of the checkpoint stream. */
const CHECKPOINTS = {
  name: 'tree_checkpoints',
  columns: {
    id: 'text',
    version: 'integer',
    type: 'text',
    origin: 'text',
    /** The signed tree size; null if the event contains no signature. */
    size: 'integer or null',
    /** The event's data, as JSON. */
    data: 'long text',
  },
  key: 'id',
  indexes: [['version'], ['type', 'version'], ['size']],
} as const satisfies TableDefinition;

type TileRow = RowOf<typeof TILES.columns>;
export type CheckpointRow = RowOf<typeof CHECKPOINTS.columns>;
export type TreeTables = TablesOf<typeof TILES | typeof CHECKPOINTS>;

/** The length of a hash in hex. */
export const HEX_DIGITS = 64;

export const tileId = (level: number, number: number | bigint): string => `${level}/${number}`;

/**
 * The Merkle tree over the log (RFC 6962): one leaf for the hash of each event, in log order. An erased event keeps its
 * hash, and a copy of the log in another store has the same tree.
 */
export const treeProjection: Projection = {
  name: 'tree',
  version: 3,
  tables: [TILES, CHECKPOINTS],
  async apply({ db, sql }, { events, ordinal }) {
    const rows: TileRow[] = [];
    let from = ordinal;
    let hashes = events.map(({ hash }) => leafHashOf(hash));
    for (let level = 0; hashes.length > 0; level += 1) {
      const first = Math.floor(from / TILE_WIDTH);
      const existing = await readHashes(db, level, first, from % TILE_WIDTH);
      const tiles = chunks(existing + hashes.join(''), TILE_WIDTH * HEX_DIGITS);
      rows.push(
        ...tiles.map((tile, index) => ({
          id: tileId(level, first + index),
          hashes: tile,
          last_position: level > 0 ? null : lastPositionIn(first + index, events, ordinal),
        })),
      );
      // A full tile becomes one hash of the next level.
      hashes = tiles.filter(({ length }) => length === TILE_WIDTH * HEX_DIGITS).map(rootOfTile);
      from = first;
    }
    await sql.upsert(db, TILES, rows);
    await sql.upsert(db, CHECKPOINTS, events.flatMap(checkpointRows));
  },
};

/** Returns the position of the last event in a tile of leaves. @param ordinal the number of the first event. */
function lastPositionIn(tile: number, events: readonly Envelope[], ordinal: number): string {
  const end = Math.min((tile + 1) * TILE_WIDTH - ordinal, events.length);
  return (events[end - 1] as Envelope).position;
}

function checkpointRows(event: Envelope): CheckpointRow[] {
  if (event.streamId !== CHECKPOINTS_STREAM) return [];
  const { type, data, eventId: id, version } = asCheckpointEvent(event);
  const size = 'size' in data ? data.size : null;
  return [{ id, version, type, origin: data.origin, size, data: JSON.stringify(data) }];
}

/** Returns the first hashes of a tile, written by earlier batches. */
async function readHashes(
  db: Kysely<TreeTables>,
  level: number,
  number: number,
  count: number,
): Promise<string> {
  if (count === 0) return '';
  const id = tileId(level, number);
  const tile = await db.selectFrom('tree_tiles').select('hashes').where('id', '=', id).executeTakeFirst();
  const found = tile?.hashes.slice(0, count * HEX_DIGITS) ?? '';
  if (found.length < count * HEX_DIGITS) throw new Error(`The tile ${id} of the tree lacks hashes`);
  return found;
}

export const chunks = (text: string, length: number): string[] =>
  Array.from({ length: Math.ceil(text.length / length) }, (_, index) =>
    text.slice(index * length, (index + 1) * length),
  );

/** Returns the Merkle root of adjacent hashes, whose number must be a power of two. */
export function rootOfHashes(hashes: readonly Uint8Array[]): Uint8Array {
  let level = hashes;
  while (level.length > 1) {
    const pairs: Uint8Array[] = [];
    for (let index = 0; index < level.length; index += 2)
      pairs.push(nodeHash(level[index] as Uint8Array, level[index + 1] as Uint8Array));
    level = pairs;
  }
  return level[0] as Uint8Array;
}

export const hashesIn = (tile: string): Buffer[] =>
  chunks(tile, HEX_DIGITS).map((digits) => Buffer.from(digits, 'hex'));

const rootOfTile = (tile: string): string => Buffer.from(rootOfHashes(hashesIn(tile))).toString('hex');
