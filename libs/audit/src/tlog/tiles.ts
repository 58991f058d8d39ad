import type { TreeNode } from './tree-proofs.ts';

/** The number of hashes in a full tile, and of tree levels that it spans (C2SP tlog-tiles 0.1.0). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** Consecutive hashes of one level of the tree. Only every eighth level has tiles. */
interface TilePlace {
  readonly level: number;
  readonly number: bigint;
  /** The offset of a node's first hash in the tile, and the number of its hashes. */
  readonly first: number;
  readonly count: number;
}

/** Returns where the hashes below a node are. */
export function placeOf({ level, index }: TreeNode): TilePlace {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const height = level - tileLevel * TILE_HEIGHT;
  const first = index << BigInt(height);
  return {
    level: tileLevel,
    number: first / BigInt(TILE_WIDTH),
    first: Number(first % BigInt(TILE_WIDTH)),
    count: 1 << height,
  };
}
