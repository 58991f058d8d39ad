import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import { isPlainDate } from '#lifecycle/plain-date';
import type { DeadlineState } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { StatusOrigin } from '#state-machines/inspection-recommendation/v1/facts';
import type { Generation } from '#projections/projection';
import type { ReadModelDatabase } from '#projections/read-model-database';
import { readLive } from '#projections/read-live';
import { dueDateBounds, rowDeadlineState } from '../record-row.ts';
import { readCursor, writeCursor } from '#projections/list-cursor';
import type { PageEnd } from '#projections/list-cursor';
import { REGISTER_SEARCH, registerProjection } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';
import { searchTerms } from './register-search.ts';
import type { SearchTerm } from './register-search.ts';

/** What the register can be ordered by, and the column for it; where that can be null, nulls come last either way. */
const SORT_COLUMNS = {
  id: { column: 'id', nullable: false },
  title: { column: 'title', nullable: true },
  status: { column: 'status', nullable: false },
  recipient: { column: 'recipient', nullable: true },
  issuedOn: { column: 'issued_on', nullable: false },
  updatedOn: { column: 'updated_on', nullable: false },
  dueOn: { column: 'due_on', nullable: true },
} as const;

type SortName = keyof typeof SORT_COLUMNS;
/** An order; the dash turns it round. */
export type RegisterSort = SortName | `-${SortName}`;

export const REGISTER_SORTS: readonly RegisterSort[] = (Object.keys(SORT_COLUMNS) as SortName[]).flatMap(
  (name) => [name, `-${name}`] as const,
);

/** What was heard of last comes first. */
const DEFAULT_SORT: RegisterSort = '-updatedOn';
const DEFAULT_LIMIT = 50;

export interface RegisterQuery {
  /** The day at whose end deadlines are judged. */
  readonly today: string;
  /** The bodies that the caller may see the records of; null for all. */
  readonly recipients?: readonly string[] | null;
  /** Of what may have several values any will do. */
  readonly status?: readonly string[];
  readonly recipient?: readonly string[];
  /** The id under which a recommendation to several bodies was issued. */
  readonly issue?: readonly string[];
  readonly owner?: readonly string[];
  /** Where the status came from. */
  readonly statusOrigin?: readonly StatusOrigin[];
  /** `overdue` includes `escalated`. */
  readonly deadline?: readonly DeadlineState[];
  /** Words that title, text and public comments must contain between them. */
  readonly q?: string;
  readonly sort?: RegisterSort;
  readonly limit?: number;
  readonly cursor?: string;
}

export interface RegisterItem {
  readonly id: string;
  /** Null where it was erased. */
  readonly title: string | null;
  readonly recipient: string | null;
  readonly status: string;
  readonly statusOrigin: StatusOrigin;
  /** Each region, and `deadline`. */
  readonly state: Readonly<Record<string, string>>;
  readonly version: number;
  readonly owner: string | null;
  readonly issue: string | null;
  /** Its name is null where it was erased. */
  readonly report: { readonly name: string | null; readonly publishedOn: string } | null;
  readonly issuedOn: string;
  readonly updatedOn: string;
  readonly dueOn: string | null;
  readonly lifecycle: { readonly name: string; readonly version: number } | null;
}

export interface RegisterPage {
  readonly items: readonly RegisterItem[];
  readonly nextCursor: string | null;
  /** Up to where the log is in this page. */
  readonly position: string;
}

/**
 * One page of the register. A cursor names the last record of its page, so what is written in between moves no other
 * record from one page to the next.
 * @throws InvalidCursorError, ReadModelMissingError, RangeError for a day, order or limit that is none.
 */
