import { sql } from 'kysely';
import type { Kysely, SelectQueryBuilder } from 'kysely';
import type { PageEnd, Step } from '#projections/list-cursor';
import type { Generation, Projection } from '#projections/projection';
import type { Condition, Ground } from '../ground.ts';
import { registerProjection } from './register-projection.ts';
import type { RegisterRow, RegisterTables } from './register-projection.ts';

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
}

/** The register as it stands, in stream order. */
export const asItStands: RegisterSource = {
  projection: registerProjection,
  recipientToday: 'recipient',
  rows: ({ db }) => (db as Kysely<RegisterTables>).selectFrom('register'),
};

/** An order of the register; nulls come last either way. */
export interface Order {
  readonly column: 'id' | 'title' | 'status' | 'recipient' | 'issued_on' | 'updated_on' | 'due_on';
  readonly nullable: boolean;
  readonly descending: boolean;
}

/** Rows that a list is of. */
export interface Listed {
  readonly rows: Rows;
  readonly conditions: readonly Condition[];
  readonly order: Order;
}

/** A row, and which way a page goes on from it. */
export type Point = Required<PageEnd>;

export interface PageOfRows {
  readonly rows: readonly ListedRow[];
  /** Where the pages beside it are; null where there is nothing. */
  readonly previous: Point | null;
  readonly next: Point | null;
}

/** A page that begins or ends at a row; the first one where none is named. */
export async function pageAt(listed: Listed, at: Point | null, limit: number): Promise<PageOfRows> {
  const isBack = at !== null && goesBack(at.step);
  const found = await readRows(listed, at, limit + 1);
  const rows = found.slice(0, limit);
  if (isBack) rows.reverse();
  const [further, beside] = pointsBeside(listed.order, at, rows);
  const on = found.length > limit ? further : null;
  const back = beside !== null && (await readRows(listed, beside, 1)).length > 0 ? beside : null;
  return isBack ? { rows, previous: on, next: back } : { rows, previous: back, next: on };
}

/** Where the list goes on the way it was asked, and the other way; from the page's ends, or where it has none, from where it began. */
function pointsBeside(
  { column }: Order,
  at: Point | null,
  rows: readonly ListedRow[],
): readonly [further: Point | null, beside: Point | null] {
  const [first, last] = [rows.at(0), rows.at(-1)];
  if (first === undefined || last === undefined) return [null, at && { ...at, step: TURNED[at.step] }];
  const before: Point = { value: first[column], id: first.id, step: 'before' };
  const after: Point = { value: last[column], id: last.id, step: 'after' };
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

/** Rows as they come from a point on, nearest first: those with a value and those without are read one after another. */
async function readRows(
  { rows, conditions, order }: Listed,
  at: Point | null,
  count: number,
): Promise<ListedRow[]> {
  const isBack = at !== null && goesBack(at.step);
  const { column, nullable, descending } = order;
  const direction = descending === isBack ? 'asc' : 'desc';
  const comparison = sql.raw(COMPARISONS[at?.step ?? 'after'][descending ? 1 : 0]);
  const value = sql.ref(column);
  const parts = nullable ? [true, false] : [true];
  if (isBack) parts.reverse();
  const begun = at === null ? parts : parts.slice(parts.indexOf(at.value !== null));
  const found: ListedRow[] = [];
  for (const hasValue of begun) {
    if (found.length >= count) break;
    let part = rows.select(LISTED_COLUMNS).limit(count - found.length);
    for (const condition of conditions) part = part.where(condition);
    if (nullable)
      part = part.where(hasValue ? sql<boolean>`${value} is not null` : sql<boolean>`${value} is null`);
    if (at !== null && hasValue === (at.value !== null)) {
      part = part.where(
        hasValue
          ? sql<boolean>`(${value}, id) ${comparison} (${at.value}, ${at.id})`
          : sql<boolean>`id ${comparison} ${at.id}`,
      );
    }
    found.push(...(await part.orderBy(column, direction).orderBy('id', direction).execute()));
  }
  return found;
}

/** How many rows there are, up to a number; one more where there are more. */
export async function countUpTo(
  { db }: Generation,
  { rows, conditions }: Pick<Listed, 'rows' | 'conditions'>,
  most: number,
): Promise<number> {
  let matching = rows.select('id').limit(most + 1);
  for (const condition of conditions) matching = matching.where(condition);
  const { records } = await (db as Kysely<RegisterTables>)
    .selectFrom(matching.as('matching'))
    .select((expression) => expression.fn.countAll<number>().as('records'))
    .executeTakeFirstOrThrow();
  return records;
}

/** How many rows there are. */
export async function countAll({ rows, conditions }: Pick<Listed, 'rows' | 'conditions'>): Promise<number> {
  let matching = rows.select((expression) => expression.fn.countAll<number>().as('records'));
  for (const condition of conditions) matching = matching.where(condition);
  return (await matching.executeTakeFirstOrThrow()).records;
}
