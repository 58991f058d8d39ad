const WORDS = 4;
const FIRST_SLOTS = 1_024;
/** Fuller than this, searches become long. */
const FILLED_MAX = 0.6;

/** Remembers UUIDs in some 30 bytes each, so that one that comes twice is noticed in a long log. */
export class DistinctIds {
  #slots = new Uint32Array(FIRST_SLOTS * WORDS);
  #size = 0;

  /** False where it has been added before. */
  add(id: string): boolean {
    if ((this.#size + 1) * WORDS > this.#slots.length * FILLED_MAX) this.#grow();
    const isNew = put(this.#slots, wordAt(id, 0), wordAt(id, 1), wordAt(id, 2), wordAt(id, 3));
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

/** Where the digits of each 32 bits of a UUID stand in its text. */
const PARTS = [
  [0, 8, 8],
  [9, 13, 18],
  [19, 23, 28],
  [28, 36, 36],
] as const;

/** So many bits of a UUID: eight digits, with a hyphen between them or none. */
function wordAt(id: string, word: 0 | 1 | 2 | 3): number {
  const [from, middle, to] = PARTS[word];
  if (middle === to) return parseInt(id.slice(from, to), 16);
  return parseInt(id.slice(from, middle) + id.slice(middle + 1, to), 16);
}

/** Puts four words in the first free slot from where they belong on; false where they are there. */
function put(slots: Uint32Array, a: number, b: number, c: number, d: number): boolean {
  const count = slots.length / WORDS;
  for (let slot = a % count; ; slot = (slot + 1) % count) {
    const at = slot * WORDS;
    const [e, f, g, h] = [slots[at], slots[at + 1], slots[at + 2], slots[at + 3]] as unknown as Words;
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
