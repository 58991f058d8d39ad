import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LEAVES } from '#test/support/merkle-leaves';
import { leafHash, MerkleTree } from './merkle-tree.ts';

/** The known roots of trees with 0, 1, 2 … leaves. */
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const sha256 = (...parts: readonly Uint8Array[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** Returns the root as RFC 6962, section 2.1, defines it. */
function definedRoot(leaves: readonly Uint8Array[]): Buffer {
  const [only] = leaves;
  if (only === undefined) return sha256();
  if (leaves.length === 1) return sha256(Buffer.of(0), only);
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha256(Buffer.of(1), definedRoot(leaves.slice(0, half)), definedRoot(leaves.slice(half)));
}

describe('the Merkle tree of RFC 6962', () => {
  it('has the roots of the known vectors, at every size', () => {
    const tree = new MerkleTree();
    expect(tree.rootHex()).toBe(ROOTS[0]);
    for (const [index, leaf] of LEAVES.entries()) {
      tree.appendWhole(1, leafHash(Buffer.from(leaf, 'hex')).toString('hex'));
      expect(tree.rootHex()).toBe(ROOTS[index + 1]);
      expect(tree.size).toBe(index + 1);
    }
  });

  it('has the root of the definition, with any leaves', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 70 }), (leaves) => {
        const tree = new MerkleTree();
        for (const leaf of leaves) tree.appendWhole(1, leafHash(leaf).toString('hex'));
        expect(tree.rootHex()).toBe(definedRoot(leaves).toString('hex'));
      }),
    );
  });
});
