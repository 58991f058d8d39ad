import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { buildBeside } from './rebuild.ts';
import type { BuildOptions } from './rebuild.ts';
import { bookmarkIn } from './model-set.ts';
import type { ReadModelSql } from './read-model-sql.ts';
import type { Cell, TableDefinition } from './tables.ts';

/**
 * The differences between the live rows of a table and those of a fresh fold. A full-text index that does not match its
 * texts is listed without rows.
 */
export interface TableDifference {
  readonly table: string;
  /** The number of live rows that differ from those of the fold, or that the fold does not have. */
  readonly wrong: number;
  /** The number of rows of the fold that are not live. */
  readonly missing: number;
  /** The keys of some of these rows. */
  readonly examples: readonly string[];
}

type Row = Readonly<Record<string, Cell>>;
type Rows = Kysely<Record<string, Row>>;

const EXAMPLES = 5;
const PAGE = 1_000;

/**
 * Compares the live rows with a fresh fold of the log up to the same position, which is dropped afterwards. Returns null
 * if there are no live rows.
 * @throws errors of `buildBeside`
 */
export function checkReadModels(
  options: BuildOptions,
): Promise<{ readonly events: number; readonly differences: readonly TableDifference[] } | null> {
  const { sql: dialect, projections } = options.database;
  return buildBeside(options, 'live', async (live, built) => {
    if (live === null) return null;
    const differences: TableDifference[] = [];
    for (const table of projections.flatMap(({ tables }) => tables)) {
      const [shown, folded] = [live.trx, built.db] as unknown as [Rows, Rows];
      const difference = await compareTable(table, shown, folded, dialect);
      if (difference.wrong + difference.missing > 0) differences.push(difference);
    }
    for (const search of projections.flatMap(({ searches = [] }) => searches))
      if (!(await dialect.isSearchWhole(live.trx, search)))
        differences.push({ table: search.name, wrong: 0, missing: 0, examples: [] });
    return { events: (await bookmarkIn(built.db)).events, differences };
  });
}

async function compareTable(
  table: TableDefinition,
  live: Rows,
  folded: Rows,
  dialect: ReadModelSql,
): Promise<TableDifference> {
  const { name, key } = table;
  let [equal, different, missing] = [0, 0, 0];
  const examples: string[] = [];
  for await (const page of pagesOf(folded, table)) {
    const keys = page.map((row) => row[key]);
    const listed =
      typeof keys[0] === 'number'
        ? dialect.listedNumbers(keys as number[])
        : dialect.listed(keys as string[]);
    const found = await live.selectFrom(name).selectAll().where(key, 'in', listed).execute();
    const rows = new Map(found.map((row) => [row[key], JSON.stringify(row)]));
    for (const row of page) {
      const shown = rows.get(row[key]);
      if (shown === JSON.stringify(row)) equal += 1;
      else {
        if (shown === undefined) missing += 1;
        else different += 1;
        if (examples.length < EXAMPLES) examples.push(String(row[key]));
      }
    }
  }
  const counted = await live
    .selectFrom(name)
    .select(sql<number>`count(*)`.as('rows'))
    .executeTakeFirst();
  const superfluous = (counted?.rows ?? 0) - equal - different;
  return { table: name, wrong: different + superfluous, missing, examples };
}

/** Yields the rows of a table in the order of their keys. */
async function* pagesOf(db: Rows, { name, key }: TableDefinition): AsyncGenerator<readonly Row[]> {
  for (let last: Cell | undefined; ;) {
    const query = db.selectFrom(name).selectAll().orderBy(key).limit(PAGE);
    const page = await (last === undefined ? query : query.where(key, '>', last as never)).execute();
    if (page.length > 0) yield page;
    if (page.length < PAGE) return;
    last = page.at(-1)?.[key];
  }
}
