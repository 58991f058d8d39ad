import { hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { JWTPayload } from 'jose';

/** A key for one purpose, from a secret that all nodes have (HKDF, RFC 5869). */
export const derivedKey = (secret: KeyObject, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `docket ${purpose}`, 32));

/**
 * Claims that a browser keeps for us, and that nobody without the key can read or make (JWE, RFC 7516: `dir` with `A256GCM`).
 * @param expiresAt until when they are taken back, in milliseconds since 1970.
 */
export const seal = (key: Uint8Array, claims: JWTPayload, expiresAt: number): Promise<string> =>
  new EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(Math.floor(expiresAt / 1_000))
    .encrypt(key);

/**
 * What was sealed; null where nothing was, or it is over. A text of another key, of another version, or made up, is nobody's
 * fault here: whoever sends it has nothing that is known.
 * @param now milliseconds since 1970.
 */
export async function unseal(key: Uint8Array, sealed: string, now: number): Promise<JWTPayload | null> {
  try {
    const { payload } = await jwtDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    });
    return payload;
  } catch {
    return null;
  }
}
