import { readingPages } from '#projections/read-on';
import type { CsvRow, CsvTable } from './csv.ts';
import type { Projection } from '#projections/projection';
import { inTime } from './in-time.ts';
import { kinds } from '#state-machines/record-streams';
import type { RecordsAccess } from './records/records-access.ts';

// Lists of what went on record beside the records: who was refused, and who was given what.

/** How long a list waits for what is on record already; what comes later is listed later. */
const FRESH_MS_MAX = 1_000;

/** Waits for what is on record by now to be listed: no answer named the position of it, so that nobody could ask for that. */
export async function whenListed(
  { store, projections }: Pick<RecordsAccess, 'store' | 'projections'>,
  { name }: Pick<Projection, 'name'>,
): Promise<void> {
  const end = await inTime(store.lastPosition(), FRESH_MS_MAX).catch(() => null);
  // Where the log cannot be asked, what is folded is listed all the same: the answer says up to where that is.
  if (end !== null) await projections.whenHandled(end, FRESH_MS_MAX, [name]);
}

/** The column of tables of several kinds of records: the name of the record's kind. */
export const KIND_COLUMN: readonly string[] = kinds.all.length > 1 ? ['recordKind'] : [];

/** How many are read at once for a file. */
export const PART = 500;

interface Recorded {
  readonly actor: { readonly subject: string; readonly roles: readonly string[] } | null;
}

/** A list from its first page on as a table; a person and their roles have a column each. */
export function recordedTable<
  Page extends { readonly items: readonly Recorded[]; readonly nextCursor: string | null },
>(columns: readonly string[], first: Page, read: (cursor: string) => Promise<Page>): CsvTable {
  const pages = readingPages(first, read);
  async function* parts() {
    for await (const { items } of pages) yield items.map(rowOf);
  }
  return { columns, rows: parts() };
}

const rowOf = ({ actor, ...item }: Recorded): CsvRow => ({
  ...item,
  subject: actor?.subject ?? null,
  roles: actor === null ? null : actor.roles.join('; '),
});
