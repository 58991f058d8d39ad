import { nextTurn } from '#event-sourcing/event-store';
import { stringify } from 'csv-stringify/sync';

/** What stands in the cells of a row, by their columns; null and what is not there are empty. */
export type CsvRow = Readonly<Record<string, string | number | null>>;

/** How much is put together before it is given out, in characters; others have their turn after each. */
const PIECE_LENGTH = 64 * 1024;

/** Texts in pieces of a good size to send. */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length < PIECE_LENGTH) continue;
    yield Buffer.from(piece);
    piece = '';
    await nextTurn();
  }
  if (piece !== '') yield Buffer.from(piece);
}

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
