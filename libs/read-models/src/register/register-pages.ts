import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import { InvalidCursorError } from '#projections/list-cursor';
import type { PageEnd, Step } from '#projections/list-cursor';
import type { Generation, Projection } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import { inTimeSeldom, OF_64 } from '../asked-seldom.ts';
import type { Condition, Ground } from '../ground.ts';
import type { HistoryView } from '../history/holds-at.ts';
import { REGISTER, registerProjection } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';
import { SEARCH_LIMITS } from './search-conditions.ts';
import type { SearchConditions, SearchForm, SearchLimits } from './search-conditions.ts';

/** The columns that lists show, are ordered and narrowed by; a view of the past has the same. */
export type ListedRow = Omit<
  RegisterRow,
  | 'position'
  | 'reference'
  | 'updated_at'
  | 'issue_event'
  | 'title_event'
  | 'text_event'
  | 'owner_event'
  | 'deadlines'
  | 'facts'
  | 'number'
>;

const LISTED_COLUMNS = [
  ...(['id', 'title', 'recipient', 'status', 'status_origin', 'state', 'version', 'owner', 'issue'] as const),
  ...(['report_name', 'report_published_on', 'issued_on', 'updated_on', 'due_on', 'closed'] as const),
  ...(['closed_on', 'closure', 'closure_by', 'evidence', 'evidence_by', 'response'] as const),
  ...(['extension_by', 'proposals', 'lifecycle_name', 'lifecycle_version'] as const),
] satisfies (keyof ListedRow)[];

/** Rows of records, one each, under the name `register`. */
type Rows = SelectQueryBuilder<{ register: ListedRow }, 'register', object>;

/** Where lists and counts take their rows from: the register as it stands, or as it was. */
export interface RegisterSource extends Pick<Ground, 'recipientToday'> {
  readonly projection: Projection;
  /** The rows, before any condition: a table, or `sql\`(select …)\`.as('register')`. */
  readonly rows: (generation: Generation) => Rows;
  /** The same with nothing but what they are narrowed and ordered by; absent where they are found as they are shown. */
  readonly found?: (generation: Generation, reading?: Reading) => Rows;
  /** What ends a read in time, asked of these rows as seldom as will do; the rows themselves may ask it already. */
  readonly inTime: (dialect: ReadModelSql) => Condition;
  /** Whether an index tells the closed rows from the open ones: counts then ask each for what they need. */
  readonly isSplit: boolean;
  /** Whether the database gives the rows in the order of a column without sorting them; absent where it never does. */
  readonly isInOrder?: (dialect: ReadModelSql, column: Order['column']) => boolean;
  /** Absent where texts cannot be looked for: they are known as they stand only. */
  readonly search?: SearchLimits;
  /** The view of the past that the rows are of. */
  readonly view?: HistoryView;
}

/** How rows will be read: a source may find them by it. */
export interface Reading {
  /** In the order of this column; in none where they are counted. */
  readonly column?: Order['column'];
  /** Whether more are left than are put in order one by one. */
  readonly isOfMany?: boolean;
}

/** The register as it stands, in stream order. */
export const asItStands: RegisterSource = {
  projection: registerProjection,
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<RegisterTables>).selectFrom('register'),
  inTime: (dialect) => inTimeSeldom(dialect, sql.ref('number'), OF_64, 'number'),
  isSplit: true,
  isInOrder: (dialect, column) => dialect.canIndex(REGISTER, [column]),
  search: SEARCH_LIMITS,
};

/** An order of the register; nulls come last either way, and what a search finds can come in tiers. */
export interface Order {
  readonly column: 'id' | 'title' | 'status' | 'recipient' | 'issued_on' | 'updated_on' | 'due_on';
  readonly nullable: boolean;
  readonly descending: boolean;
  /** Whether the best tier of a search comes first. */
  readonly bestFirst?: boolean;
}

/** Rows that a list is of. */
export interface Listed {
  readonly rows: Rows;
  /** The same rows, to be found by what they are narrowed and ordered by; absent where they are the same to the database, too. */
  readonly found?: (reading?: Reading) => Rows;
  readonly conditions: readonly Condition[];
  readonly order: Order;
  /** How many rows in order are asked before all that filters leave are looked up and sorted; absent where that is not worth while. */
  readonly askedFirst?: number;
  /** The words that are looked for, which rows of the register as it stands have. */
  readonly search?: SearchConditions | null;
}

/** The same, and the rows as they are best found in their order; undefined where that is as they are. */
interface ListedInOrder extends Listed {
  readonly sought: Rows | undefined;
}

