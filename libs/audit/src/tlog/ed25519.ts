import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';

/** Sizes in bytes (RFC 8032, section 5.1). */
const PUBLIC_KEY_BYTES = 32;
export const SIGNATURE_BYTES = 64;

/** The prime 2^255 − 19, and the order of the base point. */
const P = 2n ** 255n - 19n;
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
const SIGN_BIT = 2n ** 255n;
/** The curve is −x² + y² = 1 + dx²y². */
const CURVE_D = 37095705934669439343138083508754565189542113879843219016388785533085940283555n;

/** The y coordinates of the eight small-order points. With such a point as key or R, one signature is valid for many texts. */
const SMALL_ORDER = new Set([
  0n,
  1n,
  P - 1n,
  0x05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826n,
  0x7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7n,
]);

/** The DER prefix of a public key (RFC 8410), before its 32 bytes. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

const littleEndian = (bytes: Uint8Array): bigint =>
  BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`);

const yOf = (bytes: Uint8Array): bigint => littleEndian(bytes) & (SIGN_BIT - 1n);

/** Reports whether 32 bytes are the canonical encoding of a point that is not of small order. */
function isSoundPoint(bytes: Uint8Array): boolean {
  const y = yOf(bytes);
  return y < P && !SMALL_ORDER.has(y);
}

const modP = (value: bigint): bigint => ((value % P) + P) % P;

function powerModP(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, modP(base)];
  for (let remaining = exponent; remaining > 0n; remaining >>= 1n) {
    if ((remaining & 1n) === 1n) result = modP(result * square);
    square = modP(square * square);
  }
  return result;
}

/**
 * Reports whether the curve has points with this y: x² = (y² − 1) / (dy² + 1) is a square (Euler's criterion) if the product of both is.
 */
function isOnCurve(y: bigint): boolean {
  const ySquared = y * y;
  return powerModP((ySquared - 1n) * (CURVE_D * ySquared + 1n), (P - 1n) / 2n) !== P - 1n;
}

/**
 * Returns the public key in 32 bytes.
 * @throws RangeError for a key whose signatures would be unreliable.
 */
export function ed25519Key(bytes: Uint8Array): KeyObject {
  if (bytes.length !== PUBLIC_KEY_BYTES || !isSoundPoint(bytes) || !isOnCurve(yOf(bytes)))
    throw new RangeError('is not an Ed25519 public key');
  try {
    return createPublicKey({ key: Buffer.concat([SPKI_PREFIX, bytes]), format: 'der', type: 'spki' });
  } catch (error) {
    throw new RangeError('is not an Ed25519 public key', { cause: error });
  }
}

/** Returns the 32 bytes of a public key, or of a private key's public half. */
export function ed25519Bytes(key: KeyObject): Buffer {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).subarray(SPKI_PREFIX.length);
}

/**
 * Reports whether a signature (RFC 8032) is valid and not malleable: S is below the order, and R is canonical
 * and not of small order. All equally strict verifiers agree.
 */
export function isEd25519Signature(key: KeyObject, text: Uint8Array, signature: Uint8Array): boolean {
  if (signature.length !== SIGNATURE_BYTES) return false;
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)];
  return isSoundPoint(r) && littleEndian(s) < L && verify(null, text, key, signature);
}
