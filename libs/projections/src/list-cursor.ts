import { hash } from 'node:crypto';
import { sql } from 'kysely';
import type { RawBuilder, SelectQueryBuilder, SqlBool } from 'kysely';

/** Thrown for a cursor of another list, or for other filters or another order. */
export class InvalidCursorError extends Error {
  readonly code = 'invalid-cursor';

  constructor() {
    super(
      'does not belong to this list with this order and these filters. Request the first page again without it',
    );
    this.name = 'InvalidCursorError';
  }
}

/** The position of a page's rows relative to a row: after or before it, without or including it. */
const STEPS = ['after', 'from', 'before', 'until'] as const;
export type Step = (typeof STEPS)[number];

/** A row at an end of a page: the value of its sort column, and the id that breaks ties. */
export interface PageEnd {
  readonly value: string | null;
  readonly id: string;
  /** The direction; `after` by default. */
  readonly step?: Step;
}

/** The order and filters to which cursors are bound, in a canonical form. */
export type ListKey = Readonly<Record<string, unknown>>;

export const writeCursor = ({ value, id, step = 'after' }: PageEnd, list: ListKey): string => {
  const parts = [value, id, digestOf(list), ...(step === 'after' ? [] : [step])];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
};

/**
 * Returns the row and direction of a cursor.
 * @throws InvalidCursorError
 */
export function readCursor(cursor: string, list: ListKey): PageEnd & { readonly step: Step } {
  const [value, id, digest, written = 'after'] = partsOf(cursor);
  const step = STEPS.find((each) => each === written);
  if (step === undefined) throw new InvalidCursorError();
  if (typeof id !== 'string' || (value !== null && typeof value !== 'string')) throw new InvalidCursorError();
  if (digest !== digestOf(list)) throw new InvalidCursorError();
  return { value, id, step };
}

/** The order of a list: ascending by a column and then by id, or newest first by a number. */
export type ListOrder = { readonly by: string; readonly id: string } | { readonly newestBy: string };

/** The default number of items of a page. */
export const LIMIT = 50;

export function assertLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 1) throw new RangeError(`${limit} is not a number of items`);
}

export interface PageRequest {
  readonly limit?: number;
  /** The cursor from the previous page. */
  readonly cursor?: string;
}

/**
 * Returns a reader of list pages. A cursor identifies the last row of its page, so changes do not shift later pages.
 * @throws InvalidCursorError, and RangeError for a limit below 1; both before anything is read.
 */
export function pageReader(order: ListOrder, list: ListKey, { limit = LIMIT, cursor }: PageRequest) {
  assertLimit(limit);
  const further = cursor === undefined ? null : isBehind(order, readCursor(cursor, list));
  const endOf = (row: object): PageEnd => {
    const columns = row as Readonly<Record<string, unknown>>;
    return 'by' in order
      ? { value: String(columns[order.by]), id: String(columns[order.id]) }
      : { value: null, id: String(columns[order.newestBy]) };
  };
  return async <Tables, From extends keyof Tables, Row extends object>(
    all: SelectQueryBuilder<Tables, From, Row>,
  ): Promise<{ readonly rows: readonly Row[]; readonly nextCursor: string | null }> => {
    const left = further === null ? all : all.where(further);
    const inOrder =
      'by' in order
        ? left.orderBy(sql.ref(order.by)).orderBy(sql.ref(order.id))
        : left.orderBy(sql.ref(order.newestBy), 'desc');
    const found = await inOrder.limit(limit + 1).execute();
    const rows = found.slice(0, limit);
    const last = found.length > limit ? rows.at(-1) : undefined;
    return { rows, nextCursor: last === undefined ? null : writeCursor(endOf(last), list) };
  };
}

/** Selects the rows after the last row of a page, in a form that uses the index of the order. */
function isBehind(order: ListOrder, { value, id }: PageEnd): RawBuilder<SqlBool> {
  if ('by' in order) return sql`(${sql.ref(order.by)}, ${sql.ref(order.id)}) > (${value}, ${id})`;
  if (!/^\d{1,15}$/.test(id)) throw new InvalidCursorError();
  return sql`${sql.ref(order.newestBy)} < ${Number(id)}`;
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** The version of the cursor format. Raising it invalidates older cursors. */
const FORM = 2;

const digestOf = (list: ListKey): string => hash('sha256', JSON.stringify([FORM, list]), 'hex').slice(0, 16);
