import { zipPack } from '#audit/pack/zip-pack';
import { nextTurn } from '#event-sourcing/event-store';
import type { Pack } from './make-pack.ts';

/** The number of characters of an id in the name of a pack's folder. */
const ID_LENGTH_MAX = 80;
/** The number of bytes assembled in one turn. */
const PIECE_BYTES = 256 * 1024;

/** Yields a pack as a zip, in pieces. Its folder is named after the record and its version in the pack. */
export async function* zippedPack({ files, version, madeAt }: Pack, id: string): AsyncGenerator<Uint8Array> {
  const base = `pack-${id.slice(0, ID_LENGTH_MAX)}-v${version}`;
  let pieces: Uint8Array[] = [];
  let length = 0;
  for (const piece of zipPack(files, base, Date.parse(madeAt))) {
    pieces.push(piece);
    length += piece.length;
    if (length < PIECE_BYTES) continue;
    yield Buffer.concat(pieces);
    [pieces, length] = [[], 0];
    await nextTurn();
  }
  yield Buffer.concat(pieces);
}
