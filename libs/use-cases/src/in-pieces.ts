import { nextTurn } from '#event-sourcing/event-store';

/** How much is put together before it is sent, in characters. */
const PIECE_LENGTH = 64 * 1024;
/** Of how many texts: each may have been read by itself. */
const PIECE_TEXTS = 100;

/** Texts in pieces of a good size to send, so that what is long is never in memory as a whole; after each others have their turn. */
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
