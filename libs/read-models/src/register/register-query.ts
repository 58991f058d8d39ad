import { sql } from 'kysely';
import { isPlainDate } from '#lifecycle/plain-date';
import type { InternalAccess, Sight } from '#state-machines/access';
import type { Models } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { recordOf, rowDeadlineState } from '../record-row.ts';
import { assertLimit, LIMIT, readCursor, writeCursor } from '#projections/list-cursor';
import type { ListKey, PageRequest, PageEnd } from '#projections/list-cursor';
import { viewIn } from '../past-rows.ts';
import type { PastRows, ReportedView } from '../past-rows.ts';
import { inTimeSampled, OF_64 } from '../sampled-time-limit.ts';
import { regionsOf, WAITS } from '../record-state.ts';
import type { StatusOrigin } from '#lifecycle/answers';
import { recordStateConditions } from '../record-conditions.ts';
import { sightConditions } from '../ground.ts';
import { keyOf } from '#projections/filters';
import type { Condition } from '#projections/filters';
import type { Ground } from '../ground.ts';
import type { RecordFilters } from '../record-conditions.ts';
import { pageAt, TOTAL_MAX } from './register-pages.ts';
import { countRows } from './register-rows.ts';
import type { PageOfRows } from './register-pages.ts';
import type { ListRows, ListedRow, Order } from './register-rows.ts';
import { withHighlights } from './register-highlights.ts';
import type { Highlight } from './register-highlights.ts';
import { readSearch, searchConditions, SEARCH_LIMITS } from './search-conditions.ts';
import type { Search, SearchLimits } from './search-conditions.ts';

/** The sort names and their columns. Nulls sort last in both directions. */
const SORT_COLUMNS = {
  id: { column: 'stream', nullable: false },
  title: { column: 'title', nullable: true },
  status: { column: 'status', nullable: false },
  recipient: { column: 'recipient', nullable: true },
  issuedOn: { column: 'issued_on', nullable: false },
  updatedOn: { column: 'updated_on', nullable: false },
  dueOn: { column: 'due_on', nullable: true },
  responseDueOn: { column: 'response_due_on', nullable: true },
} as const;

type SortName = keyof typeof SORT_COLUMNS;
/** A sort order; a dash reverses it. `relevance` puts the best matches first, and equal ones by latest update. */
export type RegisterSort = SortName | `-${SortName}` | 'relevance';

export const REGISTER_SORTS: readonly RegisterSort[] = [
  ...(Object.keys(SORT_COLUMNS) as SortName[]).flatMap((name) => [name, `-${name}`] as const),
  'relevance',
];

const DEFAULT_SORT: RegisterSort = '-updatedOn';
const SEARCH_SORT: RegisterSort = 'relevance';

export interface RegisterFilters extends RecordFilters {
  /** The records that the caller may see. */
  readonly recipients?: Sight;
  /** Set if the rows are those of a past day. */
  readonly past?: PastRows | undefined;
}

export interface RegisterQuery extends RegisterFilters, PageRequest {
  /** A search of titles, texts and comments, in the syntax of `readSearch`. */
  readonly q?: string;
  /** The records whose internal comments the caller may read and search; none if absent. */
  readonly internal?: InternalAccess;
  /** The plain date on which deadline states are based, at its end. */
  readonly today: string;
  readonly sort?: RegisterSort;
}

export interface RegisterItem {
  /** The name of the record's kind, and the id within the kind. */
  readonly kind: string;
  readonly id: string;
  /** Null if erased. */
  readonly title: string | null;
  readonly recipient: string | null;
  readonly status: string;
  readonly statusOrigin: StatusOrigin;
  /** The states of all regions, and the deadline state as `deadline`. */
  readonly state: Readonly<Record<string, string>>;
  readonly version: number;
  readonly owner: string | null;
  readonly issue: string | null;
  /** The report; its name is null if it was erased. */
  readonly report: { readonly name: string | null; readonly publishedOn: string } | null;
  readonly issuedOn: string;
  readonly updatedOn: string;
  readonly dueOn: string | null;
  /** The date of the response that is due; null if there is none. */
  readonly responseDueOn: string | null;
  /** The effective date of the closure; null while the record is open. */
  readonly closedOn: string | null;
  /** The names of the pending requests. */
  readonly waiting: readonly string[];
  readonly lifecycle: { readonly name: string; readonly version: number } | null;
  /** The texts that contain search terms; absent without a search. */
  readonly highlights?: readonly Highlight[];
}

