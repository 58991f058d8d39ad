import { digit } from '#audit/event-hashes';

/** How many words of 32 bits a UUID has. */
export const ID_WORDS = 4;
const WORDS = ID_WORDS;
const FIRST_SLOTS = 1_024;
/** Fuller than this, searches become long. */
const FILLED_MAX = 0.6;

/** Remembers UUIDs in some 30 bytes each, so that one that comes twice is noticed in a long log. */
export class DistinctIds {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;
  /** A slot of zeros is a free one. */
  #hasNil = false;

  /** False where it has been added before. */
  add(id: string): boolean {
    return this.#put(wordAt(id, 0), wordAt(id, 1), wordAt(id, 2), wordAt(id, 3));
  }

  /** The same of one in words. */
  addWords(words: Uint32Array, at: number): boolean {
    const [a, b] = [words[at] as number, words[at + 1] as number];
    return this.#put(a, b, words[at + 2] as number, words[at + 3] as number);
  }

  #put(a: number, b: number, c: number, d: number): boolean {
    if ((a | b | c | d) === 0) {
      const isNew = !this.#hasNil;
      this.#hasNil = true;
      return isNew;
    }
    if ((this.#size + 1) * WORDS > this.#slots.length * FILLED_MAX) this.#grow();
    const isNew = put(this.#slots, a, b, c, d);
    if (isNew) this.#size += 1;
    return isNew;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      const [a, b, c, d] = before.subarray(at, at + WORDS) as unknown as Words;
      if ((a | b | c | d) !== 0) put(this.#slots, a, b, c, d);
    }
  }
}

type Words = readonly [number, number, number, number];

/** Where the digits of each 32 bits of a UUID stand in its text: eight of them, with a hyphen in the middle or none. */
const PARTS = [
  [0, 4],
  [9, 14],
  [19, 24],
  [28, 32],
] as const;

function wordAt(id: string, word: 0 | 1 | 2 | 3): number {
  const [first, second] = PARTS[word];
  return ((fourDigits(id, first) << 16) | fourDigits(id, second)) >>> 0;
}

const LENGTH = 36;

/** Writes a UUID as words; false where it is none in small letters, so that `idOfWords` would not give it back. */
export function writeIdWords(id: string, words: Uint32Array, at: number): boolean {
  if (id.length !== LENGTH) return false;
  for (let index = 0; index < LENGTH; index++) {
    const code = id.charCodeAt(index);
    const isHyphen = index === 8 || index === 13 || index === 18 || index === 23;
    if (isHyphen ? code !== 0x2d : !isDigit(code)) return false;
  }
  words[at] = wordAt(id, 0);
  words[at + 1] = wordAt(id, 1);
  words[at + 2] = wordAt(id, 2);
  words[at + 3] = wordAt(id, 3);
  return true;
}

/** Whether a character's code is that of one of `0` to `9` and `a` to `f`. */
export const isDigit = (code: number): boolean =>
  (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);

export function idOfWords(words: Uint32Array, at: number): string {
  const hex = [...words.subarray(at, at + WORDS)].map((word) => word.toString(16).padStart(8, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const fourDigits = (id: string, at: number): number =>
  (digit(id.charCodeAt(at)) << 12) |
  (digit(id.charCodeAt(at + 1)) << 8) |
  (digit(id.charCodeAt(at + 2)) << 4) |
  digit(id.charCodeAt(at + 3));

/** Puts four words in the first free slot from where they belong on; false where they are there. The number of slots is a power of two. */
function put(slots: Uint32Array, a: number, b: number, c: number, d: number): boolean {
  const last = slots.length - WORDS;
  for (let at = (a * WORDS) & last; ; at = (at + WORDS) & last) {
    const [e, f] = [slots[at] as number, slots[at + 1] as number];
    const [g, h] = [slots[at + 2] as number, slots[at + 3] as number];
    if ((e | f | g | h) !== 0) {
      if (e === a && f === b && g === c && h === d) return false;
      continue;
    }
    slots[at] = a;
    slots[at + 1] = b;
    slots[at + 2] = c;
    slots[at + 3] = d;
    return true;
  }
}
