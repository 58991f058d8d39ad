import { systemRandom } from '#event-sourcing/random';
import { link, lstat, mkdir, open, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';

/** There is something at the path already. */
export class FileExistsError extends Error {
  override readonly name = 'FileExistsError';

  constructor(path: string) {
    super(`there is a file at ${path} already; it is left as it is`);
  }
}

/**
 * Makes a file aside and gives it its name when it is whole and on the disk: whatever ends the making, the name stands for a
 * whole file or for none.
 * @throws FileExistsError; what `make` throws.
 */
export async function makeFile<Result>(
  path: string,
  make: (aside: string) => Promise<Result>,
): Promise<Result> {
  if (await isThere(path)) throw new FileExistsError(path);
  const aside = asideOf(path);
  try {
    // What it will hold is not for everyone.
    await (await open(aside, 'wx', 0o600).catch(cannotBeMade(path))).close();
    const result = await make(aside);
    await syncFile(aside);
    await giveName(aside, path);
    await syncFile(dirname(path));
    return result;
  } finally {
    // With what a database has laid beside it.
    const left = await readdir(dirname(aside)).catch(() => []);
    for (const name of left) if (name.startsWith(basename(aside))) await rm(join(dirname(aside), name));
  }
}

/**
 * Makes a folder aside and gives it its name when it is whole and on the disk.
 * @param files by their paths in it, with slashes.
 * @throws FileExistsError, also where the folder is there and empty.
 */
export async function makeFolder(
  path: string,
  files: Iterable<readonly [string, Uint8Array]>,
): Promise<void> {
  if (await isThere(path)) throw new FileExistsError(path);
  const aside = asideOf(path);
  try {
    // What it will hold is not for everyone.
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

/** Where something is made that is to have a name. */
const asideOf = (path: string): string =>
  join(dirname(path), `.${basename(path)}.${systemRandom.bytes(4).toString('hex')}.part`);

const cannotBeMade =
  (path: string) =>
  (error: unknown): never => {
    const { errno, code = '' } = error as NodeJS.ErrnoException;
    if (errno === undefined) throw error;
    const detail = `${path} cannot be made: ${getSystemErrorMessage(errno)} (${code})`;
    throw Object.assign(new Error(detail, { cause: error }), { code, syscall: 'open' });
  };

/** Whether there is anything at a path, be it a link to nothing. */
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

/** A second name, which is refused where there is one; not every file system has that. */
async function giveName(aside: string, path: string): Promise<void> {
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
