import { zipPack } from '#audit/pack/zip-pack';
import { nextTurn } from '#event-sourcing/event-store';
import type { Pack } from './make-pack.ts';

/** As many characters of an id as a pack's folder has. */
const ID_LENGTH_MAX = 80;
/** How much is put together before others have their turn, in bytes. */
const PIECE_BYTES = 256 * 1024;

/** A pack as a zip, in pieces; its folder is named by the record and the version at which it was made. */
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
