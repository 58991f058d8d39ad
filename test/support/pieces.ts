/** Returns all items of a page that is read in parts, and the value after them. */
export async function wholePage<Item, Next>(
  pieces: AsyncGenerator<readonly Item[], Next>,
): Promise<{ readonly items: readonly Item[]; readonly next: Next }> {
  const items: Item[] = [];
  for (;;) {
    const piece = await pieces.next();
    if (piece.done === true) return { items, next: piece.value };
    items.push(...piece.value);
  }
}
