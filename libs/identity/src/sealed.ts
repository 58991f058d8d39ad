import { hkdfSync } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { EncryptJWT, jwtDecrypt } from 'jose';
import type { JWTPayload } from 'jose';

/** Derives a key for one purpose from a secret shared by all nodes (HKDF, RFC 5869). */
export const derivedKey = (secret: KeyObject, purpose: string): Uint8Array =>
  new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(), `docket ${purpose}`, 32));

/**
 * Encrypts claims for storage in the browser, so that only nodes with the key can read or create them (JWE,
 * RFC 7516: `dir` with `A256GCM`).
 * @param expiresAt when the claims expire, in milliseconds since 1970.
 */
export const seal = (key: Uint8Array, claims: JWTPayload, expiresAt: number): Promise<string> =>
  new EncryptJWT(claims)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM' })
    .setExpirationTime(Math.floor(expiresAt / 1_000))
    .encrypt(key);

/**
 * Returns the decrypted claims; null if the text is expired, forged, or of another key or version.
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
