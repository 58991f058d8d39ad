import { nextTurn } from '#event-sourcing/event-store';

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

/** The number of characters per piece. */
const PIECE_LENGTH = 64 * 1024;
/** The number of texts per piece: each may have been read separately. */
const PIECE_TEXTS = 100;

/**
 * Joins texts into pieces of a suitable size, so that a long response is never in memory as a whole. Yields to other work after each piece.
 */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  let [piece, count] = ['', 0];
  for await (const text of texts) {
    piece += text;
    count += 1;
    if (piece.length < PIECE_LENGTH && count < PIECE_TEXTS) continue;
    yield Buffer.from(piece);
    [piece, count] = ['', 0];
    await nextTurn();
  }
  if (piece !== '') yield Buffer.from(piece);
}
