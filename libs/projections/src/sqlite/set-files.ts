import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { makeTables } from '../make-tables.ts';
import type { ModelSet, SetPlace } from '../model-set.ts';
import type { Projection } from '../projection.ts';
import { SET_FILE_SCHEMA } from '../read-model-database.ts';
import { FileDialect } from './connection.ts';
import { sqliteSql } from './read-model-sql.ts';
import { openUndamaged, setOn } from './set-file.ts';
import type { SetFileOptions } from './set-file.ts';

interface SetsOptions extends SetFileOptions {
  /** The path of the operational tables. */
  readonly path: string;
  readonly projections: readonly Projection[];
}

/** A set's file, and those that SQLite creates beside it. */
const FILES = ['', '-wal', '-shm'];
const NAME = /^\.([0-9a-f]+_\d+)(?:-wal|-shm)?$/;

/** Sets in files beside the operational tables: `PATH.NAME`. */
export class SetFiles implements SetPlace {
  readonly #options: SetsOptions;

  constructor(options: SetsOptions) {
    this.#options = options;
  }

  async make(name: string): Promise<void> {
    await this.drop(name);
    const connection = openUndamaged(this.#pathOf(name), SET_FILE_SCHEMA);
    try {
      await makeTablesOn(connection, this.#options.projections);
    } finally {
      connection.close();
    }
  }

  open(name: string): Promise<ModelSet> {
    return new Promise((resolve) => {
      const connection = openUndamaged(this.#pathOf(name), SET_FILE_SCHEMA, { create: false });
      resolve(setOn(connection, name, this.#options));
    });
  }

  exists(name: string): Promise<boolean> {
    return Promise.resolve(existsSync(this.#pathOf(name)));
  }

  drop(name: string): Promise<void> {
    for (const suffix of FILES) rmSync(`${this.#pathOf(name)}${suffix}`, { force: true });
    return Promise.resolve();
  }

  list(): Promise<string[]> {
    const { path } = this.#options;
    const own = basename(path);
    const names = readdirSync(dirname(path)).flatMap((file) => {
      const name = file.startsWith(own) ? NAME.exec(file.slice(own.length))?.[1] : undefined;
      return name === undefined ? [] : [name];
    });
    return Promise.resolve([...new Set(names)]);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #pathOf(name: string): string {
    return `${this.#options.path}.${name}`;
  }
}

/** Sets in memory, each on one connection, which is open until the read models are closed. */
export class SetsInMemory implements SetPlace {
  readonly #options: SetsOptions;
  readonly #sets = new Map<string, ModelSet>();

  constructor(options: SetsOptions) {
    this.#options = options;
  }

  async make(name: string): Promise<void> {
    const connection = openUndamaged(':memory:', SET_FILE_SCHEMA);
    await makeTablesOn(connection, this.#options.projections);
    this.#sets.set(name, setOn(connection, name, this.#options));
  }

  open(name: string): Promise<ModelSet> {
    const set = this.#sets.get(name);
    if (set === undefined) return Promise.reject(new Error(`There is no set ${name} in memory`));
    return Promise.resolve({ ...set, close: () => Promise.resolve() });
  }

  exists(name: string): Promise<boolean> {
    return Promise.resolve(this.#sets.has(name));
  }

  async drop(name: string): Promise<void> {
    await this.#sets.get(name)?.close();
    this.#sets.delete(name);
  }

  list(): Promise<string[]> {
    return Promise.resolve([...this.#sets.keys()]);
  }

  async close(): Promise<void> {
    for (const name of this.#sets.keys()) await this.drop(name);
  }
}

async function makeTablesOn(
  connection: Database.Database,
  projections: readonly Projection[],
): Promise<void> {
  const db = new Kysely<unknown>({ dialect: new FileDialect(connection) });
  await db.transaction().execute((trx) => makeTables(trx, sqliteSql, projections));
}
