import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { InvalidCursorError } from '#projections/list-cursor';
import type { PageEnd, Step } from '#projections/list-cursor';
import type { Models } from '#projections/projection';
import type { Condition } from '#projections/filters';
import type { RegisterTables } from './register-projection.ts';
import { beginningOf, inOrder, LISTED_COLUMNS, registerRows, withConditions } from './register-rows.ts';
import type { ListRows, ListedRow, Order, Rows } from './register-rows.ts';

/** A row, and the direction in which the page continues from it. */
type Point = Required<PageEnd>;

/** A row and its sort key. */
interface PlacedRow extends ListedRow {
  readonly place: string | null;
}

export interface PageOfRows {
  readonly rows: readonly ListedRow[];
  /** The ends of the neighbouring pages; null if there is none. */
  readonly previous: Point | null;
  readonly next: Point | null;
}

/** The greatest total that lists report exactly: the most rows that are sorted and counted at once. */
export const TOTAL_MAX = 1_000;

/** Returns the page that begins or ends at a row, or the first page. */
export async function pageAt(
  models: Models,
  listed: ListRows,
  at: Point | null,
  limit: number,
): Promise<PageOfRows> {
  const isBack = at !== null && goesBack(at.step);
  const found = await readRows(models, listed, at, limit + 1);
  const rows = found.slice(0, limit);
  if (isBack) rows.reverse();
  const [further, beside] = pointsBeside(at, rows);
  const on = found.length > limit ? further : null;
  const back = beside !== null && (await readRows(models, listed, beside, 1)).length > 0 ? beside : null;
  return { rows, ...(isBack ? { previous: on, next: back } : { previous: back, next: on }) };
}

/**
 * Returns where the list continues in both directions: at the ends of the page or, if the page is empty, where it
 * started.
 */
function pointsBeside(
  at: Point | null,
  rows: readonly PlacedRow[],
): readonly [further: Point | null, beside: Point | null] {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined) return [null, at && { ...at, step: TURNED[at.step] }];
  const before: Point = { value: first.place, id: first.stream, step: 'before' };
  const after: Point = { value: last.place, id: last.stream, step: 'after' };
  if (at === null) return [after, null];
  return goesBack(at.step) ? [before, after] : [after, before];
}

const goesBack = (step: Step): boolean => step === 'before' || step === 'until';

/** The start in the opposite direction, used if there is nothing in the requested one. */
const TURNED: Readonly<Record<Step, Step>> = {
  after: 'until',
  from: 'before',
  before: 'from',
  until: 'after',
};

/** The comparisons that select the next rows, in ascending and in descending order. */
const COMPARISONS: Readonly<Record<Step, readonly [ascending: string, descending: string]>> = {
  after: ['>', '<'],
  from: ['>=', '<='],
  before: ['<', '>'],
  until: ['<=', '>='],
};

/** A part of a list, in which one column orders the rows. */
interface Stretch {
  readonly conditions: readonly Condition[];
  /** The condition that restricts the list to this part; null for the whole list. */
  readonly within: Condition | null;
  /** The beginning of the sort key, before the column's value; null if the column has no value. */
  readonly prefix: string | null;
}

/** Returns the parts of a list in order: the tiers of a search, or the rows with a value and then those without. */
function stretchesOf({ conditions, order, tiers = [] }: ListRows): Stretch[] {
  const stretch = (within: Condition, prefix: string | null): Stretch => ({
    ...{ conditions: [...conditions, within], within, prefix },
  });
  if (tiers.length > 0) return tiers.map((tier, index) => stretch(tier, `${index} `));
  if (!order.nullable) return [{ conditions, within: null, prefix: '' }];
  const value = sql.ref(order.column);
  return [stretch(sql`${value} is not null`, ''), stretch(sql`${value} is null`, null)];
}