/** A row, and which way a page goes on from it. */
export type Point = Required<PageEnd>;

/** A row, and what it is ordered by. */
interface PlacedRow extends ListedRow {
  readonly place: string | null;
}

/** Which row it is, and its place. */
type Place = Pick<PlacedRow, 'id' | 'place'>;

export interface PageOfRows {
  readonly rows: readonly ListedRow[];
  /** Where the pages beside it are; null where there is nothing. */
  readonly previous: Point | null;
  readonly next: Point | null;
  /** How many rows the list has, up to one more than are few; absent where they were not counted with the page. */
  readonly total?: number;
}

/**
 * A page that begins or ends at a row; the first one where none is named.
 * @param few up to so many rows are put in order and counted at once, where they have to be found among others
 */
export async function pageAt(
  generation: Generation,
  listed: Listed,
  at: Point | null,
  limit: number,
  few: number,
): Promise<PageOfRows> {
  const some = at === null ? await findUpTo(generation, listed, few) : undefined;
  const counted = some && { total: some.length };
  if (some !== undefined && some.length <= few) {
    const rows = await placedRows(generation, listed.rows, some.slice(0, limit));
    const next = some.length > limit ? pointsBeside(null, rows)[0] : null;
    return { rows, previous: null, next, ...counted };
  }
  const isBack = at !== null && goesBack(at.step);
  const inOrder = { ...listed, sought: await soughtIn(generation, listed) };
  const found = await readRows(generation, inOrder, at, limit + 1);
  const rows = found.slice(0, limit);
  if (isBack) rows.reverse();
  const [further, beside] = pointsBeside(at, rows);
  const on = found.length > limit ? further : null;
  const back = beside !== null && (await readRows(generation, inOrder, beside, 1)).length > 0 ? beside : null;
  return { rows, ...(isBack ? { previous: on, next: back } : { previous: back, next: on }), ...counted };
}

/** Where the list goes on the way it was asked, and the other way; from the page's ends, or where it has none, from where it began. */
function pointsBeside(
  at: Point | null,
  rows: readonly PlacedRow[],
): readonly [further: Point | null, beside: Point | null] {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined) return [null, at && { ...at, step: TURNED[at.step] }];
  const before: Point = { value: first.place, id: first.id, step: 'before' };
  const after: Point = { value: last.place, id: last.id, step: 'after' };
  if (at === null) return [after, null];
  return goesBack(at.step) ? [before, after] : [after, before];
}

const goesBack = (step: Step): boolean => step === 'before' || step === 'until';

/** What the other way begins with, where one way has nothing. */
const TURNED: Readonly<Record<Step, Step>> = {
  after: 'until',
  from: 'before',
  before: 'from',
  until: 'after',
};

/** Which rows are a step further in ascending order; in descending order they are the others. */
const COMPARISONS: Readonly<Record<Step, readonly [ascending: string, descending: string]>> = {
  after: ['>', '<'],
  from: ['>=', '<='],
  before: ['<', '>'],
  until: ['<=', '>='],
};

/** A stretch of a list, in which one column orders the rows. */
interface Stretch {
  readonly conditions: readonly Condition[];
  /** The one of them that makes the stretch; null where it is the whole list. */
  readonly within: Condition | null;
  /** What a search adds to them. */
  readonly found: (form: SearchForm) => readonly Condition[];
  /** How many rows in order are asked before sets are made; of a tier, which may have no rows at all, few. */
  readonly askedFirst: readonly number[];
  /** What in the place of a row stands before the column's value; null where the column has none. */
  readonly prefix: string | null;
}

const ALL = (): readonly Condition[] => [];

/** The stretches of a list, in order: those of a search's tiers, or the rows with a value and then those without. */
function stretchesOf({ conditions, order, search = null }: Listed): Stretch[] {
  const askedFirst = search?.limits.askedFirst ?? [];
  if (order.bestFirst === true && search !== null) {
    const last = search.tiers.length - 1;
    return search.tiers.map((found, index) => ({
      conditions,
      within: null,
      found,
      askedFirst: index === last ? askedFirst : askedFirst.slice(0, 1),
      prefix: `${index} `,
    }));
  }
  const found = search?.conditions ?? ALL;
  if (!order.nullable) return [{ conditions, within: null, found, askedFirst, prefix: '' }];
  const value = sql.ref(order.column);
  const stretch = (within: Condition, prefix: '' | null): Stretch => ({
    ...{ conditions: [...conditions, within], within, found, askedFirst, prefix },
  });
  return [stretch(sql`${value} is not null`, ''), stretch(sql`${value} is null`, null)];
}

