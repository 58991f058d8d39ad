import { Readable } from 'node:stream';
import { inPieces } from '#use-cases/in-pieces';

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
  return Readable.from(inPieces(textsOf(first, pieces, head, tail)), { objectMode: false });
}

async function* textsOf<Next>(
  first: IteratorResult<readonly unknown[], Next>,
  pieces: AsyncGenerator<readonly unknown[], Next>,
  head: string,
  tail: (next: Next) => string,
): AsyncGenerator<string> {
  yield head;
  let comma = '';
  try {
    let piece = first;
    for (; piece.done !== true; piece = await pieces.next()) {
      if (piece.value.length === 0) continue;
      yield comma + piece.value.map((item) => JSON.stringify(item)).join(',');
      comma = ',';
    }
    yield tail(piece.value);
  } finally {
    // Whoever asked may have gone.
    await pieces.return(undefined as Next);
  }
}
