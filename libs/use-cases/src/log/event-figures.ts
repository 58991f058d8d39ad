import { eventId, isHex } from '#audit/event-hashes';
import type { Said } from '#audit/examine-event';
import { HASH_WORDS } from '#audit/verify';
import { ID_WORDS, idOfWords, writeIdWords } from './command-numbers.ts';
import { millisecondsOf } from './log-order.ts';

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

/** Where each figure of an event begins. Its id follows from its command and its number. */
export const HASH = 0;
export const PREVIOUS = HASH + HASH_WORDS;
export const VERSION = PREVIOUS + HASH_WORDS;
export const STREAM = VERSION + 1;
export const KIND = STREAM + 1;
/** Milliseconds since 1970: the higher and the lower 32 bits. */
const RECORDED = KIND + 1;
export const COMMAND = RECORDED + 2;
export const NUMBER = COMMAND + ID_WORDS;
export const EVENT_WORDS = NUMBER + 1;

const VERSION_MAX = 2 ** 31;
const HASH_BYTES = 32;
/** What the higher 32 bits of a number count. */
const HIGHER = 2 ** 32;

/** When an event was recorded, in milliseconds since 1970. */
export const recordedIn = (words: Uint32Array, at: number): number =>
  (words[at + RECORDED] as number) * HIGHER + (words[at + RECORDED + 1] as number);

/**
 * Writes an event's figures, but for its stream's and its kind's numbers; false where something of it has another form than figures say, so
 * that `readFigures` would not give it back.
 * @param said of an event whose content has the hash that it states.
 * @param bytes the same memory as the words.
 */
export function writeFigures(words: Uint32Array, bytes: Buffer, at: number, said: Said): boolean {
  const { number } = said;
  if (number === null) return false;
  const { version, hash, previousHash, commandId }: { readonly [Member in keyof Said]: unknown } = said;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > VERSION_MAX)
    return false;
  if (typeof commandId !== 'string' || !writeIdWords(commandId, words, at + COMMAND)) return false;
  const recorded = millisecondsOf(said.recordedAt);
  if (recorded === null || recorded < 0) return false;
  if (
    version === 1
      ? previousHash !== null
      : !(typeof previousHash === 'string' && isHex(previousHash, 2 * HASH_BYTES))
  )
    return false;
  // Its own hash is the one that was made of its content, and the other's words are behind.
  const hashes = version === 1 ? (hash as string) : (hash as string) + (previousHash as string);
  bytes.write(hashes, 4 * (at + HASH), hashes.length / 2, 'hex');
  words[at + RECORDED] = Math.floor(recorded / HIGHER);
  words[at + RECORDED + 1] = recorded % HIGHER;
  words[at + NUMBER] = number;
  words[at + VERSION] = version as number;
  return true;
}

/** What an event says, told from its figures; but for its position, which these have not. */
export function readFigures({ words, reader, kinds }: EventFigures, index: number): Omit<Said, 'position'> {
  const at = index * EVENT_WORDS;
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const hashAt = (word: number) => bytes.toString('hex', 4 * (at + word), 4 * (at + word) + HASH_BYTES);
  const version = words[at + VERSION] as number;
  const commandId = idOfWords(words, at + COMMAND);
  const number = words[at + NUMBER] as number;
  return {
    streamId: reader.streams[words[at + STREAM] as number] as string,
    version,
    eventId: eventId(commandId, number),
    recordedAt: new Date(recordedIn(words, at)).toISOString(),
    commandId,
    number,
    hash: hashAt(HASH),
    previousHash: version === 1 ? null : hashAt(PREVIOUS),
    ...(kinds[words[at + KIND] as number] as EventKind),
  };
}
