import { systemRandom } from '#event-sourcing/random';
import { createSecretKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { link, mkdir, open, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The key of development tokens. Server, scheduler and command line read it from the same file, and each may issue tokens, so a key pair
 * would protect nothing. It is an HS256 secret: verifying a signature, even a forged one, costs 3 µs instead of 63 µs with ES256.
 */
export type DevelopmentKey = KeyObject;

/** The key's file is unusable; the message names it and the remedy. */
class DevelopmentKeyError extends Error {
  readonly code: 'key-unreadable' | 'key-malformed' | 'key-not-private';
  readonly path: string;

  constructor(code: DevelopmentKeyError['code'], path: string, detail: string, options?: ErrorOptions) {
    super(`The development key ${path} ${detail}`, options);
    this.name = 'DevelopmentKeyError';
    this.code = code;
    this.path = path;
  }
}

const ELSEWHERE =
  'Make sure that this user can read and write the file and its folder, or set DOCKET_DEVELOPMENT_KEY to a file in another folder';
const SECRET_BYTES = 32;
/** The maximum size of the file in bytes. A key's file has 80. */
const FILE_BYTES_MAX = 4_096;
const RENEW = 'Delete the file to create a new key at the next start; all earlier tokens then become invalid';

/**
 * Returns the key in the file; creates the file, readable only by its owner, if it is missing. Processes that
 * call it at the same time get the same key.
 * @throws DevelopmentKeyError if the file cannot be read or created, contains no key, or others can read it.
 */
export async function loadOrCreateDevelopmentKey(path: string): Promise<DevelopmentKey> {
  return (await read(path)) ?? (await create(path));
}

/** Returns the key; null if the file is missing. */
async function read(path: string): Promise<DevelopmentKey | null> {
  let text: string;
  let mode: number;
  try {
    const file = await open(path, 'r');
    try {
      ({ mode } = await file.stat());
      const { buffer, bytesRead } = await file.read(Buffer.alloc(FILE_BYTES_MAX), 0, FILE_BYTES_MAX, 0);
      text = buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw new DevelopmentKeyError('key-unreadable', path, `cannot be read (${codeOf(error)}). ${ELSEWHERE}`, {
      cause: error,
    });
  }
  const secret = secretOf(text);
  // Reported first, because making such a file private would not help.
  if (secret === null)
    throw new DevelopmentKeyError('key-malformed', path, `does not contain an HS256 JWK. ${RENEW}`);
  // Windows has no such mode bits: every file appears readable by all.
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    const bits = (mode & 0o777).toString(8).padStart(3, '0');
    const detail = `can be used by other users (mode ${bits}). Run chmod 600 on it. If other users had access, replace the key. ${RENEW}`;
    throw new DevelopmentKeyError('key-not-private', path, detail);
  }
  return createSecretKey(secret);
}

function secretOf(text: string): Buffer | null {
  let jwk: unknown;
  try {
    jwk = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof jwk !== 'object' || jwk === null) return null;
  const { kty, alg, k } = jwk as Record<string, unknown>;
  if (kty !== 'oct' || alg !== 'HS256' || typeof k !== 'string' || !/^[\w-]+$/.test(k)) return null;
  const secret = Buffer.from(k, 'base64url');
  return secret.length >= SECRET_BYTES ? secret : null;
}

/** Writes a temporary file and links it under the name, unless another process did so first. Returns the key in the file. */
async function create(path: string): Promise<DevelopmentKey> {
  const aside = `${path}.${systemRandom.uuid()}`;
  const jwk = { kty: 'oct', alg: 'HS256', k: systemRandom.bytes(SECRET_BYTES).toString('base64url') };
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    const file = await open(aside, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify(jwk)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    try {
      await link(aside, path);
    } finally {
      await unlink(aside);
    }
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') {
      throw new DevelopmentKeyError(
        'key-unreadable',
        path,
        `cannot be created (${codeOf(error)}). ${ELSEWHERE}`,
        {
          cause: error,
        },
      );
    }
  }
  const key = await read(path);
  if (key === null)
    throw new DevelopmentKeyError('key-unreadable', path, 'was deleted while it was created. Try again');
  return key;
}

/** Returns the system's code, such as `ENOENT`, without `instanceof`, which fails for errors of another realm. */
const codeOf = (error: unknown): string => (error as { readonly code?: string }).code ?? String(error);
