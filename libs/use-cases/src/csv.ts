import { stringify } from 'csv-stringify/sync';
import { kinds } from '#state-machines/record-streams';
import { inPieces } from './json-page.ts';

/** The column for the record's kind, in tables of several kinds. */
export const KIND_COLUMN: readonly string[] = kinds.all.length > 1 ? ['recordKind'] : [];

/** A row's cells by column; null and missing cells are empty. */
export type CsvRow = Readonly<Record<string, string | number | null>>;

/** A list or a count as a table. */
export interface CsvTable {
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly CsvRow[]> | Iterable<readonly CsvRow[]>;
}

/** Yields rows in the same batches as the list's items. */
export async function* rowsOf<Item>(
  parts: AsyncIterable<readonly Item[]>,
  rowOf: (item: Item) => CsvRow,
): AsyncGenerator<readonly CsvRow[]> {
  for await (const part of parts) yield part.map(rowOf);
}

/** Looks up the names of bodies and people. */
export interface CsvNames {
  readonly bodies: { all(): Promise<ReadonlyMap<string, { readonly name: string }>> };
  readonly people: { readNames(subjects: Iterable<string>): Promise<ReadonlyMap<string, string | null>> };
}

/** Columns of ids; a further column for the name follows at the end of the row. */
const NAME_COLUMNS: Readonly<Record<string, { readonly name: string; readonly of: keyof CsvNames }>> = {
  recipient: { name: 'recipientName', of: 'bodies' },
  owner: { name: 'ownerName', of: 'people' },
  subject: { name: 'subjectName', of: 'people' },
};

/** Returns a table as a CSV file, with the names of its bodies and people. An unknown or erased name is empty. */
export function csvFile({ columns, rows }: CsvTable, names: CsvNames): AsyncGenerator<Uint8Array> {
  const named = columns.flatMap((id) => {
    const column = NAME_COLUMNS[id];
    return column === undefined ? [] : [{ id, ...column }];
  });
  async function* withNames() {
    for await (const batch of rows) {
      const idsIn = (of: keyof CsvNames) =>
        new Set(
          named
            .filter((column) => column.of === of)
            .flatMap(({ id }) => batch.map((row) => row[id]).filter((cell) => typeof cell === 'string')),
        );
      const [bodies, people] = await Promise.all([
        idsIn('bodies').size === 0 ? NO_BODIES : names.bodies.all(),
        names.people.readNames(idsIn('people')),
      ]);
      const nameOf = {
        bodies: (slug: string) => bodies.get(slug)?.name,
        people: (subject: string) => people.get(subject),
      };
      yield batch.map((row) => ({
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

/** Yields rows as CSV (RFC 4180) below a header. */
export async function* csvOf(
  columns: readonly string[],
  rows: AsyncIterable<readonly CsvRow[]>,
): AsyncGenerator<string> {
  yield stringify([[...columns]], { record_delimiter: 'windows' });
  for await (const batch of rows) {
    // The texts come from people: a cell that a spreadsheet would interpret as a formula gets a leading apostrophe.
    yield stringify([...batch], {
      columns: [...columns],
      escape_formulas: true,
      record_delimiter: 'windows',
      // With this delimiter the library leaves a lone line feed unquoted, which would start a row; some readers also end rows at the other
      // line breaks.
      quoted_match: /[\r\n\v\f\u0085\u2028\u2029]/,
    });
  }
}
