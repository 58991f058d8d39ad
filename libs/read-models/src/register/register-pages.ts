import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { InvalidCursorError } from '#projections/list-cursor';
import type { PageEnd, Step } from '#projections/list-cursor';
import type { Generation } from '#projections/projection';
import type { Condition } from '#projections/filters';
import { countRows } from './register-counts.ts';
import type { RegisterTables } from './register-projection.ts';
import { beginningOf, inOrder, LISTED_COLUMNS, narrowed } from './register-source.ts';
import type { Listed, ListedRow, Order, Rows } from './register-source.ts';
import type { SearchConditions, SearchForm } from './search-conditions.ts';

/** A list, and its rows as they are best found in their order; undefined where that is as they are. */
interface ListedInOrder extends Listed {
  readonly sought: Rows | undefined;
  /** Whether they are found by the index of their order, of which all that others have is walked through too. */
  readonly isWalked: boolean;
}

/** A row, and which way a page goes on from it. */
export type Point = Required<PageEnd>;

/** A row, and what it is ordered by. */
interface PlacedRow extends ListedRow {
  readonly place: string | null;
}

/** Which row it is, and its place. */
type Place = Pick<PlacedRow, 'stream' | 'place'>;

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
  const ordered = { ...listed, ...(await soughtIn(generation, listed)) };
  const found = await readRows(generation, ordered, at, limit + 1);
  const rows = found.slice(0, limit);
  if (isBack) rows.reverse();
  const [further, beside] = pointsBeside(at, rows);
  const on = found.length > limit ? further : null;
  const back = beside !== null && (await readRows(generation, ordered, beside, 1)).length > 0 ? beside : null;
  return { rows, ...(isBack ? { previous: on, next: back } : { previous: back, next: on }), ...counted };
}

/** Where the list goes on the way it was asked, and the other way; from the page's ends, or where it has none, from where it began. */
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

/** How the rows of a stretch are read: from where, in which order, and how many. */
interface StretchReading {
  readonly beyond: readonly Condition[];
  readonly direction: 'asc' | 'desc';
  readonly count: number;
}

async function readStretch(
  generation: Generation,
  listed: ListedInOrder,
  stretch: Stretch,
  step: Step,
  from: Point | null,
  count: number,
): Promise<PlacedRow[]> {
  const { order, sought, search = null } = listed;
  const reading: StretchReading = {
    beyond: from === null ? [] : isBeyond(generation, order, step, from, stretch.prefix),
    direction: order.descending === goesBack(step) ? 'asc' : 'desc',
    count,
  };
  if (sought !== undefined) return readSought(generation, { ...listed, sought }, stretch, reading);
  return search === null
    ? readListed(generation, listed, stretch, reading)
    : readSearched(generation, { ...listed, search }, stretch, reading);
}

/** Finds which rows they are, and looks up what is shown of those alone. */
async function readSought(
  generation: Generation,
  { rows, found, sought, isWalked, order, askedFirst }: ListedInOrder & { readonly sought: Rows },
  { conditions, within }: Stretch,
  { beyond, direction, count }: StretchReading,
): Promise<PlacedRow[]> {
  const placesIn = (all: Rows, asked: readonly Condition[]): Promise<Place[]> => {
    const some = narrowed(all, asked).select(['stream', placeBy(order.column)]);
    // Of one it is asked whether there is any.
    return (count === 1 ? some : inOrder(generation, some, order, direction)).limit(count).execute();
  };
  if (isWalked && askedFirst !== undefined) {
    const all = narrowed(sought, [...(within === null ? [] : [within]), ...beyond]);
    const first = inOrder(generation, all, order, direction).limit(askedFirst);
    const places = await placesIn(among(generation, first), conditions);
    if (places.length === count) return placedRows(generation, rows, places);
  }
  const sorted = isWalked && askedFirst !== undefined ? found?.({ column: order.column }) : undefined;
  return placedRows(generation, rows, await placesIn(sorted ?? sought, [...conditions, ...beyond]));
}

async function readListed(
  generation: Generation,
  { rows, order, askedFirst }: Listed,
  stretch: Stretch,
  reading: StretchReading,
): Promise<PlacedRow[]> {
  const { conditions, within } = stretch;
  const { beyond, direction, count } = reading;
  if (askedFirst !== undefined) {
    const all = narrowed(rows, [...(within === null ? [] : [within]), ...beyond]);
    const first = inOrder(generation, all, order, direction).limit(askedFirst);
    const page = await readFrom(generation, among(generation, first), conditions, order, stretch, reading);
    if (page.length === count) return page;
  }
  return readFrom(generation, rows, [...conditions, ...beyond], order, stretch, reading);
}

