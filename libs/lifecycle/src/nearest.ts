/** Returns the most similar name; null if none is similar. */
export const nearest = (typed: string, names: readonly string[]): string | null =>
  nearestOf(typed, names, (name) => [name])[0] ?? null;

/** Returns the items with similar names, the most similar first. */
export function nearestOf<Item>(
  typed: string,
  items: readonly Item[],
  namesOf: (item: Item) => readonly string[],
): Item[] {
  const editsOf = (name: string): number => editsBetween(typed.toLowerCase(), name.toLowerCase());
  return items
    .map((item) => ({ item, edits: Math.min(...namesOf(item).map(editsOf)) }))
    .filter(({ edits }) => edits <= Math.max(2, typed.length / 4))
    .toSorted((one, other) => one.edits - other.edits)
    .map(({ item }) => item);
}

/** Returns the optimal string alignment distance: insertions, deletions, changes and swaps of neighbours. */
function editsBetween(one: string, other: string): number {
  const rows = [Array.from({ length: other.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const [above, last] = [rows[i - 1] ?? [], row[j - 1] ?? 0];
      const changed = (above[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapped = isSwapped ? (rows[i - 2]?.[j - 2] ?? 0) + 1 : Infinity;
      row.push(Math.min((above[j] ?? 0) + 1, last + 1, changed, swapped));
    }
    rows.push(row);
  }
  return rows[one.length]?.[other.length] ?? 0;
}
