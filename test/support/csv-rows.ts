/** Returns the rows of a CSV file (RFC 4180) by column name. */
export function csvRows(text: string): Record<string, string>[] {
  const [heading = [], ...rows] = cellsOf(text);
  return rows.map((cells) => Object.fromEntries(heading.map((name, index) => [name, cells[index] ?? ''])));
}

function cellsOf(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A cell and its end; a quoted cell may contain separators.
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    if (end === '' && row.length === 1 && row[0] === '') break;
    rows.push(row);
    row = [];
  }
  return rows;
}