async function readSearched(
  generation: Generation,
  { rows, order, search }: Listed & { readonly search: SearchConditions },
  stretch: Stretch,
  reading: StretchReading,
): Promise<PlacedRow[]> {
  const { conditions, found, askedFirst } = stretch;
  const { beyond, direction, count } = reading;
  const plain = [...conditions, ...beyond];
  // They are looked up first, and then ordered: in their order all others would be walked through with them.
  if (search.isNarrow) {
    const few = narrowed(rows, [...plain, ...found('quick')]).limit(search.limits.fewTexts);
    return readFrom(generation, among(generation, few), [], order, stretch, reading);
  }
  const all = inOrder(generation, narrowed(rows, plain), order, direction);
  for (const most of askedFirst) {
    const some = among(generation, all.limit(Math.max(most, count)));
    const page = await readFrom(generation, some, found('quick'), order, stretch, reading);
    if (page.length === count) return page;
  }
  return readFrom(generation, rows, [...plain, ...found('sets')], order, stretch, reading);
}

const among = ({ db }: Generation, some: Rows): Rows =>
  (db as Kysely<RegisterTables>).selectFrom(some.selectAll().as('register'));

async function readFrom(
  generation: Generation,
  rows: Rows,
  conditions: readonly Condition[],
  order: Order,
  { prefix }: Stretch,
  { direction, count }: StretchReading,
): Promise<PlacedRow[]> {
  const some = narrowed(rows, conditions).select(LISTED_COLUMNS);
  const page = await inOrder(generation, some, order, direction).limit(count).execute();
  return page.map((row) => ({
    ...row,
    place: prefix === null ? null : `${prefix}${row[order.column] ?? ''}`,
  }));
}

/** The streams of all rows, in order. */
export async function streamsOf(generation: Generation, listed: Listed): Promise<string[]> {
  const { rows, order, search = null } = listed;
  const { sought = rows } = await soughtIn(generation, listed);
  const direction = order.descending ? 'desc' : 'asc';
  const streams: string[] = [];
  for (const { conditions, found } of stretchesOf(listed)) {
    const asked = [...conditions, ...found(search?.isNarrow === true ? 'quick' : 'sets')];
    const some = inOrder(generation, narrowed(sought, asked).select('stream'), order, direction);
    for (const { stream } of await some.execute()) streams.push(stream);
  }
  return streams;
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
    places.map(({ stream }) => stream),
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
  const some = narrowed(found({ column }), conditions).select(['stream', placeBy(column)]);
  return (
    (db as Kysely<{ some: Place }>)
      // So many are found before they are put in order: without an offset SQLite would order all.
      .selectFrom(
        some
          .limit(most + 1)
          .offset(0)
          .as('some'),
      )
      .select(['stream', 'place'])
      .orderBy(sql`place is null`)
      .orderBy('place', direction)
      .orderBy('stream', direction)
      .execute()
  );
}

async function soughtIn(
  generation: Generation,
  listed: Listed,
): Promise<Pick<ListedInOrder, 'sought' | 'isWalked'>> {
  const { found, order, walks } = listed;
  const isWalked =
    walks?.by(order) === true && (await countRows(generation, listed, [], walks.moreThan)) > walks.moreThan;
  return { sought: found?.({ column: order.column, isOfMany: isWalked }), isWalked };
}

/** Those of some rows that conditions still hold of, in the order of their streams here. */
export async function rowsOf(
  { sql: dialect }: Generation,
  { rows, conditions }: Pick<Listed, 'rows' | 'conditions'>,
  streams: readonly string[],
): Promise<ListedRow[]> {
  const found = await narrowed(rows, conditions)
    .select(LISTED_COLUMNS)
    .where('stream', 'in', dialect.listed(streams))
    .execute();
  const byStream = new Map(found.map((row) => [row.stream, row]));
  return streams.flatMap((stream) => byStream.get(stream) ?? []);
}

/** The rows that are a step further than a point of the same stretch. */
function isBeyond(
  { sql: dialect }: Generation,
  { column, descending }: Order,
  step: Step,
  { value, id }: Point,
  prefix: string | null,
): Condition[] {
  const sign = COMPARISONS[step][descending ? 1 : 0];
  const comparison = sql.raw(sign);
  if (value === null || prefix === null) return [sql`stream ${comparison} ${id}`];
  const text = value.slice(prefix.length);
  const further: Condition = sql`(${sql.ref(column)}, stream) ${comparison} (${text}, ${id})`;
  const beginning = beginningOf(dialect, column);
  if (beginning === null) return [further];
  // By this one an index is asked where to begin.
  return [
    sql`${beginning} ${sql.raw(`${sign[0]}=`)} ${beginningOf(dialect, column, sql`${text}::text`)}`,
    further,
  ];
}
