import { createPrivateKey, generateKeyPairSync, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { readdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ed25519Bytes } from '#audit/tlog/ed25519';
import { KeyFileError, loadOrCreateKey, readKey } from '../key-file.ts';
import type { KeyKind } from '../key-file.ts';
import { FileExistsError, isThere, makeFile, syncFile } from '../new-file.ts';

const printPrivateKey = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' });

const CHECKPOINT_KEY: KeyKind<KeyObject> = {
  name: 'checkpoint key',
  form: 'an Ed25519 private key (PKCS#8, PEM)',
  renewal: 'docket checkpoint --rotate replaces a key that can be used',
  parse(text) {
    try {
      const key = createPrivateKey(text);
      return key.asymmetricKeyType === 'ed25519' ? key : null;
    } catch {
      return null;
    }
  },
  create: () => printPrivateKey(generateKeyPairSync('ed25519').privateKey),
};

/** Returns the path of the next key. */
const nextPath = (path: string): string => `${path}.next`;
const UNTIL = '.until-';

/**
 * Loads the Ed25519 private key that signs checkpoints. Creates it if missing, readable only by its owner.
 * @throws KeyFileError
 */
export const loadOrCreateCheckpointKey = (path: string): Promise<KeyObject> =>
  loadOrCreateKey(CHECKPOINT_KEY, path);

const read = (path: string): Promise<KeyObject | null> => readKey(CHECKPOINT_KEY, path);

/**
 * Returns the retired keys that still sign on a day (UTC).
 * @throws KeyFileError
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
 * @throws KeyFileError, also if another command replaced the key in the meantime
 */
export async function loadOrCreateNextKey(path: string, before: KeyObject): Promise<KeyObject> {
  const next = await loadOrCreateCheckpointKey(nextPath(path));
  if ((await read(path))?.equals(before)) return next;
  throw keyReplacedError(path);
}

const keyReplacedError = (path: string): KeyFileError =>
  new KeyFileError(
    CHECKPOINT_KEY,
    path,
    'was replaced meanwhile, perhaps by the same command. Check the key files, and run the command again if it is still needed',
  );

/**
 * Replaces the key with the next one, and retires the old key, which continues to sign until a day. Continues an interrupted replacement.
 * @returns the path of the retired key
 * @throws KeyFileError if another command replaced the key in the meantime
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