export interface RegisterPage {
  readonly items: readonly RegisterItem[];
  readonly nextCursor: string | null;
  /** The cursor of the previous page; null on the first page. */
  readonly previousCursor: string | null;
  /** The exact total. If it exceeds the limit, `totalAtLeast` is set instead. */
  readonly total?: number;
  readonly totalAtLeast?: number;
  /** The log position of the page's data. */
  readonly position: string;
  /** The view of the past; absent for current data. */
  readonly view?: ReportedView;
}

/**
 * Returns one page of the register. A cursor identifies a record at an end of its page, so that changes do not shift
 * other records.
 * @throws InvalidCursorError, ReadModelMissingError
 * @throws RangeError for an invalid day, order or limit.
 */
export async function queryRegister(
  database: ReadModelDatabase,
  query: RegisterQuery,
): Promise<RegisterPage> {
  return readLive(database, registerPage(query));
}

/** Returns a function that reads one page of rows. Throws as `queryRegister` does, before anything is read. */
export function registerPage(query: RegisterQuery, limits: SearchLimits = SEARCH_LIMITS) {
  const { limit = LIMIT, today, cursor } = query;
  assertLimit(limit);
  const request = parseRequest(query);
  const { search, internal } = request;
  const at = cursor === undefined ? null : readCursor(cursor, request.list);
  const written = (end: PageEnd | null) => end && writeCursor(end, request.list);
  return async (models: Models, position: string): Promise<RegisterPage> => {
    const listed = await listedIn(models, request, limits);
    const page = await pageAt(models, listed, at, limit);
    const items = itemsOf(page.rows, today);
    const total = await totalOf(models, listed, page);
    return {
      items: search === null ? items : await withHighlights(models, items, search.required, internal),
      nextCursor: written(page.next),
      previousCursor: written(page.previous),
      ...total,
      position,
      ...viewIn(query),
    };
  };
}

/** A validated query. */
interface RegisterRequest {
  readonly today: string;
  readonly filters: RegisterFilters;
  readonly search: Search | null;
  readonly internal: InternalAccess;
  readonly order: Order;
  /** True if the best matches of the search come first. */
  readonly isBestFirst: boolean;
  /** True if all rows are read, and not a page. */
  readonly isWhole?: boolean;
  /** The list to which cursors are bound. */
  readonly list: ListKey;
}

/**
 * Returns the validated query.
 * @throws RangeError for an invalid day or order, or for a search if none is possible.
 */
export function parseRequest({
  sort: named,
  limit: _,
  today,
  cursor: __,
  q = '',
  internal = 'none',
  ...filters
}: RegisterQuery): RegisterRequest {
  if (!isPlainDate(today)) throw new RangeError(`${JSON.stringify(today)} is not a date`);
  const search = readSearch(q);
  const { regions, past, ...others } = filters;
  if (search !== null && past !== undefined) throw new RangeError('Past texts cannot be searched');
  const sort = named ?? (search === null ? DEFAULT_SORT : SEARCH_SORT);
  const list = {
    order: sort,
    filters: keyOf({ ...others, ...regions, ...(search !== null && { q, internal }) }),
    ...(past && { view: past.view.named }),
  };
  return { today, filters, search, internal, order: orderOf(sort), isBestFirst: sort === 'relevance', list };
}

