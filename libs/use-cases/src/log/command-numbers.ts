import { digit, isDigit } from '#audit/event-hashes';

/** The number of 32-bit words of a UUID. */
export const ID_WORDS = 4;

/**
 * The offsets within a slot: the command's id, the number of the first stream that contains it plus 1 (0 in a free slot), and its first and
 * last number. A slot of the second kind records a further stream: its id is mixed with that stream's number.
 */
const STREAM = ID_WORDS;
const FROM = STREAM + 1;
const TO = FROM + 1;
/** 1 if the numbers have a gap or are out of order: they are then stored separately. */
const HAS_GAP = TO + 1;
const WORDS = HAS_GAP + 1;
/** The stream number in a slot of the second kind. No log has so many streams. */
const FURTHER = 0xffff_ffff;

const FIRST_SLOTS = 1_024;
/** The maximum load factor: above it, searches are long. */
const FILLED_MAX = 0.6;

/** The problem with an event's number. `twice`: the command already has it. `over`: another command followed the command in the stream. */
export type NumberProblem = 'twice' | 'over';

/**
 * Records which events each command has in which streams, in about 50 bytes per command. An event's id is derived from its command's id and
 * its number, so ids are unique if numbers are.
 */
export class CommandNumbers {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;
  /** The numbers of each command that has gaps or an unusual order. */
  readonly #numbers = new Map<string, Set<number>>();
  readonly #mixed = new Uint32Array(ID_WORDS);

  /**
   * Adds an event of a stream. Returns null if it is valid; otherwise the event is not added.
   * @param words contain the id of its command.
   * @param isSameCommand whether the stream's last event is of the same command.
   */
  add(
    words: Uint32Array,
    at: number,
    stream: number,
    number: number,
    isSameCommand: boolean,
  ): NumberProblem | null {
    if ((this.#size + 2) * WORDS > this.#slots.length * FILLED_MAX) this.#grow();
    const slots = this.#slots;
    const slot = slotOf(slots, words, at, false);
    if (slots[slot + STREAM] === 0) {
      this.#fill(slot, words, at, stream + 1);
      slots[slot + FROM] = slots[slot + TO] = number;
      return null;
    }
    const further =
      isSameCommand || slots[slot + STREAM] === stream + 1 ? null : this.#furtherSlot(words, at, stream);
    if (!isSameCommand && (further === null || slots[further + STREAM] !== 0)) return 'over';
    const isNext = slots[slot + HAS_GAP] === 0 && slots[slot + TO] === number - 1;
    if (!isNext && !this.#isNew(slot, number)) return 'twice';
    if (isNext) slots[slot + TO] = number;
    if (further !== null) this.#fill(further, this.#mixed, 0, FURTHER);
    return null;
  }

  #furtherSlot(words: Uint32Array, at: number, stream: number): number {
    for (let word = 0; word < ID_WORDS; word++)
      this.#mixed[word] = (words[at + word] as number) ^ mixedWith(stream, word);
    return slotOf(this.#slots, this.#mixed, 0, true);
  }

  #fill(slot: number, words: Uint32Array, at: number, stream: number): void {
    for (let word = 0; word < ID_WORDS; word++) this.#slots[slot + word] = words[at + word] as number;
    this.#slots[slot + STREAM] = stream;
    this.#size += 1;
  }

  /** Adds a number that is not the next one. Returns false if the command has it. */
  #isNew(slot: number, number: number): boolean {
    const slots = this.#slots;
    const command = idOfWords(slots, slot);
    const numbers = this.#numbers.get(command) ?? new Set<number>();
    if (slots[slot + HAS_GAP] === 0)
      for (let each = slots[slot + FROM] as number; each <= (slots[slot + TO] as number); each++)
        numbers.add(each);
    slots[slot + HAS_GAP] = 1;
    this.#numbers.set(command, numbers);
    if (numbers.has(number)) return false;
    numbers.add(number);
    return true;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at + STREAM] === 0) continue;
      const slot = slotOf(this.#slots, before, at, before[at + STREAM] === FURTHER);
      for (let word = 0; word < WORDS; word++) this.#slots[slot + word] = before[at + word] as number;
    }
  }
}

/** Returns the slot of an id, or the first free slot after its hash. The number of slots is a power of two. */
function slotOf(slots: Uint32Array, words: Uint32Array, at: number, isFurther: boolean): number {
  const [a, b] = [words[at] as number, words[at + 1] as number];
  const [c, d] = [words[at + 2] as number, words[at + 3] as number];
  const last = slots.length - WORDS;
  for (let slot = (a * WORDS) & last; ; slot = (slot + WORDS) & last) {
    const stream = slots[slot + STREAM];
    if (stream === 0) return slot;
    const isSame =
      slots[slot] === a && slots[slot + 1] === b && slots[slot + 2] === c && slots[slot + 3] === d;
    if (isSame && (stream === FURTHER) === isFurther) return slot;
  }
}

/** Mixes in a stream's number (with the finalizer of MurmurHash3), so that consecutive ids do not collide. */
function mixedWith(stream: number, word: number): number {
  let bits = (stream + 1) * ID_WORDS + word;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}

/** The offsets of the eight digits of each 32-bit word in a UUID's text, some with a hyphen in the middle. */
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

/** Writes a UUID as words. Returns false if the text is not a UUID in lower case, which `idOfWords` could not restore. */
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

export function idOfWords(words: Uint32Array, at: number): string {
  const hex = [...words.subarray(at, at + ID_WORDS)]
    .map((word) => word.toString(16).padStart(8, '0'))
    .join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const fourDigits = (id: string, at: number): number =>
  (digit(id.charCodeAt(at)) << 12) |
  (digit(id.charCodeAt(at + 1)) << 8) |
  (digit(id.charCodeAt(at + 2)) << 4) |
  digit(id.charCodeAt(at + 3));
