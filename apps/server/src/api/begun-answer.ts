import { Readable } from 'node:stream';

/**
 * An answer as a stream, of which a piece is made when the one before it was taken.
 * @throws what the first piece throws: what is wrong from the beginning is told as a problem, and not half an answer.
 */
export async function begunAnswer(pieces: AsyncGenerator<Uint8Array>): Promise<Readable> {
  const first = await pieces.next();
  return Readable.from(from(first, pieces), { objectMode: false });
}

async function* from(
  first: IteratorResult<Uint8Array>,
  pieces: AsyncGenerator<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  try {
    for (let piece = first; piece.done !== true; piece = await pieces.next()) yield piece.value;
  } finally {
    // Whoever asked may have gone.
    await pieces.return(undefined);
  }
}
