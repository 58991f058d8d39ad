/**
 * Yields `{"items": […], "next": …}` as texts, so that a page is never in memory as a whole. The generator of pieces returns the value of
 * `next`.
 */
export const jsonPage = (
  pieces: AsyncGenerator<readonly unknown[], string | number | null>,
): AsyncGenerator<string> =>
  textsOf(pieces, { head: '{"items":[', tail: (next) => `],"next":${JSON.stringify(next)}}` });

/** Yields only the items, as an array. */
export const jsonArray = (pieces: AsyncGenerator<readonly unknown[], unknown>): AsyncGenerator<string> =>
  textsOf(pieces, { head: '[', tail: () => ']' });

async function* textsOf<Next>(
  pieces: AsyncGenerator<readonly unknown[], Next>,
  { head, tail }: { readonly head: string; readonly tail: (next: Next) => string },
): AsyncGenerator<string> {
  yield head;
  let comma = '';
  try {
    let piece = await pieces.next();
    for (; piece.done !== true; piece = await pieces.next()) {
      if (piece.value.length === 0) continue;
      yield comma + piece.value.map((item) => JSON.stringify(item)).join(',');
      comma = ',';
    }
    yield tail(piece.value);
  } finally {
    // The caller may have disconnected.
    await pieces.return(undefined as Next);
  }
}