/** Returns the rows after a point, nearest first. Reads part by part. */
async function readRows(
  models: Models,
  listed: ListRows,
  at: Point | null,
  count: number,
): Promise<PlacedRow[]> {
  const stretches = stretchesOf(listed);
  const isAt = ({ prefix }: Stretch) =>
    at !== null && (prefix === null ? at.value === null : at.value?.startsWith(prefix) === true);
  const begin = at === null ? undefined : stretches.find(isAt);
  // The cursor is valid, but this list has no such part.
  if (at !== null && begin === undefined) throw new InvalidCursorError();
  if (at !== null && goesBack(at.step)) stretches.reverse();
  const direction = listed.order.descending === (at !== null && goesBack(at.step)) ? 'asc' : 'desc';
  const found: PlacedRow[] = [];
  for (const stretch of stretches.slice(begin === undefined ? 0 : stretches.indexOf(begin))) {
    if (found.length >= count) break;
    const beyond = at === null || stretch !== begin ? [] : isBeyond(models, listed.order, at, stretch.prefix);
    const reading = { beyond, direction, count: count - found.length } as const;
    found.push(...(await readStretch(models, listed, stretch, reading)));
  }
  return found;
}

/** The start, order and number of the rows to read. */
interface StretchReading {
  readonly beyond: readonly Condition[];
  readonly direction: 'asc' | 'desc';
  readonly count: number;
}

async function readStretch(
  models: Models,
  { order, probedFirst }: ListRows,
  { conditions, within, prefix }: Stretch,
  { beyond, direction, count }: StretchReading,
): Promise<PlacedRow[]> {
  const read = async (rows: Rows): Promise<PlacedRow[]> => {
    const some = inOrder(models, rows.select(LISTED_COLUMNS), order, direction).limit(count);
    const placeOf = (row: ListedRow) => (prefix === null ? null : `${prefix}${row[order.column] ?? ''}`);
    return (await some.execute()).map((row) => ({ ...row, place: placeOf(row) }));
  };
  if (probedFirst !== undefined) {
    const all = registerRows(models, [...(within === null ? [] : [within]), ...beyond]);
    const first = inOrder(models, all, order, direction).limit(probedFirst);
    const page = await read(withConditions(among(models, first), conditions));
    if (page.length === count) return page;
  }
  return read(registerRows(models, [...conditions, ...beyond]));
}

const among = ({ db }: Models, some: Rows): Rows =>
  (db as Kysely<RegisterTables>).selectFrom(some.selectAll().as('register'));

/** Returns the streams of all rows, in order. */
export async function streamsOf(models: Models, listed: ListRows): Promise<string[]> {
  const { order } = listed;
  const direction = order.descending ? 'desc' : 'asc';
  const streams: string[] = [];
  for (const { conditions } of stretchesOf(listed)) {
    const some = inOrder(models, registerRows(models, conditions).select('stream'), order, direction);
    for (const { stream } of await some.execute()) streams.push(stream);
  }
  return streams;
}

/** Returns the rows of these streams that still match the conditions, in the order of the streams. */
export async function rowsOf(
  models: Models,
  { conditions }: Pick<ListRows, 'conditions'>,
  streams: readonly string[],
): Promise<ListedRow[]> {
  const found = await registerRows(models, conditions)
    .select(LISTED_COLUMNS)
    .where('stream', 'in', models.sql.listed(streams))
    .execute();
  const byStream = new Map(found.map((row) => [row.stream, row]));
  return streams.flatMap((stream) => byStream.get(stream) ?? []);
}

/** Selects the rows beyond a point, within the same part. */
function isBeyond(
  { sql: dialect }: Models,
  { column, descending }: Order,
  { step, value, id }: Point,
  prefix: string | null,
): Condition[] {
  const sign = COMPARISONS[step][descending ? 1 : 0];
  const comparison = sql.raw(sign);
  if (value === null || prefix === null) return [sql`stream ${comparison} ${id}`];
  const text = value.slice(prefix.length);
  const further: Condition = sql`(${sql.ref(column)}, stream) ${comparison} (${text}, ${id})`;
  const beginning = beginningOf(dialect, column);
  if (beginning === null) return [further];
  // The index search starts from this condition.
  return [
    sql`${beginning} ${sql.raw(`${sign[0]}=`)} ${beginningOf(dialect, column, sql`${text}::text`)}`,
    further,
  ];
}
