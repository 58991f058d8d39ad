import type { Said } from '#audit/examine-event';
import { HASH_WORDS } from '#audit/verify';
import { ID_WORDS, idOfWords, isDigit, writeIdWords } from './distinct-ids.ts';

/** What an event's state is judged by: a page has few that differ. */
export type EventKind = Pick<Said, 'type' | 'lifecycle' | 'state'>;

/** Who examines events, and numbers the streams that it meets. */
export interface FigureReader {
  /** The names of streams by their numbers: a number stands for one name for ever. */
  readonly streams: readonly string[];
}

/**
 * Events that follow each other in a log, in so many words of 32 bits each: those of which nothing is wrong by themselves, so that all that is
 * left is to hold each against the one before it in its stream. Of the others the words are zero.
 */
export interface EventFigures {
  readonly reader: FigureReader;
  readonly words: Uint32Array;
  /** What the page's events are of, by their numbers in it. */
  readonly kinds: readonly EventKind[];
}

/** Where each figure of an event begins. */
export const ID = 0;
export const HASH = ID + ID_WORDS;
export const PREVIOUS = HASH + HASH_WORDS;
export const VERSION = PREVIOUS + HASH_WORDS;
export const STREAM = VERSION + 1;
export const KIND = STREAM + 1;
export const EVENT_WORDS = KIND + 1;

const VERSION_MAX = 2 ** 31;
const HASH_BYTES = 32;

/**
 * Writes an event's figures, but for its stream's and its kind's numbers; false where something of it has another form than figures say, so
 * that `readFigures` would not give it back.
 * @param said of an event whose content has the hash that it states.
 * @param bytes the same memory as the words.
 */
export function writeFigures(words: Uint32Array, bytes: Buffer, at: number, said: Said): boolean {
  const { version, hash, previousHash, eventId }: { readonly [Member in keyof Said]: unknown } = said;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > VERSION_MAX)
    return false;
  if (typeof eventId !== 'string' || !writeIdWords(eventId, words, at + ID)) return false;
  if (version === 1 ? previousHash !== null : !isHash(previousHash)) return false;
  if (version !== 1) bytes.write(previousHash as string, 4 * (at + PREVIOUS), HASH_BYTES, 'hex');
  // It is the one that was made of its content.
  bytes.write(hash as string, 4 * (at + HASH), HASH_BYTES, 'hex');
  words[at + VERSION] = version as number;
  return true;
}

/** Whether it is a SHA-256 in small letters: what reads hexadecimal digits takes others for such, too. */
function isHash(hash: unknown): boolean {
  if (typeof hash !== 'string' || hash.length !== 2 * HASH_BYTES) return false;
  for (let index = 0; index < hash.length; index++) if (!isDigit(hash.charCodeAt(index))) return false;
  return true;
}

/** What an event says, told from its figures; but for its position, which these have not. */
export function readFigures({ words, reader, kinds }: EventFigures, index: number): Omit<Said, 'position'> {
  const at = index * EVENT_WORDS;
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const hashAt = (word: number) => bytes.toString('hex', 4 * (at + word), 4 * (at + word) + HASH_BYTES);
  const version = words[at + VERSION] as number;
  return {
    streamId: reader.streams[words[at + STREAM] as number] as string,
    version,
    eventId: idOfWords(words, at + ID),
    hash: hashAt(HASH),
    previousHash: version === 1 ? null : hashAt(PREVIOUS),
    ...(kinds[words[at + KIND] as number] as EventKind),
  };
}
