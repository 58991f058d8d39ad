import { eventId, isHex } from '#audit/event-hashes';
import type { EventHeader } from '#audit/examine-event';
import { HASH_WORDS } from '#audit/verify';
import { ID_WORDS, idOfWords, writeIdWords } from './command-numbers.ts';
import { millisecondsOf } from './log-order.ts';

/** The members that determine an event's next state. A page has few distinct combinations. */
export type EventKind = Pick<EventHeader, 'type' | 'lifecycle' | 'state'>;

/** The reader that examines events and numbers their streams. */
export interface FigureReader {
  /** Stream names by number. A number never changes its name. */
  readonly streams: readonly string[];
}

/**
 * Consecutive events of a log, each encoded in a fixed number of 32-bit words. Only events that are valid by themselves are encoded; they
 * must still be compared with the previous event of their stream. For all others the words are zero.
 */
export interface EventFigures {
  readonly reader: FigureReader;
  readonly words: Uint32Array;
  /** The distinct kinds of the page's events, by number. */
  readonly kinds: readonly EventKind[];
}

/** The offsets of an event's figures. Its id follows from its command and number. */
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
/** The value of one unit in the higher 32 bits. */
const HIGHER = 2 ** 32;

/** Returns when an event was recorded, in milliseconds since 1970. */
export const recordedIn = (words: Uint32Array, at: number): number =>
  (words[at + RECORDED] as number) * HIGHER + (words[at + RECORDED + 1] as number);

/**
 * Writes an event's figures, except the numbers of its stream and kind. Returns false if a value has a form that `readFigures` could not
 * restore.
 * @param header an event whose content matches its hash.
 * @param bytes the same memory as the words.
 */
export function writeFigures(words: Uint32Array, bytes: Buffer, at: number, header: EventHeader): boolean {
  const { number } = header;
  if (number === null) return false;
  const { version, hash, previousHash, commandId }: { readonly [Member in keyof EventHeader]: unknown } =
    header;
  if (!Number.isInteger(version) || (version as number) < 1 || (version as number) > VERSION_MAX)
    return false;
  if (typeof commandId !== 'string' || !writeIdWords(commandId, words, at + COMMAND)) return false;
  const recorded = millisecondsOf(header.recordedAt);
  if (recorded === null || recorded < 0) return false;
  if (
    version === 1
      ? previousHash !== null
      : !(typeof previousHash === 'string' && isHex(previousHash, 2 * HASH_BYTES))
  )
    return false;
  // The stored hash equals the computed one; the previous hash follows it.
  const hashes = version === 1 ? (hash as string) : (hash as string) + (previousHash as string);
  bytes.write(hashes, 4 * (at + HASH), hashes.length / 2, 'hex');
  words[at + RECORDED] = Math.floor(recorded / HIGHER);
  words[at + RECORDED + 1] = recorded % HIGHER;
  words[at + NUMBER] = number;
  words[at + VERSION] = version as number;
  return true;
}

/** Returns the event that its figures encode, without its position. */
export function readFigures(
  { words, reader, kinds }: EventFigures,
  index: number,
): Omit<EventHeader, 'position'> {
  const offset = index * EVENT_WORDS;
  const bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  const hashAt = (word: number) =>
    bytes.toString('hex', 4 * (offset + word), 4 * (offset + word) + HASH_BYTES);
  const version = words[offset + VERSION] as number;
  const commandId = idOfWords(words, offset + COMMAND);
  const number = words[offset + NUMBER] as number;
  return {
    streamId: reader.streams[words[offset + STREAM] as number] as string,
    version,
    eventId: eventId(commandId, number),
    recordedAt: new Date(recordedIn(words, offset)).toISOString(),
    commandId,
    number,
    hash: hashAt(HASH),
    previousHash: version === 1 ? null : hashAt(PREVIOUS),
    ...(kinds[words[offset + KIND] as number] as EventKind),
  };
}
