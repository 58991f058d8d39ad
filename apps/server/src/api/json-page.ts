import { Readable } from 'node:stream';

/** How much of an answer is put together before it is sent, in characters. */
const PIECE_LENGTH = 64 * 1024;

/**
 * `{"items": […], "next": …}` as a stream, so that a page of any length is never in memory as a whole. The pieces return what
 * `next` is.
 * @throws what the first piece throws: what is wrong from the beginning is told as a problem, and not half a page.
 */
export const jsonPage = (
  pieces: AsyncGenerator<readonly unknown[], string | number | null>,
): Promise<Readable> =>
  streamed(pieces, { head: '{"items":[', tail: (next) => `],"next":${JSON.stringify(next)}}` });

/** The items alone, as an array; throws as above. */
export const jsonArray = (pieces: AsyncGenerator<readonly unknown[], unknown>): Promise<Readable> =>
  streamed(pieces, { head: '[', tail: () => ']' });

async function streamed<Next>(
  pieces: AsyncGenerator<readonly unknown[], Next>,
  { head, tail }: { readonly head: string; readonly tail: (next: Next) => string },
): Promise<Readable> {
  const first = await pieces.next();
  return Readable.from(textOf(first, pieces, head, tail), { objectMode: false });
}

async function* textOf<Next>(
  first: IteratorResult<readonly unknown[], Next>,
  pieces: AsyncGenerator<readonly unknown[], Next>,
  head: string,
  tail: (next: Next) => string,
): AsyncGenerator<Buffer> {
  let text = head;
  let isFirst = true;
  try {
    let piece = first;
    for (; piece.done !== true; piece = await pieces.next()) {
      for (const item of piece.value) {
        text += (isFirst ? '' : ',') + JSON.stringify(item);
        isFirst = false;
      }
      if (text.length < PIECE_LENGTH) continue;
      yield Buffer.from(text);
      text = '';
    }
    yield Buffer.from(text + tail(piece.value));
  } finally {
    // Whoever asked may have gone.
    await pieces.return(undefined as Next);
  }
}
