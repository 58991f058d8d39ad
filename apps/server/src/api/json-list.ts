import { Readable } from 'node:stream';
import { nextTurn } from '#event-sourcing/event-store';

/** How much of a list is put together before it is sent, in characters. */
const PIECE_LENGTH = 64 * 1024;

/** `{"items": […]}` as a stream, so that a list of long texts is never in memory as a whole. */
export const jsonList = (items: AsyncIterable<unknown>): Readable =>
  Readable.from(piecesOf(items), { objectMode: false });

async function* piecesOf(items: AsyncIterable<unknown>): AsyncGenerator<Buffer> {
  let piece = '{"items":[';
  let isFirst = true;
  for await (const item of items) {
    piece += (isFirst ? '' : ',') + JSON.stringify(item);
    isFirst = false;
    if (piece.length < PIECE_LENGTH) continue;
    yield Buffer.from(piece);
    piece = '';
    await nextTurn();
  }
  yield Buffer.from(`${piece}]}`);
}