/** Rows as they come from a point on, nearest first: one stretch is read after another. */
async function readRows(
  generation: Generation,
  listed: ListedInOrder,
  at: Point | null,
  count: number,
): Promise<PlacedRow[]> {
  const stretches = stretchesOf(listed);
  const isAt = ({ prefix }: Stretch) =>
    at !== null && (prefix === null ? at.value === null : at.value?.startsWith(prefix) === true);
  const begin = at === null ? undefined : stretches.find(isAt);
  // A cursor has its list's digest, but not its list's signature.
  if (at !== null && begin === undefined) throw new InvalidCursorError();
  if (at !== null && goesBack(at.step)) stretches.reverse();
  const found: PlacedRow[] = [];
  for (const stretch of stretches.slice(begin === undefined ? 0 : stretches.indexOf(begin))) {
    if (found.length >= count) break;
    const from = stretch === begin ? at : null;
    found.push(
      ...(await readStretch(generation, listed, stretch, at?.step ?? 'after', from, count - found.length)),
    );
  }
  return found;
}

async function readStretch(
  generation: Generation,
  { rows, sought, order, search = null, askedFirst: inOrderFirst }: ListedInOrder,
  { conditions, within, found, askedFirst, prefix }: Stretch,
  step: Step,
  from: Point | null,
  count: number,
): Promise<PlacedRow[]> {
  const { column, descending } = order;
  const direction = descending === goesBack(step) ? 'asc' : 'desc';
  const beyond = from === null ? [] : [isBeyond(order, step, from, prefix)];
  const read = async (among: Rows, asked: readonly Condition[]): Promise<PlacedRow[]> => {
    const some = narrowed(among, asked).select(LISTED_COLUMNS);
    const page = await some.orderBy(column, direction).orderBy('id', direction).limit(count).execute();
    return page.map((row) => ({ ...row, place: prefix === null ? null : `${prefix}${row[column] ?? ''}` }));
  };
  const plain = [...conditions, ...beyond];
  if (sought !== undefined) {
    const some = narrowed(sought, plain).select(['id', placeBy(column)]);
    // Of one it is asked whether there is any.
    const inOrder = count === 1 ? some : some.orderBy(column, direction).orderBy('id', direction);
    return placedRows(generation, rows, await inOrder.limit(count).execute());
  }
  const among = (some: Rows): Rows =>
    (generation.db as Kysely<RegisterTables>).selectFrom(some.selectAll().as('register'));
  if (search === null) {
    if (inOrderFirst !== undefined) {
      const all = narrowed(rows, [...(within === null ? [] : [within]), ...beyond]);
      const first = all.orderBy(column, direction).orderBy('id', direction).limit(inOrderFirst);
      const page = await read(among(first), conditions);
      if (page.length === count) return page;
    }
    return read(rows, plain);
  }
  const { fewTexts } = search.limits;
  // They are looked up first, and then ordered: in their order all others would be walked through with them.
  if (search.isNarrow) return read(among(narrowed(rows, [...plain, ...found('quick')]).limit(fewTexts)), []);
  const inOrder = narrowed(rows, plain).orderBy(column, direction).orderBy('id', direction);
  for (const most of askedFirst) {
    const page = await read(among(inOrder.limit(Math.max(most, count))), found('quick'));
    if (page.length === count) return page;
  }
  return read(rows, [...plain, ...found('sets')]);
}

/** The ids of all rows, in order. */
export async function idsOf(generation: Generation, listed: Listed): Promise<string[]> {
  const { rows, order, search = null } = listed;
  const sought = (await soughtIn(generation, listed)) ?? rows;
  const direction = order.descending ? 'desc' : 'asc';
  const ids: string[] = [];
  for (const { conditions, found } of stretchesOf(listed)) {
    const asked = [...conditions, ...found(search?.isNarrow === true ? 'quick' : 'sets')];
    const some = narrowed(sought, asked)
      .select('id')
      .orderBy(order.column, direction)
      .orderBy('id', direction);
    for (const { id } of await some.execute()) ids.push(id);
  }
  return ids;
}

/** Rows that were found, as they are shown. */
async function placedRows(
  generation: Generation,
  rows: Rows,
  places: readonly Place[],
): Promise<PlacedRow[]> {
  const shown = await rowsOf(
    generation,
    { rows, conditions: [] },
    places.map(({ id }) => id),
  );
  return shown.map((row, index) => ({ ...row, place: places[index]?.place ?? null }));
}

const placeBy = (column: Order['column']) => sql<string | null>`${sql.ref(column)}`.as('place');

