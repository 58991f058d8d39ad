import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { hash } from 'node:crypto';
import { leafHash, MerkleTree, nodeHash } from '../merkle-tree.ts';
import { consistencyProof, inclusionProofs, isConsistent, rootFromInclusion, rootOf } from './tree-proofs.ts';
import type { ReadNodes } from './tree-proofs.ts';

/** The leaves in the tests of Certificate Transparency's implementations. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
].map((leaf) => Buffer.from(leaf, 'hex'));

const hex = (hashes: readonly Uint8Array[]): string[] =>
  hashes.map((each) => Buffer.from(each).toString('hex'));

/** Returns a reader of nodes that computes them from the leaves by definition (RFC 6962, 2.1). */
const nodesOver =
  (leaves: readonly Uint8Array[]): ReadNodes =>
  (nodes) =>
    Promise.resolve(
      nodes.map(({ level, index }) => {
        const width = 1 << level;
        const from = Number(index) * width;
        if (from + width > leaves.length) throw new RangeError('no whole subtree');
        return treeHash(leaves.slice(from, from + width));
      }),
    );

function treeHash(leaves: readonly Uint8Array[]): Uint8Array {
  const [first] = leaves;
  if (first === undefined) return hash('sha256', '', 'buffer');
  if (leaves.length === 1) return leafHash(first);
  let split = 1;
  while (split * 2 < leaves.length) split *= 2;
  return nodeHash(treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

describe('the tree of the shared vectors', () => {
  const read = nodesOver(LEAVES);

  test('has their root', async () => {
    expect(hex([await rootOf(8n, read)])).toEqual([
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  test('returns the same proofs that a leaf is included', async () => {
    const [proof] = await inclusionProofs([5n], 8n, read);
    expect(hex(proof!)).toEqual([
      'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    const [smaller] = await inclusionProofs([2n], 3n, read);
    expect(hex(smaller!)).toEqual(['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']);
  });

  test('returns the same proofs that it extends a smaller tree', async () => {
    expect(hex(await consistencyProof(6n, 8n, read))).toEqual([
      '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
      'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
    ]);
    expect(await consistencyProof(8n, 8n, read)).toEqual([]);
  });
});

describe('a tree of any size', () => {
  const trees = fc.integer({ min: 1, max: 200 }).map((size) => {
    const leaves = Array.from({ length: size }, (_, index) => hash('sha256', `leaf ${index}`, 'buffer'));
    return { size: BigInt(size), leaves, read: nodesOver(leaves), root: treeHash(leaves) };
  });
  const another = (bytes: Uint8Array): Uint8Array => hash('sha256', bytes, 'buffer');

  test('has the root of appending its leaves', async () => {
    await fc.assert(
      fc.asyncProperty(trees, async ({ size, leaves, read, root }) => {
        const tree = new MerkleTree();
        for (const leaf of leaves) tree.appendHash(leaf.toString('hex'));
        expect(hex([await rootOf(size, read), Buffer.from(tree.rootHex(), 'hex')])).toEqual(
          hex([root, root]),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('proves each leaf, and no other one, elsewhere, or with another path', async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async ({ size, leaves, read, root }, seed) => {
        const leaf = BigInt(seed) % size;
        const [path = []] = await inclusionProofs([leaf], size, read);
        const own = leafHash(leaves[Number(leaf)] as Uint8Array);
        const isIncluded = (hashed: Uint8Array, at: bigint, of: bigint, by: readonly Uint8Array[]) => {
          const found = rootFromInclusion(hashed, at, of, by);
          return found !== null && Buffer.compare(found, root) === 0;
        };
        expect(isIncluded(own, leaf, size, path)).toBe(true);
        expect(isIncluded(another(own), leaf, size, path)).toBe(false);
        expect(isIncluded(own, size, size, path)).toBe(false);
        expect(isIncluded(own, leaf, size, [...path, own])).toBe(false);
        for (let at = 0n; at < size; at += 1n)
          if (at !== leaf) expect(isIncluded(own, at, size, path)).toBe(false);
        path.forEach((_, index) => {
          const changed = path.map((each, at) => (at === index ? another(each) : each));
          expect(isIncluded(own, leaf, size, changed)).toBe(false);
          expect(isIncluded(own, leaf, size, path.toSpliced(index, 1))).toBe(false);
        });
      }),
      { numRuns: 30 },
    );
  });

  test('proves that it extends each of its smaller trees, and no other tree', async () => {
    await fc.assert(
      fc.asyncProperty(trees, fc.nat(), async ({ size, leaves, read, root }, seed) => {
        const old = (BigInt(seed) % size) + 1n;
        const before = { size: old, root: treeHash(leaves.slice(0, Number(old))) };
        const now = { size, root };
        const proof = await consistencyProof(old, size, read);
        expect(isConsistent(before, now, proof)).toBe(true);
        expect(isConsistent({ ...before, root: another(before.root) }, now, proof)).toBe(false);
        expect(isConsistent(before, { ...now, root: another(root) }, proof)).toBe(false);
        expect(isConsistent(before, now, [...proof, root])).toBe(false);
        if (old < size) expect(isConsistent({ ...before, size: size + 1n }, now, proof)).toBe(false);
        proof.forEach((_, index) => {
          const changed = proof.map((each, at) => (at === index ? another(each) : each));
          expect(isConsistent(before, now, changed)).toBe(false);
          expect(isConsistent(before, now, proof.toSpliced(index, 1))).toBe(false);
        });
      }),
      { numRuns: 50 },
    );
  });

  test('proves nothing about a leaf or a size that it does not have', async () => {
    const read = nodesOver(LEAVES);
    await expect(inclusionProofs([8n], 8n, read)).rejects.toThrow(RangeError);
    expect(() => consistencyProof(0n, 8n, read)).toThrow(RangeError);
    expect(() => consistencyProof(9n, 8n, read)).toThrow(RangeError);
  });
});
