import { systemRandom } from '#event-sourcing/random';
import { link, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

export class FileExistsError extends Error {
  override readonly name = 'FileExistsError';

  constructor(path: string) {
    super(`${path} already exists and was not changed`);
  }
}

/**
 * Creates a file under a temporary name, and renames it once it is complete and on disk. After an
 * interruption, the name refers to a complete file or to none.
 * @throws FileExistsError; errors of `make`
 */
export async function makeFile<Result>(
  path: string,
  make: (aside: string) => Promise<Result>,
): Promise<Result> {
  if (await isThere(path)) throw new FileExistsError(path);
  const aside = asideOf(path);
  try {
    // The content is confidential.
    await (await open(aside, 'wx', 0o600).catch(cannotBeMade(path))).close();
    const result = await make(aside);
    await syncFile(aside);
    await linkToName(aside, path);
    await syncFile(dirname(path));
    return result;
  } finally {
    // Also deletes files that a database left beside it.
    const leftovers = await readdir(dirname(aside)).catch(() => []);
    for (const name of leftovers) if (name.startsWith(basename(aside))) await rm(join(dirname(aside), name));
  }
}

/**
 * Creates a folder under a temporary name, and renames it once it is complete and on disk.
 * @param files by path within the folder, with slashes
 * @throws FileExistsError, even if the folder exists and is empty
 */
export async function makeFolder(
  path: string,
  files: Iterable<readonly [string, Uint8Array]>,
): Promise<void> {
  if (await isThere(path)) throw new FileExistsError(path);
  const aside = asideOf(path);
  try {
    // The content is confidential.
    await mkdir(aside, { mode: 0o700 }).catch(cannotBeMade(path));
    const folders = new Set([aside]);
    for (const [name, bytes] of files) {
      const file = join(aside, name);
      await mkdir(dirname(file), { recursive: true });
      folders.add(dirname(file));
      await writeFile(file, bytes, { flag: 'wx', flush: true, mode: 0o600 });
    }
    for (const folder of folders) await syncFile(folder);
    if (await isThere(path)) throw new FileExistsError(path);
    await rename(aside, path);
    await syncFile(dirname(path));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Returns a temporary path beside the final one. */
const asideOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${systemRandom.bytes(4).toString('hex')}.part`);

const cannotBeMade =
  (path: string) =>
  (error: unknown): never => {
    const { errno, code = '' } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    const detail = `${path} cannot be created: ${getSystemErrorMessage(errno)} (${code})`;
    throw Object.assign(new Error(detail, { cause: error }), { code, syscall: 'open' });
  };

/** Reports whether anything is at a path, even a broken link. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
    throw error;
  }
}

export async function syncFile(path: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Links a file to its final name. A hard link fails if the name exists; not every file system supports it. */
async function linkToName(aside: string, path: string): Promise<void> {
  try {
    await link(aside, path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new FileExistsError(path);
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(code)) throw error;
    if (await isThere(path)) throw new FileExistsError(path);
    await rename(aside, path);
  }
}
