import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { messageOf } from '#event-sourcing/errors';
import { FileExistsError, makeFile } from './new-file.ts';

/** A kind of secret key that is kept in a file. */
export interface KeyKind<Key> {
  /** Its name in messages: `development key`. */
  readonly name: string;
  /** What its file contains, for messages. */
  readonly form: string;
  /** How to get a new key, for messages. */
  readonly renewal: string;
  /** Returns the key in a text; null if there is none. */
  readonly parse: (text: string) => Key | null;
  /** Returns a new key as the text of its file. */
  readonly create: () => string;
}

/** The file of a key cannot be used. The message names the file and the remedy, and contains nothing of it. */
export class KeyFileError extends Error {
  override readonly name = 'KeyFileError';
  readonly code = 'key-unusable';

  constructor(
    { name }: Pick<KeyKind<unknown>, 'name'>,
    path: string,
    detail: string,
    options?: ErrorOptions,
  ) {
    super(`The ${name} ${path} ${detail}`, options);
  }
}

/** The permissions of others: anyone with a key can sign with it, so only its owner may read it. */
const OTHERS = 0o077;

/**
 * Returns the key in a file; null if the file is missing.
 * @throws KeyFileError
 */
export async function readKey<Key>(kind: KeyKind<Key>, path: string): Promise<Key | null> {
  let text: string;
  let mode: number;
  try {
    text = await readFile(path, 'utf8');
    ({ mode } = await stat(path));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw unusable(kind, path, 'cannot be read', error);
  }
  const key = kind.parse(text);
  // Reported first, because making such a file private would not help.
  if (key === null) throw new KeyFileError(kind, path, `does not contain ${kind.form}. ${kind.renewal}`);
  // Windows has no such mode bits: every file appears readable by all.
  if (process.platform === 'win32' || (mode & OTHERS) === 0) return key;
  const bits = (mode & 0o777).toString(8).padStart(3, '0');
  throw new KeyFileError(
    kind,
    path,
    `can be used by other users (mode ${bits}). Run chmod 600 on it. If other users had access, replace the key. ${kind.renewal}`,
  );
}

/**
 * Returns the key in a file; creates the file, readable only by its owner, if it is missing. Processes that call it at
 * the same time get the same key.
 * @throws KeyFileError
 */
export async function loadOrCreateKey<Key>(kind: KeyKind<Key>, path: string): Promise<Key> {
  const existing = await readKey(kind, path);
  if (existing !== null) return existing;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await makeFile(path, (aside) => writeFile(aside, kind.create()));
  } catch (error) {
    if (!(error instanceof FileExistsError)) throw unusable(kind, path, 'cannot be created', error);
  }
  const key = await readKey(kind, path);
  if (key === null) throw new KeyFileError(kind, path, 'was deleted while it was created. Try again');
  return key;
}

const unusable = (kind: KeyKind<unknown>, path: string, what: string, cause: unknown): KeyFileError =>
  new KeyFileError(
    kind,
    path,
    `${what} (${codeOf(cause) ?? messageOf(cause)}). Make sure that this user can read and write the file and its folder, or set a path in another folder`,
    { cause },
  );

const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string }).code;
