// Replaces the verifier's Node APIs in browsers; the build substitutes this module. Many browsers lack Ed25519.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { Buffer } from 'buffer';

export { Buffer };

const HASHES = { sha1, sha256 } as const;

export function hash(
  name: keyof typeof HASHES,
  data: Uint8Array | string,
  encoding: 'hex' | 'buffer',
): string | Buffer {
  const digest = Buffer.from(HASHES[name](typeof data === 'string' ? Buffer.from(data) : data));
  return encoding === 'hex' ? digest.toString('hex') : digest;
}

/** A public key with the members of node:crypto's that the verifier uses. */
class PublicKey {
  readonly type = 'public';
  readonly #der: Buffer;

  constructor(der: Uint8Array) {
    this.#der = Buffer.from(der);
  }

  export(): Buffer {
    return this.#der;
  }
}

export const createPublicKey = ({ key }: { readonly key: Uint8Array }): PublicKey => new PublicKey(key);

const { Point } = ed25519;
const KEY_BYTES = 32;

/** Verifies `[S]B = R + [k]A` (RFC 8032, 5.1.7), without a cofactor, as node:crypto does. */
export function verify(_: null, text: Uint8Array, key: PublicKey, signature: Uint8Array): boolean {
  const der = key.export();
  const a = der.subarray(der.length - KEY_BYTES);
  const r = signature.subarray(0, KEY_BYTES);
  try {
    const k = Point.Fn.create(littleEndian(sha512(Buffer.concat([r, a, text]))));
    const s = Point.Fn.create(littleEndian(signature.subarray(KEY_BYTES)));
    const expected = Point.BASE.multiplyUnsafe(s).add(Point.fromBytes(a).negate().multiplyUnsafe(k));
    return Buffer.compare(expected.toBytes(), r) === 0;
  } catch {
    // A key that is not a point on the curve verifies nothing.
    return false;
  }
}

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const onlyVerifies = (): never => {
  throw new Error('this only verifies');
};
export const sign = onlyVerifies;
