import { stringify } from 'csv-stringify/sync';
import { kinds } from '#state-machines/record-streams';
import { inPieces } from './in-pieces.ts';

/** The column of tables of several kinds of records: the name of the record's kind. */
export const KIND_COLUMN: readonly string[] = kinds.all.length > 1 ? ['recordKind'] : [];

/** What stands in the cells of a row, by their columns; null and what is not there are empty. */
export type CsvRow = Readonly<Record<string, string | number | null>>;

/** A list or a count as a table: the names of its columns, and its rows, some at a time. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly CsvRow[]> | Iterable<readonly CsvRow[]>;
}

/** The rows of the items of a list. */
export async function* rowsOf<Item>(
  parts: AsyncIterable<readonly Item[]>,
  rowOf: (item: Item) => CsvRow,
): AsyncGenerator<readonly CsvRow[]> {
  for await (const part of parts) yield part.map(rowOf);
}

/** Looks up what bodies and people are called. */
export interface CsvNames {
  readonly bodies: { all(): Promise<ReadonlyMap<string, { readonly name: string }>> };
  readonly people: { readNames(subjects: Iterable<string>): Promise<ReadonlyMap<string, string | null>> };
}

/** The columns of ids whose names follow in a column of their own, behind all others. */
const NAME_COLUMNS: Readonly<Record<string, { readonly name: string; readonly of: keyof CsvNames }>> = {
  recipient: { name: 'recipientName', of: 'bodies' },
  owner: { name: 'ownerName', of: 'people' },
  subject: { name: 'subjectName', of: 'people' },
};

/** A table as a CSV file, with the names of the bodies and people in it. A name that is not known or was erased is empty. */
export function csvFile({ columns, rows }: CsvTable, names: CsvNames): AsyncGenerator<Uint8Array> {
  const named = columns.flatMap((id) => {
    const column = NAME_COLUMNS[id];
    return column === undefined ? [] : [{ id, ...column }];
  });
  async function* withNames() {
    for await (const some of rows) {
      const idsIn = (of: keyof CsvNames) =>
        new Set(
          named
            .filter((column) => column.of === of)
            .flatMap(({ id }) => some.map((row) => row[id]).filter((cell) => typeof cell === 'string')),
        );
      const [bodies, people] = await Promise.all([
        idsIn('bodies').size === 0 ? NO_BODIES : names.bodies.all(),
        names.people.readNames(idsIn('people')),
      ]);
      const nameOf = {
        bodies: (slug: string) => bodies.get(slug)?.name,
        people: (subject: string) => people.get(subject),
      };
      yield some.map((row) => ({
        ...row,
        ...Object.fromEntries(
          named.map(({ id, name, of }) => [name, nameOf[of](String(row[id] ?? '')) ?? null]),
        ),
      }));
    }
  }
  return inPieces(csvOf([...columns, ...named.map(({ name }) => name)], withNames()));
}

const NO_BODIES: ReadonlyMap<string, { readonly name: string }> = new Map();

/** Rows as CSV (RFC 4180), under the names of the columns. */
export async function* csvOf(
  columns: readonly string[],
  rows: AsyncIterable<readonly CsvRow[]>,
): AsyncGenerator<string> {
  yield stringify([[...columns]], { record_delimiter: 'windows' });
  for await (const some of rows) {
    // Texts come from people: a cell that a spreadsheet would take for a formula gets an apostrophe before it.
    yield stringify([...some], {
      columns: [...columns],
      escape_formulas: true,
      record_delimiter: 'windows',
      // With that delimiter a lone line feed is left bare, and would begin a row; so would, for some, what else ends lines.
      quoted_match: /[\r\n\v\f\u0085\u2028\u2029]/,
    });
  }
}