/** Returns the rows, conditions and order of a query. */
export async function listedIn(
  models: Models,
  { today, filters, search, internal, order, isBestFirst, isWhole = false }: RegisterRequest,
  limits: SearchLimits = SEARCH_LIMITS,
): Promise<ListRows> {
  const conditions = registerConditions(models, filters, today);
  if (search !== null) {
    const count = (more: readonly Condition[], most: number) =>
      countRows(models, [...conditions, ...more], most);
    const { tiers, isOfMany, ...searched } = await searchConditions(
      ...([models, search, internal, limits, isWhole ? null : count] as const),
    );
    const inTiers = isBestFirst && { tiers };
    return {
      ...{ conditions: [...conditions, ...searched.found], order, ...inTiers, isOfMany },
      ...(isOfMany && { probedFirst: PROBED_FIRST }),
    };
  }
  return { conditions, order, ...(mayLeaveMany(filters) && { probedFirst: PROBED_FIRST }) };
}

/**
 * The number of rows to probe in order. It fills a page if filters leave at least a tenth of the rows; if they leave
 * fewer, looking up and sorting all of them is fast. A database without statistics cannot predict which is faster.
 */
const PROBED_FIRST = 500;

/** Returns whether filters may leave many records. A body, an owner or an issue has few, which an index finds. */
const mayLeaveMany = ({
  recipients: _,
  past: __,
  recipient,
  owner,
  issue,
  ...filters
}: RegisterFilters): boolean =>
  [recipient, owner, issue].every((filter) => filter === undefined) && Object.keys(filters).length > 0;

async function totalOf(
  models: Models,
  listed: ListRows,
  { rows, previous, next }: PageOfRows,
): Promise<Pick<RegisterPage, 'total' | 'totalAtLeast'>> {
  if (listed.isOfMany === true) return { totalAtLeast: TOTAL_MAX };
  const isWhole = previous === null && next === null && rows.length <= TOTAL_MAX;
  const total = isWhole ? rows.length : await countRows(models, listed.conditions, TOTAL_MAX);
  return total > TOTAL_MAX ? { totalAtLeast: TOTAL_MAX } : { total };
}

/** Selects the matching records that the caller may see. */
export function registerConditions(
  models: Models,
  { recipients = null, past, ...filters }: RegisterFilters,
  today: string,
): Condition[] {
  const ground: Ground = { today, sql: models.sql, past };
  return [
    inTimeSampled(models.sql, sql.ref('number'), OF_64, 'number'),
    ...sightConditions(recipients, ground),
    ...recordStateConditions(filters, ground),
  ];
}

function orderOf(sort: RegisterSort): Order {
  if (!REGISTER_SORTS.includes(sort))
    throw new RangeError(`The register cannot be sorted by ${JSON.stringify(sort)}`);
  if (sort === 'relevance') return { ...SORT_COLUMNS.updatedOn, descending: true };
  const descending = sort.startsWith('-');
  return { ...SORT_COLUMNS[sort.slice(descending ? 1 : 0) as SortName], descending };
}

export const itemsOf = (rows: readonly ListedRow[], today: string): RegisterItem[] =>
  rows.map((row) => itemOf(row, today));

function itemOf(row: ListedRow, today: string): RegisterItem {
  const { stream, title, recipient, status, version, owner, issue } = row;
  return {
    ...recordOf(stream),
    title,
    recipient,
    status,
    statusOrigin: row.status_origin,
    state: { ...regionsOf(row), deadline: rowDeadlineState(row, today) },
    version,
    owner,
    issue,
    report:
      row.report_published_on !== null
        ? { name: row.report_name, publishedOn: row.report_published_on }
        : null,
    issuedOn: row.issued_on,
    updatedOn: row.updated_on,
    dueOn: row.due_on,
    responseDueOn: row.response_due_on,
    closedOn: row.closed_on,
    waiting: WAITS.filter((what) => row.waits.includes(` ${what} `)),
    lifecycle:
      row.lifecycle_name !== null && row.lifecycle_version !== null
        ? { name: row.lifecycle_name, version: row.lifecycle_version }
        : null,
  };
}
