import { createPrivateKey, generateKeyPairSync, hash } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ed25519Bytes } from '#audit/tlog/ed25519';
import { FileExistsError, isThere, makeFile, syncFile } from '../new-file.ts';

/** The key that checkpoints are signed with cannot be used; the message names the file and says what helps. */
export class CheckpointKeyError extends Error {
  override readonly name = 'CheckpointKeyError';
  readonly code = 'checkpoint-key-unusable';

  constructor(path: string, detail: string, options?: ErrorOptions) {
    super(`The checkpoint key ${path} ${detail}`, options);
  }
}

/** Where the key lies that is to take a key's place, and where one whose place was taken, with the last day on which it signs. */
const nextPath = (path: string): string => `${path}.next`;
const UNTIL = '.until-';

/** Who has it signs as the log; it is the owner's alone. */
const OTHERS = 0o077;

/**
 * The Ed25519 private key in a file (PKCS#8, PEM), which is made where there is none, readable by its owner alone.
 * @throws CheckpointKeyError
 */
export async function loadOrCreateCheckpointKey(path: string): Promise<KeyObject> {
  try {
    return (await read(path)) ?? (await create(path));
  } catch (error) {
    if (error instanceof CheckpointKeyError) throw error;
    throw new CheckpointKeyError(path, `cannot be read or made: ${(error as Error).message}`, {
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
      'may be used by others; chmod 600 it, and if others had access, sign under another key',
    );
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (error) {
    throw new CheckpointKeyError(path, 'holds no private key (PKCS#8, PEM)', { cause: error });
  }
  throw new CheckpointKeyError(path, 'holds a key that is not Ed25519');
}

const printPrivateKey = (key: KeyObject): string | Buffer => key.export({ type: 'pkcs8', format: 'pem' });

/** Processes that need it at the same moment get the same one. */
async function create(path: string): Promise<KeyObject> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { privateKey } = generateKeyPairSync('ed25519');
  try {
    await makeFile(path, (aside) => writeFile(aside, printPrivateKey(privateKey)));
    return privateKey;
  } catch (error) {
    if (!(error instanceof FileExistsError)) throw error;
    const key = await read(path);
    if (key === null) throw new CheckpointKeyError(path, 'was deleted while it was made');
    return key;
  }
}

/**
 * The keys whose place a key took, and which still sign on a day (UTC).
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
 * The key that is to take a key's place; it is made where there is none.
 * @throws CheckpointKeyError also where another has taken it meanwhile.
 */
export async function loadOrCreateNextKey(path: string, before: KeyObject): Promise<KeyObject> {
  const next = await loadOrCreateCheckpointKey(nextPath(path));
  if ((await read(path))?.equals(before)) return next;
  throw replacedMeanwhile(path);
}

const replacedMeanwhile = (path: string): CheckpointKeyError =>
  new CheckpointKeyError(
    path,
    'was replaced meanwhile, by the same command it may be; look, and give it again if it is to be',
  );

/**
 * Puts the next key in a key's place, and the key aside, to sign up to a day. Where that was ended before it was through, it is gone on with.
 * @returns the file of the key that was put aside.
 * @throws CheckpointKeyError where another command has put another key there meanwhile.
 */
export async function replaceKey(
  path: string,
  { before, next }: { readonly before: KeyObject; readonly next: KeyObject },
  until: string,
): Promise<string> {
  // More than one may be put aside on a day.
  const aside = `${path}${UNTIL}${until}-${hash('sha256', ed25519Bytes(before), 'hex').slice(0, 8)}`;
  const there = await read(path);
  // The same command, given twice at once, or ended at its very end.
  if (there?.equals(next) && (await isThere(aside))) return aside;
  if (!there?.equals(before)) throw replacedMeanwhile(path);
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
