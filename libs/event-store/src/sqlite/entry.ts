import { lstatSync, statSync } from 'node:fs';
import { constants, copyFile, mkdir } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { StoreEntry } from '../store-entry.ts';

const ADDRESS = /^sqlite:(.+)$/s;

/** The suffixes of the files that SQLite creates beside a database. */
const SUFFIXES = ['-wal', '-shm', '-journal'];

export const sqliteEntry: StoreEntry<{ readonly kind: 'sqlite'; readonly path: string }> = {
  words: 'SQLite file',
  addressForm: 'sqlite:PATH',
  outlivesProcess: true,
  parse(text) {
    const [, path] = ADDRESS.exec(text) ?? [];
    if (path?.includes('?') === true) throw new RangeError('sqlite:PATH has no parameters; remove the ?');
    return path === undefined ? null : { kind: 'sqlite', path };
  },
  shown: ({ path }) => `sqlite:${path}`,
  name: ({ path }) => `sqlite:${resolve(path)}`,
  isSame({ path: one }, { path: other }) {
    if (resolve(one) === resolve(other)) return true;
    const [a, b] = [one, other].map((path) => statSync(path, { throwIfNoEntry: false }));
    return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
  },
  beside: ({ path }, what) => `sqlite:${path.replace(/\.(sqlite|db)$/, '')}.${what.replace('_', '-')}.sqlite`,
  place({ path }) {
    // The sizes of the file and of its WAL.
    const [size, log] = [path, `${path}-wal`].map(sizeOfFile);
    const bytes = size == null ? null : size + (log ?? 0);
    return Promise.resolve({ address: `sqlite:${resolve(path)}`, bytes, isNew: bytes === null });
  },
  async open({ path }, { create, readOnly, reports, sealerModule }) {
    const { openSqliteEventStore } = await import('./sqlite-event-store.ts');
    if (create) await makeFolderOf(path);
    return openSqliteEventStore({ path, sealerModule, create, readOnly, reports });
  },
  async restore({ path }, { refused, fill, makeFile }) {
    if (isThere(path)) throw refused(`there is already a store at sqlite:${resolve(path)}`);
    // SQLite would use such a file as a part of the restored store.
    const left = SUFFIXES.find((suffix) => isThere(path + suffix));
    if (left !== undefined)
      throw refused(`${resolve(path)}${left} was left by an earlier store; move it away`);
    await makeFolderOf(path);
    return makeFile(path, (aside) => fill({ kind: 'sqlite', path: aside }));
  },
  files: {
    path: ({ path }) => path,
    resolved: (text, from) => text.replace(ADDRESS, (_, path: string) => `sqlite:${from(path)}`),
    async backUp(path, to, copying) {
      const { backupSqliteStore } = await import('./backup.ts');
      await backupSqliteStore(path, to, copying);
    },
    async importBackup(file, to, copying) {
      if ((sizeOfFile(`${file}-wal`) ?? 0) > 0) await this.backUp(file, to, copying);
      else await copyFile(file, to, constants.COPYFILE_FICLONE);
    },
  },
};

/** Returns whether anything exists at a path, including a dangling link. */
const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

function sizeOfFile(path: string): number | null {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size : null;
  } catch {
    return null;
  }
}

/** Creates the folder of a file. If that fails, opening the file reports the reason. */
async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true }).catch(() => undefined);
}
