import { nextTurn } from '#event-sourcing/event-store';

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
