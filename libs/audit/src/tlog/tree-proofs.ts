import { nodeHash } from '../merkle-tree.ts';

/** The root of a whole subtree: of the 2^level leaves that begin at index · 2^level. */
export interface TreeNode {
  readonly level: number;
  readonly index: bigint;
}

/** Gives the hashes of whole subtrees, in the order in which they are asked for. */
export type ReadNodes = (nodes: readonly TreeNode[]) => Promise<readonly Uint8Array[]>;

/** Leaves from the first up to before the last. */
type Range = readonly [from: bigint, to: bigint];

/** Where RFC 6962 splits so many leaves: at the largest power of two that is smaller. */
function splitOf(size: bigint): bigint {
  return 1n << BigInt((size - 1n).toString(2).length - 1);
}

/** The whole subtrees that a range is made of, the largest first; it begins where one of its size may. */
function nodesOf([from, to]: Range): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let next = from; next < to;) {
    const level = (to - next).toString(2).length - 1;
    nodes.push({ level, index: next >> BigInt(level) });
    next += 1n << BigInt(level);
  }
  return nodes;
}

/** What leads from a leaf up to the root (RFC 6962, 2.1.1): its sibling first. */
function* inclusionRanges(leaf: bigint, [from, to]: Range): Generator<Range> {
  if (to - from === 1n) return;
  const middle = from + splitOf(to - from);
  const [within, beside]: [Range, Range] =
    leaf < middle
      ? [
          [from, middle],
          [middle, to],
        ]
      : [
          [middle, to],
          [from, middle],
        ];
  yield* inclusionRanges(leaf, within);
  yield beside;
}

/** What leads from the root of the first leaves to the root of all (RFC 6962, 2.1.2). */
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
    const own = hashes.slice(next, (next += length));
    return own.reduceRight((right, left) => nodeHash(left, right));
  });
}

/** The root over the first leaves, of which there is one at least. */
export async function rootOf(size: bigint, read: ReadNodes): Promise<Uint8Array> {
  const [root] = await hashesOf([[0n, size]], read);
  if (root === undefined) throw new RangeError('an empty tree has no nodes');
  return root;
}

/** @throws RangeError for a leaf that the tree does not have. */
export function inclusionProof(leaf: bigint, size: bigint, read: ReadNodes): Promise<Uint8Array[]> {
  return hashesOf(inclusionPath(leaf, size), read);
}

/** The same of several leaves, whose nodes are read at once, each of them once. */
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

/** Of equal sizes it is empty. @throws RangeError where it leads from nothing, or back. */
export function consistencyProof(old: bigint, size: bigint, read: ReadNodes): Promise<Uint8Array[]> {
  if (old < 1n || old > size) throw new RangeError(`nothing leads from ${old} leaves to ${size}`);
  return hashesOf([...consistencyRanges(old, [0n, size], true)], read);
}

/** The root that a leaf's hash and its path lead to (RFC 9162, 2.1.3.2); null where the path is not of that place. */
export function rootFromInclusion(
  hash: Uint8Array,
  leaf: bigint,
  size: bigint,
  path: readonly Uint8Array[],
): Uint8Array | null {
  if (leaf < 0n || leaf >= size) return null;
  let [own, last] = [leaf, size - 1n];
  let root = hash;
  for (const beside of path) {
    if (last === 0n) return null;
    if ((own & 1n) === 1n || own === last) {
      root = nodeHash(beside, root);
      while ((own & 1n) === 0n && own !== 0n) [own, last] = [own >> 1n, last >> 1n];
    } else root = nodeHash(root, beside);
    [own, last] = [own >> 1n, last >> 1n];
  }
  return last === 0n ? root : null;
}

/** A tree's size and root. */
export interface TreeHead {
  readonly size: bigint;
  readonly root: Uint8Array;
}

const isSame = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

/** Whether a proof shows that the new tree begins with all of the old (RFC 9162, 2.1.4.2). */
export function isConsistent(old: TreeHead, now: TreeHead, proof: readonly Uint8Array[]): boolean {
  if (old.size < 1n || old.size > now.size) return false;
  if (old.size === now.size) return proof.length === 0 && isSame(old.root, now.root);
  const isWhole = (old.size & (old.size - 1n)) === 0n;
  const [first, ...rest] = isWhole ? [old.root, ...proof] : proof;
  if (first === undefined || proof.length === 0) return false;
  let [own, last] = [old.size - 1n, now.size - 1n];
  while ((own & 1n) === 1n) [own, last] = [own >> 1n, last >> 1n];
  let [before, after] = [first, first];
  for (const beside of rest) {
    if (last === 0n) return false;
    if ((own & 1n) === 1n || own === last) {
      before = nodeHash(beside, before);
      after = nodeHash(beside, after);
      while ((own & 1n) === 0n && own !== 0n) [own, last] = [own >> 1n, last >> 1n];
    } else after = nodeHash(after, beside);
    [own, last] = [own >> 1n, last >> 1n];
  }
  return last === 0n && isSame(before, old.root) && isSame(after, now.root);
}
