import { hash } from 'node:crypto';

const LEAF = Buffer.of(0);

const sha256 = (...parts: readonly Uint8Array[]): Buffer => hash('sha256', Buffer.concat(parts), 'buffer');

/** The hash of a leaf (RFC 6962, 2.1): SHA-256 of a zero byte and what the leaf holds. */
export const leafHash = (held: Uint8Array): Buffer => sha256(LEAF, held);

const LEAF_OF_HASH = Buffer.alloc(1 + 32);

/** The hash of a leaf that holds a SHA-256, both in hex: for who makes very many. */
export function leafHashOf(sha256Hex: string): string {
  LEAF_OF_HASH.write(sha256Hex, 1, 'hex');
  return hash('sha256', LEAF_OF_HASH, 'hex');
}

const NODE_OF_HASHES = Buffer.alloc(1 + 32 + 32, 1);

/** The hash of a node over two others, of 32 bytes each: SHA-256 of a one byte and both. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== 32 || right.length !== 32)
    throw new RangeError('a node is over two hashes of 32 bytes');
  NODE_OF_HASHES.set(left, 1);
  NODE_OF_HASHES.set(right, 1 + 32);
  return hash('sha256', NODE_OF_HASHES, 'buffer');
}

/** The hash of a node over two others, all in hex: for who makes very many. */
function nodeHashOf(left: string, right: string): string {
  NODE_OF_HASHES.write(left + right, 1, 'hex');
  return hash('sha256', NODE_OF_HASHES, 'hex');
}

/**
 * The Merkle tree of RFC 6962 over what is appended, in order. It keeps the roots of the whole trees that make it up, one for
 * each bit of its size, so that any log takes no more than some dozens of hashes.
 */
export class MerkleTree {
  /** The largest first; roots in hex, which are hashed in a third of the time of bytes. */
  readonly #whole: { readonly size: number; readonly root: string }[] = [];
  #size = 0;

  /** How many leaves it has. */
  get size(): number {
    return this.#size;
  }

  /** Appends a leaf that holds a SHA-256, in hex. */
  appendHash(held: string): void {
    this.#append(1, leafHashOf(held));
  }

  /** Whether a whole tree of so many leaves can be appended as one. */
  takesWhole(size: number): boolean {
    return this.#size % size === 0;
  }

  /** Appends so many leaves, a power of two, by the root over them, in hex. */
  appendWhole(size: number, root: string): void {
    if (!Number.isInteger(Math.log2(size)) || !this.takesWhole(size))
      throw new RangeError(`a tree of ${size} leaves is no part of one behind ${this.#size}`);
    this.#append(size, root);
  }

  #append(size: number, root: string): void {
    let last = { size, root };
    for (;;) {
      const before = this.#whole.at(-1);
      if (before?.size !== last.size) break;
      this.#whole.pop();
      last = { size: 2 * last.size, root: nodeHashOf(before.root, last.root) };
    }
    this.#whole.push(last);
    this.#size += size;
  }

  /** The root over all leaves so far, in hex; SHA-256 of nothing where there are none. */
  rootHex(): string {
    const last = this.#whole.at(-1);
    if (last === undefined) return hash('sha256', '', 'hex');
    return this.#whole.slice(0, -1).reduceRight((right, { root }) => nodeHashOf(root, right), last.root);
  }
}
