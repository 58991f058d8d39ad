import type { TreeNode } from './tree-proofs.ts';

/** The number of hashes in a full tile, and of tree levels that it spans (C2SP tlog-tiles 0.1.0). */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;

/** A tile: consecutive hashes of one level. Only every eighth level of the tree has tiles. */
export interface Tile {
  readonly level: number;
  readonly number: bigint;
  /** Up to 256; fewer for a partial tile. */
  readonly width: number;
}

const LEVEL_MAX = 63;
const PATH = /^(0|[1-9]\d?)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;
/** The maximum number of three-digit groups in a number below 2^63. */
const GROUPS_MAX = 7;

/** Parses the path after `tile/`; null if it is invalid. */
export function parseTilePath(path: string): Tile | null {
  const [, level = '', groups = '', width] = PATH.exec(path) ?? [];
  const digits = groups.split('/').map((group) => group.replace('x', ''));
  if (level === '' || Number(level) > LEVEL_MAX || digits.length > GROUPS_MAX) return null;
  if (digits.length > 1 && digits[0] === '000') return null;
  if (width !== undefined && Number(width) >= TILE_WIDTH) return null;
  return { level: Number(level), number: BigInt(digits.join('')), width: Number(width ?? TILE_WIDTH) };
}

export function tilePath({ level, number, width }: Tile): string {
  const digits = number.toString();
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  const path = groups.map((group, index) => (index === groups.length - 1 ? group : `x${group}`)).join('/');
  return `${level}/${path}${width < TILE_WIDTH ? `.p/${width}` : ''}`;
}

/** Returns a tile's width in a tree of this size. */
export function widthIn(size: bigint, level: number, number: bigint): number {
  const hashes = (size >> BigInt(TILE_HEIGHT * level)) - number * BigInt(TILE_WIDTH);
  return Number(hashes < 0n ? 0n : hashes > BigInt(TILE_WIDTH) ? BigInt(TILE_WIDTH) : hashes);
}

/** Returns the tile that contains a node's leaves, the offset of the first leaf, and the number of leaves. */
export function placeOf({ level, index }: TreeNode): Pick<Tile, 'level' | 'number'> & {
  readonly first: number;
  readonly count: number;
} {
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
