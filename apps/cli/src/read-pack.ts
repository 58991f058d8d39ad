import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackDivergence } from '#audit/pack/findings';
import { FILE_BYTES_MAX, PACK, PACK_BYTES_MAX } from '#audit/pack/pack-names';
import type { PackFiles } from '#audit/pack/pack-names';
import { readLimited } from './read-limited.ts';

/** The content of a folder that should be a pack. */
interface ReadFolder {
  readonly files: PackFiles;
  readonly found: readonly PackDivergence[];
  /** Files that desktop systems create in folders, such as `.DS_Store`. */
  readonly ignored: readonly string[];
}

/** The folder is not a pack but contains one. */
export class PackInsideError extends Error {
  override readonly name = 'PackInsideError';

  constructor(folder: string) {
    super(`this folder is not a pack, but its subfolder ${JSON.stringify(folder)} is: pass that path`);
  }
}

const LEFT_BY_DESKTOPS = ['.DS_Store', 'Thumbs.db', 'desktop.ini'];

/** The maximum size of a pack's zip, with all its headers. */
const ZIP_BYTES_MAX = PACK_BYTES_MAX + 64 * 1024 ** 2;

/** Reads a pack: a folder's files, or the bytes of a zip. */
export async function readPack(path: string): Promise<ReadFolder | Uint8Array> {
  return (await stat(path)).isDirectory() ? readFolder(path) : readLimited(path, ZIP_BYTES_MAX);
}

async function readFolder(root: string): Promise<ReadFolder> {
  const files = new Map<string, Uint8Array>();
  const found: PackDivergence[] = [];
  const ignored: string[] = [];
  const folders = [''];
  let total = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const entries = await unlessGone(readdir(join(root, folder), { withFileTypes: true }));
    if (entries === null) {
      found.push({ code: 'bag', file: folder, detail: GONE });
      continue;
    }
    if (entries.length === 0) found.push({ code: 'bag', file: folder, detail: 'is a folder without files' });
    for (const entry of entries) {
      const path = `${folder}${entry.name}`;
      if (entry.isDirectory()) folders.push(`${path}/`);
      else if (!entry.isFile())
        found.push({ code: 'bag', file: path, detail: 'is a link, or not a regular file' });
      else if (LEFT_BY_DESKTOPS.includes(entry.name)) ignored.push(path);
      else if (total > PACK_BYTES_MAX)
        found.push({ code: 'bag', file: path, detail: 'was not read: the pack is too large' });
      else {
        const bytes = await unlessGone(readLimited(join(root, path), FILE_BYTES_MAX));
        if (bytes === null) found.push({ code: 'bag', file: path, detail: GONE });
        else files.set(path, bytes);
        total += bytes?.length ?? 0;
      }
    }
  }
  if (!files.has(PACK.bagit)) refuseFolderAround(files);
  return { files, found, ignored };
}

/** Some programs unpack a zip into a new folder. @throws PackInsideError if the pack is in a subfolder. */
function refuseFolderAround(files: PackFiles): void {
  const inside = [...files.keys()].filter(
    (path) => path.split('/').length === 2 && path.endsWith(`/${PACK.bagit}`),
  );
  const [path] = inside;
  if (path !== undefined && inside.length === 1)
    throw new PackInsideError(path.slice(0, -PACK.bagit.length - 1));
}

const GONE = 'has a name that is not UTF-8, or no longer exists';

/** Returns null if a listed file cannot be found: it is gone, or its name is not UTF-8 and was changed in decoding. */
const unlessGone = <T>(reading: Promise<T>): Promise<T | null> =>
  reading.catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  });
