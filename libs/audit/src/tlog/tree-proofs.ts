import { nodeHash } from '../merkle-tree.ts';

/** A complete subtree, with the 2^level leaves from index · 2^level. */
export interface TreeNode {
  readonly level: number;
  readonly index: bigint;
}

/** Returns the hashes of complete subtrees, in the order of the request. */
export type ReadNodes = (nodes: readonly TreeNode[]) => Promise<readonly Uint8Array[]>;

/** A half-open range of leaves. */
type Range = readonly [from: bigint, to: bigint];

/** Returns the size at which RFC 6962 splits a tree: the largest power of two below its size. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

/**
 * Returns the complete subtrees of a range, largest first. The range must begin at a multiple of the smallest
 * power of two that is not below its size.
 */
function nodesOf([from, to]: Range): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let next = from; next < to;) {
    const level = (to - next).toString(2).length - 1;
    nodes.push({ level, index: next >> BigInt(level) });
    next += 1n << BigInt(level);
  }
  return nodes;
}

/** Yields the ranges of an inclusion proof (RFC 6962, 2.1.1), from the leaf's sibling to the root. */
function* inclusionRanges(leaf: bigint, [from, to]: Range): Generator<Range> {
  if (to - from === 1n) return;
  const middle = from + splitOf(to - from);
  if (leaf < middle) {
    yield* inclusionRanges(leaf, [from, middle]);
    yield [middle, to];
  } else {
    yield* inclusionRanges(leaf, [middle, to]);
    yield [from, middle];
  }
}

/** Yields the ranges of a consistency proof (RFC 6962, 2.1.2). */
function* consistencyRanges(old: bigint, [from, to]: Range, isKnown: boolean): Generator<Range> {
  if (old === to) {
    if (!isKnown) yield [from, to];
    return;
  }
  const middle = from + splitOf(to - from);
  if (old <= middle) {
    yield* consistencyRanges(old, [from, middle], isKnown);
    yield [middle, to];
  } else {
    yield* consistencyRanges(old, [middle, to], false);
    yield [from, middle];
  }
}

async function hashesOf(ranges: readonly Range[], read: ReadNodes): Promise<Uint8Array[]> {
  const nodes = ranges.map(nodesOf);
  const hashes = await read(nodes.flat());
  let next = 0;
  return nodes.map(({ length }) => {
    const rangeHashes = hashes.slice(next, (next += length));
    return rangeHashes.reduceRight((right, left) => nodeHash(left, right));
  });
}

/** Returns the root over the first `size` leaves. @throws RangeError if there are none. */
export async function rootOf(size: bigint, read: ReadNodes): Promise<Uint8Array> {
  const [root] = await hashesOf([[0n, size]], read);
  if (root === undefined) throw new RangeError('an empty tree has no nodes');
  return root;
}

/**
 * Returns the inclusion proofs of leaves. Reads each node once, and all in one call.
 * @throws RangeError for a leaf outside the tree.
 */
export async function inclusionProofs(
  leaves: readonly bigint[],
  size: bigint,
  read: ReadNodes,
): Promise<Uint8Array[][]> {
  const paths = leaves.map((leaf) => inclusionPath(leaf, size));
  const ranges = new Map(paths.flat().map((range) => [String(range), range]));
  const hashes = await hashesOf([...ranges.values()], read);
  const hashAt = new Map([...ranges.keys()].map((range, index) => [range, hashes[index] as Uint8Array]));
  return paths.map((path) => path.map((range) => hashAt.get(String(range)) as Uint8Array));
}

function inclusionPath(leaf: bigint, size: bigint): Range[] {
  if (leaf < 0n || leaf >= size) throw new RangeError(`a tree of ${size} leaves has no leaf ${leaf}`);
  return [...inclusionRanges(leaf, [0n, size])];
}

/**
 * Returns a consistency proof, which is empty for equal sizes.
 * @throws RangeError if the old tree is empty, or larger than the new one.
 */
export function consistencyProof(old: bigint, size: bigint, read: ReadNodes): Promise<Uint8Array[]> {
  if (old < 1n || old > size) throw new RangeError(`there is no proof from ${old} leaves to ${size}`);
  return hashesOf([...consistencyRanges(old, [0n, size], true)], read);
}

/**
 * Goes up a tree from a node to the root (RFC 9162, 2.1.3.2 and 2.1.4.2): calls `join` with each hash of a proof, and
 * whether it is to the left of the path. Returns whether the proof ends at the root.
 */
function climb(
  node: bigint,
  lastNode: bigint,
  proof: readonly Uint8Array[],
  join: (beside: Uint8Array, isLeft: boolean) => void,
): boolean {
  let [own, last] = [node, lastNode];
  for (const beside of proof) {
    if (last === 0n) return false;
    const isLeft = (own & 1n) === 1n || own === last;
    join(beside, isLeft);
    if (isLeft) while ((own & 1n) === 0n && own !== 0n) [own, last] = [own >> 1n, last >> 1n];
    [own, last] = [own >> 1n, last >> 1n];
  }
  return last === 0n;
}

const parentOf = (own: Uint8Array, beside: Uint8Array, isLeft: boolean): Uint8Array =>
  isLeft ? nodeHash(beside, own) : nodeHash(own, beside);

/** Returns the root computed from a leaf's hash and its path; null if the path does not fit the index. */
export function rootFromInclusion(
  hash: Uint8Array,
  leaf: bigint,
  size: bigint,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (leaf < 0n || leaf >= size) return null;
  let root = hash;
  const isWhole = climb(leaf, size - 1n, path, (beside, isLeft) => {
    root = parentOf(root, beside, isLeft);
  });
  return isWhole ? root : null;
}

export interface TreeHead {
  readonly size: bigint;
  readonly root: Uint8Array;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Reports whether a proof shows that the new tree begins with the whole old tree. */
export function isConsistent(old: TreeHead, now: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (old.size < 1n || old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && isSame(old.root, now.root);
  const isWhole = (old.size & (old.size - 1n)) === 0n;
  const [first, ...rest] = isWhole ? [old.root, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let [own, last] = [old.size - 1n, now.size - 1n];
  while ((own & 1n) === 1n) [own, last] = [own >> 1n, last >> 1n];
  let [before, after] = [first, first];
  const isComplete = climb(own, last, rest, (beside, isLeft) => {
    if (isLeft) before = nodeHash(beside, before);
    after = parentOf(after, beside, isLeft);
  });
  return isComplete && isSame(before, old.root) && isSame(after, now.root);
}
