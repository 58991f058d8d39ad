import { stringify } from 'csv-stringify/sync';

/** What stands in the cells of a row, by their columns; null and what is not there are empty. */
export type CsvRow = Readonly<Record<string, string | number | null>>;

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
