import { hash } from 'node:crypto';

/** A cursor that this list has not given, or gave for another order or other filters. */
export class InvalidCursorError extends Error {
  readonly code = 'invalid-cursor';

  constructor() {
    super('is not a cursor of this list with this order and these filters');
    this.name = 'InvalidCursorError';
  }
}

/** Where the rows of a page are from a row: after or before it, or so with that row as well. */
const STEPS = ['after', 'from', 'before', 'until'] as const;
export type Step = (typeof STEPS)[number];

/** A row at the end of a page: the value that the list is ordered by, and the id that decides between equals. */
export interface PageEnd {
  readonly value: string | null;
  readonly id: string;
  /** Which way the list goes on from it; `after` where nothing is said. */
  readonly step?: Step;
}

/** What a cursor belongs to: order and filters, in any form that is the same for the same list. */
export type ListKey = Readonly<Record<string, unknown>>;

export const writeCursor = ({ value, id, step = 'after' }: PageEnd, list: ListKey): string => {
  const parts = [value, id, digestOf(list), ...(step === 'after' ? [] : [step])];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
};

/** @throws InvalidCursorError */
export function readCursor(cursor: string, list: ListKey): PageEnd & { readonly step: Step } {
  const [value, id, digest, written = 'after'] = partsOf(cursor);
  const step = STEPS.find((each) => each === written);
  if (step === undefined) throw new InvalidCursorError();
  if (typeof id !== 'string' || (value !== null && typeof value !== 'string')) throw new InvalidCursorError();
  if (digest !== digestOf(list)) throw new InvalidCursorError();
  return { value, id, step };
}

/** A page of rows that were read with one more than it has, and the cursor from which the list goes on; null at its end. */
export function pageOf<Row>(
  found: readonly Row[],
  limit: number,
  list: ListKey,
  endOf: (row: Row) => PageEnd,
): { readonly rows: readonly Row[]; readonly nextCursor: string | null } {
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, nextCursor: last === undefined ? null : writeCursor(endOf(last), list) };
}

/** The same for a list whose order is that of its items' numbers. */
export const writeNumberCursor = (number: number, list: ListKey): string =>
  writeCursor({ value: null, id: String(number) }, list);

/** @throws InvalidCursorError */
export function readNumberCursor(cursor: string, list: ListKey): number {
  const { id } = readCursor(cursor, list);
  if (!/^\d{1,15}$/.test(id)) throw new InvalidCursorError();
  return Number(id);
}

function partsOf(cursor: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

/** By what cursors name a row: raised where that changes, so that older cursors are refused instead of read as something else. */
const FORM = 2;

const digestOf = (list: ListKey): string => hash('sha256', JSON.stringify([FORM, list]), 'hex').slice(0, 16);
