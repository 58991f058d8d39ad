import Database from 'better-sqlite3';
import { Kysely } from 'kysely';
import { READ_MS_MAX } from './limited-reads.ts';
import type { Models } from './projection.ts';
import type { Cell, TableDefinition } from './tables.ts';
import { FileDialect } from './sqlite/connection.ts';
import { ReadClock } from './sqlite/read-clock.ts';
import { sqliteSql } from './sqlite/read-model-sql.ts';

/** Tables in memory on this thread, which queries of read models can read. They end when nothing refers to them. */
export class MemoryTables {
  readonly #tables: Models;
  readonly #connection = new Database(':memory:');
  readonly #clock = new ReadClock(this.#connection);

  constructor(definitions: readonly TableDefinition[]) {
    const db = new Kysely<unknown>({ dialect: new FileDialect(this.#connection) });
    this.#tables = { db, sql: sqliteSql };
    for (const { name, columns, key } of definitions) {
      const listed = Object.entries(columns).map(
        ([column, type]) => `"${column}" ${type.startsWith('integer') ? 'integer' : 'text'}`,
      );
      this.#connection.exec(`create table "${name}" (${listed.join(', ')}, primary key ("${key}")) strict`);
    }
  }

  /** Inserts rows, or replaces those with the same key. */
  write({ name, columns }: TableDefinition, rows: Iterable<object>): void {
    const names = Object.keys(columns);
    const statement = this.#connection.prepare(
      `insert or replace into "${name}" values (${names.map(() => '?').join(', ')})`,
    );
    this.#connection.transaction(() => {
      for (const row of rows) {
        const cells = row as Readonly<Record<string, Cell>>;
        statement.run(names.map((column) => cells[column] ?? null));
      }
    })();
  }

  /** Removes the rows of these records. */
  remove({ name }: TableDefinition, streams: readonly string[]): void {
    this.#connection
      .prepare(`delete from "${name}" where stream in (select value from json_each(?))`)
      .run(JSON.stringify(streams));
  }

  /**
   * Runs a read, and cancels it at the time limit.
   * @throws QueryTooSlowError
   */
  async read<Result>(action: (tables: Models) => Promise<Result>): Promise<Result> {
    this.#clock.begin(READ_MS_MAX);
    try {
      return await action(this.#tables);
    } finally {
      this.#clock.end();
    }
  }
}
