// Replaces the verifier's Node APIs in browsers; the build substitutes this module. Many browsers lack Ed25519.
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha1 } from '@noble/hashes/legacy.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { BitString, Constructed, fromBER, Integer, ObjectIdentifier } from 'asn1js';
import { Buffer } from 'buffer';

export { Buffer };

const HASHES = { sha1, sha256, sha384, sha512 } as const;

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

/** Verifies a signature as node:crypto does: of Ed25519 without a digest, otherwise of RSA (PKCS #1 v1.5) or ECDSA. */
export function verify(
  digest: keyof typeof HASHES | null,
  text: Uint8Array,
  key: PublicKey,
  signature: Uint8Array,
): boolean {
  try {
    if (digest === null) return verifyEd25519(text, key, signature);
    const [algorithm, encoded] = partsOf(fromBER(key.export()).result);
    if (!(encoded instanceof BitString)) return false;
    const [name, curve] = partsOf(algorithm).map((part) =>
      part instanceof ObjectIdentifier ? part.getValue() : '',
    );
    const [bytes, digested] = [encoded.valueBlock.valueHexView, hash(digest, text, 'buffer') as Buffer];
    if (name === RSA) return verifyRsa(bytes, digest, digested, signature);
    const options = { prehash: false, format: 'der', lowS: false } as const;
    return CURVES[curve ?? '']?.verify(signature, digested, bytes, options) ?? false;
  } catch {
    // A key that is not a point on the curve verifies nothing.
    return false;
  }
}

const RSA = '1.2.840.113549.1.1.1';
const CURVES: Readonly<Record<string, typeof p256>> = {
  '1.2.840.10045.3.1.7': p256,
  '1.3.132.0.34': p384,
  '1.3.132.0.35': p521,
};

const partsOf = (block: unknown) => (block instanceof Constructed ? block.valueBlock.value : []);

/** The encoded algorithms before a digest (RFC 8017, 9.2). */
const DIGEST_INFO: Readonly<Record<string, string>> = {
  sha256: '3031300d060960864801650304020105000420',
  sha384: '3041300d060960864801650304020205000430',
  sha512: '3051300d060960864801650304020305000440',
};

function verifyRsa(key: Uint8Array, digest: string, digested: Buffer, signature: Uint8Array): boolean {
  const [modulus, exponent] = partsOf(fromBER(key).result).map((part) =>
    part instanceof Integer ? part.toBigInt() : 0n,
  );
  const info = DIGEST_INFO[digest];
  if (!modulus || !exponent || info === undefined) return false;
  const length = Math.ceil(modulus.toString(16).length / 2);
  if (signature.length !== length) return false;
  const hex = info + digested.toString('hex');
  const expected = `0001${'ff'.repeat(length - 3 - hex.length / 2)}00${hex}`;
  const value = power(BigInt(`0x${Buffer.from(signature).toString('hex')}`), exponent, modulus);
  return value.toString(16).padStart(2 * length, '0') === expected;
}

function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let [result, square] = [1n, base % modulus];
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

/** Verifies `[S]B = R + [k]A` (RFC 8032, 5.1.7), without a cofactor, as node:crypto does. */
function verifyEd25519(text: Uint8Array, key: PublicKey, signature: Uint8Array): boolean {
  const der = key.export();
  const a = der.subarray(der.length - KEY_BYTES);
  const r = signature.subarray(0, KEY_BYTES);
  const k = Point.Fn.create(littleEndian(sha512(Buffer.concat([r, a, text]))));
  const s = Point.Fn.create(littleEndian(signature.subarray(KEY_BYTES)));
  const expected = Point.BASE.multiplyUnsafe(s).add(Point.fromBytes(a).negate().multiplyUnsafe(k));
  return Buffer.compare(expected.toBytes(), r) === 0;
}

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);

const onlyVerifies = (): never => {
  throw new Error('this only verifies');
};
export const sign = onlyVerifies;
