import type { Kysely } from 'kysely';
import type { Generation } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import type { HistoryTables } from './history-tables.ts';
import { lengthsOf, NEVER, NEVER_ON } from './spans.ts';
import type { Span } from './spans.ts';

type SpanRow = Span & { row: number };
type Ended = Pick<SpanRow, 'row' | 'next_on' | 'next_known' | 'held' | 'open'>;
type Closed = Pick<SpanRow, 'row' | 'known_to'>;

const ENDED = ['next_on', 'next_known', 'held', 'open'] as const;

/** The most keys in one statement, because databases limit the number of parameters. */
const PART = 1_000;

/** The changes of a batch to the rows of a table. Only changed rows are written. */
export class SpanRows<Row extends SpanRow> {
  readonly #table: TableDefinition;
  /** The rows that were loaded or added in this batch. */
  readonly #rows = new Map<number, Row>();
  readonly #made = new Map<number, Row>();
  readonly #ended = new Map<number, Ended>();
  readonly #closed = new Map<number, Closed>();
  readonly #removed = new Set<number>();

  constructor(table: TableDefinition) {
    this.#table = table;
  }

  load(rows: readonly Row[]): void {
    for (const row of rows) this.#rows.set(row.row, row);
  }

  make(row: Row): void {
    this.#rows.set(row.row, row);
    this.#made.set(row.row, row);
    this.#removed.delete(row.row);
  }

  /** Sets the day on which the row ends, known from an instant on. */
  end(
    { row, from_on, known }: Pick<SpanRow, 'row' | 'from_on' | 'known'>,
    next_on: string,
    next_known: number,
  ): void {
    const ended = { row, next_on, next_known, ...lengthsOf({ from_on, known, next_on, next_known }) };
    const atHand = this.#rows.get(row);
    if (atHand !== undefined) Object.assign(atHand, ended);
    if (!this.#made.has(row)) this.#ended.set(row, ended);
  }

  /** Marks a row as superseded from an instant on. */
  close(row: number, known_to: number): void {
    const known = this.#rows.get(row);
    if (known !== undefined) known.known_to = known_to;
    if (!this.#made.has(row)) this.#closed.set(row, { row, known_to });
  }

  /** Removes what was written to these rows at an instant, and returns the number of removed rows. */
  undo(rows: readonly Row[], instant: number): number {
    let made = 0;
    for (const each of rows) {
      const { row, known, known_to, next_known } = each;
      if (known === instant) {
        made += 1;
        this.#rows.delete(row);
        if (!this.#made.delete(row)) this.#removed.add(row);
        continue;
      }
      if (known_to === instant) this.close(row, NEVER);
      if (next_known === instant) this.end(each, NEVER_ON, NEVER);
    }
    return made;
  }

  /** Returns the loaded rows. The caller may change them in place, and must update other rows in the database. */
  each(): Iterable<Row> {
    return this.#rows.values();
  }

  async write({ db, sql }: Generation): Promise<void> {
    const removed = [...this.#removed];
    for (let from = 0; from < removed.length; from += PART) {
      await (db as Kysely<HistoryTables>)
        .deleteFrom(this.#table.name as 'history')
        .where('row', 'in', removed.slice(from, from + PART))
        .execute();
    }
    await sql.upsert(db, this.#table, [...this.#made.values()]);
    await sql.update(db, this.#table, ENDED, [...this.#ended.values()]);
    await sql.update(db, this.#table, ['known_to'], [...this.#closed.values()]);
  }
}