/** The places of a list, in order where they are few: one look at the rows is then enough, whichever way there is to them. */
async function findUpTo(
  { db }: Generation,
  { found, conditions, order: { column, descending } }: Listed,
  most: number,
): Promise<readonly Place[] | undefined> {
  if (found === undefined) return undefined;
  const direction = descending ? 'desc' : 'asc';
  const some = narrowed(found({ column }), conditions).select(['id', placeBy(column)]);
  return (
    (db as Kysely<{ some: Place }>)
      // So many are found before they are put in order: without an offset SQLite would order all.
      .selectFrom(
        some
          .limit(most + 1)
          .offset(0)
          .as('some'),
      )
      .select(['id', 'place'])
      .orderBy(sql`place is null`)
      .orderBy('place', direction)
      .orderBy('id', direction)
      .execute()
  );
}

/** Up to so many titles are looked up and put in order; of more, most titles in their order are of a row that is listed. */
const FEW_TITLES = 10_000;

async function soughtIn(generation: Generation, listed: Listed): Promise<ListedInOrder['sought']> {
  const { found, order } = listed;
  const { column } = order;
  const isOfMany =
    found !== undefined &&
    column === 'title' &&
    (await countRows(generation, listed, [], FEW_TITLES)) > FEW_TITLES;
  return found?.({ column, isOfMany });
}

/** Those of some rows that conditions still hold of, in the order of their ids here. */
export async function rowsOf(
  { sql: dialect }: Generation,
  { rows, conditions }: Pick<Listed, 'rows' | 'conditions'>,
  ids: readonly string[],
): Promise<ListedRow[]> {
  const found = await narrowed(rows, conditions)
    .select(LISTED_COLUMNS)
    .where('id', 'in', dialect.listed(ids))
    .execute();
  const byId = new Map(found.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

const narrowed = (rows: Rows, conditions: readonly Condition[]): Rows =>
  conditions.reduce((some, condition) => some.where(condition), rows);

/** The rows that are a step further than a point of the same stretch. */
function isBeyond(
  { column, descending }: Order,
  step: Step,
  { value, id }: Point,
  prefix: string | null,
): Condition {
  const comparison = sql.raw(COMPARISONS[step][descending ? 1 : 0]);
  return value === null || prefix === null
    ? sql`id ${comparison} ${id}`
    : sql`(${sql.ref(column)}, id) ${comparison} (${value.slice(prefix.length)}, ${id})`;
}

/** How many rows there are, up to a number; one more where there are more. */
export async function countUpTo(
  generation: Generation,
  listed: Pick<Listed, 'rows' | 'found' | 'conditions' | 'search'>,
  most: number,
): Promise<number> {
  const { search = null } = listed;
  if (search === null || search.isNarrow)
    return countRows(generation, listed, search?.conditions('quick') ?? [], most);
  const since = await numberOfLast(generation, search.limits.countedFirst);
  const some = since === null ? 0 : await countRows(generation, listed, search.since(since), most);
  return some > most ? some : countRows(generation, listed, search.conditions('sets'), most);
}

async function countRows(
  { db }: Generation,
  { rows, found: counted = () => rows, conditions }: Pick<Listed, 'rows' | 'found' | 'conditions'>,
  found: readonly Condition[],
  most: number,
): Promise<number> {
  const { records } = await (db as Kysely<RegisterTables>)
    .selectFrom(
      narrowed(counted(), [...conditions, ...found])
        .select('id')
        .limit(most + 1)
        .as('matching'),
    )
    .select((expression) => expression.fn.countAll<number>().as('records'))
    .executeTakeFirstOrThrow();
  return records;
}

/** How many rows there are of each kind, by its condition; in one pass. */
export async function countEach<Name extends string>(
  { rows, conditions }: Pick<Listed, 'rows' | 'conditions'>,
  kinds: readonly (readonly [Name, Condition])[],
): Promise<ReadonlyMap<Name, number>> {
  if (kinds.length === 0) return new Map();
  const counts = kinds.map(([name, kind]) => sql<number>`count(case when ${kind} then 1 end)`.as(name));
  const found = await narrowed(rows, conditions).select(counts).executeTakeFirstOrThrow();
  return new Map(Object.entries(found) as [Name, number][]);
}

/** The number from which on so many records were issued; null where there are not so many. */
async function numberOfLast({ db }: Generation, count: number): Promise<number | null> {
  const row = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select('number')
    .orderBy('number', 'desc')
    .offset(count - 1)
    .limit(1)
    .executeTakeFirst();
  return row?.number ?? null;
}
