import { hash } from 'node:crypto';

const LEAF = Buffer.of(0);

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** Returns the hash of a leaf (RFC 6962, 2.1): SHA-256 of a zero byte and the leaf's content. */
export const leafHash = (content: Uint8Array): Buffer => sha256(LEAF, content);

const LEAF_OF_HASH = Buffer.alloc(1 + 32);

/** Returns the hash of a leaf that contains a SHA-256, both in hex. Optimised for large numbers of leaves. */
export function leafHashOf(sha256Hex: string): string {
  LEAF_OF_HASH.write(sha256Hex, 1, 'hex');
  return hash('sha256', LEAF_OF_HASH, 'hex');
}

const NODE_OF_HASHES = Buffer.alloc(1 + 32 + 32, 1);

/** Returns the hash of a node over two hashes of 32 bytes: SHA-256 of a one byte and both. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== 32 || right.length !== 32)
    throw new RangeError('a node is over two hashes of 32 bytes');
  NODE_OF_HASHES.set(left, 1);
  NODE_OF_HASHES.set(right, 1 + 32);
  return hash('sha256', NODE_OF_HASHES, 'buffer');
}

/** Returns the hash of a node over two hashes, all in hex. Optimised for large numbers of nodes. */
function nodeHashOf(left: string, right: string): string {
  NODE_OF_HASHES.write(left + right, 1, 'hex');
  return hash('sha256', NODE_OF_HASHES, 'hex');
}

/**
 * An append-only Merkle tree (RFC 6962). It stores only the roots of its complete subtrees, one for each bit of its
 * size: a few dozen hashes for any log.
 */
export class MerkleTree {
  /** The complete subtrees, largest first. Roots are in hex, which is three times as fast to hash as bytes here. */
  readonly #whole: { readonly size: number; readonly root: string }[] = [];
  #size = 0;

  /** The number of leaves. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf that contains a SHA-256, in hex. */
  appendHash(contentHex: string): void {
    let last = { size: 1, root: leafHashOf(contentHex) };
    for (;;) {
      const before = this.#whole.at(-1);
      if (before?.size !== last.size) break;
      this.#whole.pop();
      last = { size: 2 * last.size, root: nodeHashOf(before.root, last.root) };
    }
    this.#whole.push(last);
    this.#size += 1;
  }

  /** Returns the root over all leaves so far, in hex; the SHA-256 of an empty text if there are none. */
  rootHex(): string {
    const last = this.#whole.at(-1);
    if (last === undefined) return hash('sha256', '', 'hex');
    return this.#whole.slice(0, -1).reduceRight((right, { root }) => nodeHashOf(root, right), last.root);
  }
}