export async function queryRegister(
  database: ReadModelDatabase,
  query: RegisterQuery,
): Promise<RegisterPage> {
  const { sort = DEFAULT_SORT, limit = DEFAULT_LIMIT, today, cursor, ...filters } = query;
  if (!isPlainDate(today)) throw new RangeError(`${JSON.stringify(today)} is no date`);
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is no number of items`);
  const order = orderOf(sort);
  const list = listKey(sort, filters);
  const after = cursor === undefined ? null : readCursor(cursor, list);
  const conditions = (generation: Generation) => conditionsOf(generation, filters, today);
  return readLive(database, registerProjection, async (generation, position) => {
    const rows = await readPage(generation, conditions(generation), order, after, limit + 1);
    const items = rows.slice(0, limit).map((row) => itemOf(row, today));
    const last = rows.length > limit ? rows[limit - 1] : undefined;
    const nextCursor = last ? writeCursor({ value: last[order.column], id: last.id }, list) : null;
    return { items, nextCursor, position };
  });
}

type Filters = Omit<RegisterQuery, 'sort' | 'limit' | 'today' | 'cursor'>;
type Condition = RawBuilder<SqlBool>;

interface Order {
  readonly column: (typeof SORT_COLUMNS)[SortName]['column'];
  readonly nullable: boolean;
  readonly descending: boolean;
}

function orderOf(sort: RegisterSort): Order {
  if (!REGISTER_SORTS.includes(sort))
    throw new RangeError(`The register has no order ${JSON.stringify(sort)}`);
  const descending = sort.startsWith('-');
  return { ...SORT_COLUMNS[sort.slice(descending ? 1 : 0) as SortName], descending };
}

const listKey = (sort: string, { q, ...filters }: Filters) => ({
  order: sort,
  filters: [
    ...[filters.status, filters.recipient, filters.recipients, filters.issue, filters.owner],
    ...[filters.deadline, filters.statusOrigin, q === undefined ? undefined : [q]],
  ].map((values) => values?.toSorted() ?? null),
});

/** The rows after the page's end, in order: those with a value, then those without. */
async function readPage(
  { db }: Generation,
  conditions: readonly Condition[],
  { column, nullable, descending }: Order,
  after: PageEnd | null,
  limit: number,
): Promise<RegisterRow[]> {
  const direction = descending ? 'desc' : 'asc';
  const comparison = sql.raw(descending ? '<' : '>');
  const read = (part: readonly Condition[], count: number) => {
    let rows = (db as Kysely<RegisterTables>).selectFrom('register').selectAll().limit(count);
    for (const condition of [...conditions, ...part]) rows = rows.where(condition);
    return rows.orderBy(column, direction).orderBy('id', direction).execute();
  };
  const value = sql.ref(column);
  const hasValue: Condition[] = nullable ? [sql`${value} is not null`] : [];
  const isAfter: Condition[] =
    after === null ? [] : [sql`(${value}, id) ${comparison} (${after.value}, ${after.id})`];
  const inValues = after !== null && after.value === null ? [] : await read([...hasValue, ...isAfter], limit);
  if (!nullable || inValues.length >= limit) return inValues;
  const isAfterId: Condition[] = after?.value === null ? [sql`id ${comparison} ${after.id}`] : [];
  const withoutValue = await read([sql`${value} is null`, ...isAfterId], limit - inValues.length);
  return [...inValues, ...withoutValue];
}

function conditionsOf(generation: Generation, filters: Filters, today: string): Condition[] {
  const { status, recipient, recipients = null, issue, owner, statusOrigin, deadline, q } = filters;
  const conditions: Condition[] = [];
  for (const [column, values] of Object.entries({ status, recipient, issue, owner })) {
    if (values === undefined) continue;
    // Of one value an index gives the rows in their order.
    const isOne = values.length === 1;
    conditions.push(
      isOne
        ? sql`${sql.ref(column)} = ${values[0]}`
        : sql`${sql.ref(column)} in ${generation.sql.listed(values)}`,
    );
  }
  if (recipients !== null) conditions.push(sql`recipient in ${generation.sql.listed(recipients)}`);
  if (statusOrigin) conditions.push(sql`status_origin in ${generation.sql.listed(statusOrigin)}`);
  if (deadline !== undefined) {
    const states = deadline.map((state) => deadlineCondition(state, today));
    conditions.push(sql`(${sql.join(states, sql` or `)})`);
  }
  const terms = searchTerms(q ?? '');
  if (terms?.length === 0) conditions.push(sql`false`);
  for (const term of terms ?? []) conditions.push(searchCondition(generation, term));
  return conditions;
}

function deadlineCondition(state: DeadlineState, today: string): Condition {
  const { escalated, overdue, approaching } = dueDateBounds(today);
  switch (state) {
    case 'none':
      return sql`due_on is null`;
    case 'settled':
      return sql`(closed = 1 and due_on is not null)`;
    case 'escalated':
      return sql`(closed = 0 and due_on <= ${escalated})`;
    case 'overdue':
      return sql`(closed = 0 and due_on <= ${overdue})`;
    case 'approaching':
      return sql`(closed = 0 and due_on > ${overdue} and due_on <= ${approaching})`;
    case 'on-track':
      return sql`(closed = 0 and due_on > ${approaching})`;
  }
}

/** Each word may stand in another of the record's texts. */
const searchCondition = ({ sql: dialect }: Generation, { words, prefix }: SearchTerm): Condition =>
  sql`id in (select record_id from ${sql.table(REGISTER_SEARCH.table)}
    where id in ${dialect.textsWith(REGISTER_SEARCH, words, prefix)})`;

function itemOf(row: RegisterRow, today: string): RegisterItem {
  const { id, title, recipient, status, version, owner, issue } = row;
  const regions = JSON.parse(row.state) as Record<string, string>;
  return {
    id,
    title,
    recipient,
    status,
    statusOrigin: row.status_origin,
    state: { ...regions, deadline: rowDeadlineState(row, today) },
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
    lifecycle:
      row.lifecycle_name !== null && row.lifecycle_version !== null
        ? { name: row.lifecycle_name, version: row.lifecycle_version }
        : null,
  };
}
