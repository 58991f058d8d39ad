import { digit, isDigit } from '#audit/event-hashes';

/** How many words of 32 bits a UUID has. */
export const ID_WORDS = 4;

/** Where each figure of a slot begins: a command's id, one more than the number of its stream (0 where the slot is free), and its numbers there. */
const STREAM = ID_WORDS;
const FROM = STREAM + 1;
const TO = FROM + 1;
/** 1 where the command has events in several streams, or with a gap: its runs are then kept apart. */
const HAS_RUNS = TO + 1;
const WORDS = HAS_RUNS + 1;

const FIRST_SLOTS = 1_024;
/** Fuller than this, searches become long. */
const FILLED_MAX = 0.6;

/** Events of one command in one stream whose numbers follow each other. */
interface Run {
  readonly stream: number;
  readonly from: number;
  to: number;
}

/** What is wrong with an event's number: the command has it already, or another command followed it in the stream. */
export type TakenNumber = 'twice' | 'over';

/**
 * Which of its events each command has had, and in which streams, in some 50 bytes for a command. An event's id is made of its command's id
 * and its number, so that no id comes twice where no number of a command does.
 */
export class CommandNumbers {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;
  /** By command, where one run does not say all. */
  readonly #runs = new Map<string, Run[]>();

  /**
   * Takes an event of a stream; null where nothing is wrong with it, and otherwise it is not taken.
   * @param words hold the id of its command.
   * @param goesOn whether the stream's last event is of the same command.
   */
  take(words: Uint32Array, at: number, stream: number, number: number, goesOn: boolean): TakenNumber | null {
    if ((this.#size + 1) * WORDS > this.#slots.length * FILLED_MAX) this.#grow();
    const slots = this.#slots;
    const slot = slotOf(slots, words, at);
    if (slots[slot + STREAM] === 0) {
      for (let word = 0; word < ID_WORDS; word++) slots[slot + word] = words[at + word] as number;
      slots[slot + STREAM] = stream + 1;
      slots[slot + FROM] = slots[slot + TO] = number;
      this.#size += 1;
      return null;
    }
    const isNext = slots[slot + STREAM] === stream + 1 && slots[slot + TO] === number - 1;
    if (!goesOn || !isNext || slots[slot + HAS_RUNS] === 1)
      return takeOf(this.#runsAt(slot), stream, number, goesOn);
    slots[slot + TO] = number;
    return null;
  }

  #runsAt(slot: number): Run[] {
    const slots = this.#slots;
    const command = idOfWords(slots, slot);
    const known = this.#runs.get(command);
    if (known !== undefined) return known;
    const [stream, from, to] = slots.subarray(slot + STREAM, slot + HAS_RUNS) as unknown as [
      number,
      number,
      number,
    ];
    const runs = [{ stream: stream - 1, from, to }];
    this.#runs.set(command, runs);
    slots[slot + HAS_RUNS] = 1;
    return runs;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      if (before[at + STREAM] === 0) continue;
      const slot = slotOf(this.#slots, before, at);
      for (let word = 0; word < WORDS; word++) this.#slots[slot + word] = before[at + word] as number;
    }
  }
}

function takeOf(runs: Run[], stream: number, number: number, goesOn: boolean): TakenNumber | null {
  if (!goesOn && runs.some((run) => run.stream === stream)) return 'over';
  if (runs.some(({ from, to }) => from <= number && number <= to)) return 'twice';
  const last = runs.findLast((run) => run.stream === stream);
  if (last?.to === number - 1) last.to = number;
  else runs.push({ stream, from: number, to: number });
  return null;
}

/** Where a command is, or the first free slot from where it belongs on. The number of slots is a power of two. */
function slotOf(slots: Uint32Array, words: Uint32Array, at: number): number {
  const [a, b] = [words[at] as number, words[at + 1] as number];
  const [c, d] = [words[at + 2] as number, words[at + 3] as number];
  const last = slots.length - WORDS;
  for (let slot = (a * WORDS) & last; ; slot = (slot + WORDS) & last) {
    if (slots[slot + STREAM] === 0) return slot;
    const isSame =
      slots[slot] === a && slots[slot + 1] === b && slots[slot + 2] === c && slots[slot + 3] === d;
    if (isSame) return slot;
  }
}

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
