import { createPrivateKey, generateKeyPairSync, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ed25519Bytes } from '#audit/tlog/ed25519';
import { FileExistsError, isThere, makeFile, syncFile } from '../new-file.ts';

/** The key that signs checkpoints cannot be used. The message names the file and the remedy. */
class CheckpointKeyError extends Error {
  override readonly name = 'CheckpointKeyError';
  readonly code = 'checkpoint-key-unusable';

  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(`The checkpoint key ${path} ${detail}`, options);
  }
}

/** Returns the path of the next key. */
const nextPath = (path: string): string => `${path}.next`;
const UNTIL = '.until-';

/** The permissions of others: anyone with the key can sign as the log, so only its owner may read it. */
const OTHERS = 0o077;

/**
 * Loads the Ed25519 private key from a file (PKCS#8, PEM). Creates it if missing, readable only by its owner.
 * @throws CheckpointKeyError
 */
export async function loadOrCreateCheckpointKey(path: string): Promise<KeyObject> {
  try {
    return (await read(path)) ?? (await create(path));
  } catch (error) {
    if (error instanceof CheckpointKeyError) throw error;
    throw new CheckpointKeyError(path, `cannot be read or created: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

async function read(path: string): Promise<KeyObject | null> {
  let pem: string;
  try {
    pem = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== 'win32' && (mode & OTHERS) !== 0)
    throw new CheckpointKeyError(
      path,
      'can be read by other users. Run chmod 600 on it; if other users had access, replace the key',
    );
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new CheckpointKeyError(path, 'contains no private key (PKCS#8, PEM)', { cause: error });
  }
  throw new CheckpointKeyError(path, 'contains a key that is not Ed25519');
}

const printPrivateKey = (key: KeyObject): string | Buffer => key.export({ type: 'pkcs8', format: 'pem' });

/** Creates the key. Processes that create it at the same time get the same key. */
async function create(path: string): Promise<KeyObject> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    await makeFile(path, (aside) => writeFile(aside, printPrivateKey(privateKey)));
    return privateKey;
  } catch (error) {
    if (!(error instanceof FileExistsError)) throw error;
    const key = await read(path);
    if (key === null) throw new CheckpointKeyError(path, 'was deleted while it was created. Try again');
    return key;
  }
}

/**
 * Returns the retired keys that still sign on a day (UTC).
 * @throws CheckpointKeyError
 */
export async function keysBefore(path: string, day: string): Promise<KeyObject[]> {
  const keys: KeyObject[] = [];
  const prefix = `${basename(path)}${UNTIL}`;
  for (const name of (await readdir(dirname(path))).sort().reverse()) {
    if (!name.startsWith(prefix) || name.slice(prefix.length) < day) continue;
    const key = await read(join(dirname(path), name));
    if (key !== null) keys.push(key);
  }
  return keys;
}

/**
 * Loads the next key, and creates it if missing.
 * @throws CheckpointKeyError, also if another command replaced the key in the meantime
 */
export async function loadOrCreateNextKey(path: string, before: KeyObject): Promise<KeyObject> {
  const next = await loadOrCreateCheckpointKey(nextPath(path));
  if ((await read(path))?.equals(before)) return next;
  throw keyReplacedError(path);
}

const keyReplacedError = (path: string): CheckpointKeyError =>
  new CheckpointKeyError(
    path,
    'was replaced meanwhile, perhaps by the same command. Check the key files, and run the command again if it is still needed',
  );

/**
 * Replaces the key with the next one, and retires the old key, which continues to sign until a day. Continues an interrupted replacement.
 * @returns the path of the retired key
 * @throws CheckpointKeyError if another command replaced the key in the meantime
 */
export async function replaceKey(
  path: string,
  { before, next }: { readonly before: KeyObject; readonly next: KeyObject },
  until: string,
): Promise<string> {
  // Several keys may be retired on one day.
  const aside = `${path}${UNTIL}${until}-${hash('sha256', ed25519Bytes(before), 'hex').slice(0, 8)}`;
  const current = await read(path);
  // The same command ran twice at once, or was interrupted after the last step.
  if (current?.equals(next) && (await isThere(aside))) return aside;
  if (!current?.equals(before)) throw keyReplacedError(path);
  try {
    await makeFile(aside, (file) => writeFile(file, printPrivateKey(before)));
  } catch (error) {
    if (!(error instanceof FileExistsError)) throw error;
  }
  try {
    await rename(nextPath(path), path);
  } catch (error) {
    if (!(await read(path))?.equals(next)) throw error;
  }
  await syncFile(dirname(path));
  return aside;
}
