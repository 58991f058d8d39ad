import { Readable } from 'node:stream';

/**
 * Returns a response stream that produces each piece after the previous one was read.
 * @throws what the first piece throws: an early error becomes a problem response instead of half a response.
 */
export async function responseStream(pieces: AsyncGenerator<Uint8Array>): Promise<Readable> {
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
    // The caller may have disconnected.
    await pieces.return(undefined);
  }
}
