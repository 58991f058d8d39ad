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
    const words = wordsOf(id);
    if ((this.#size + 1) * WORDS > this.#slots.length * FILLED_MAX) this.#grow();
    const isNew = put(this.#slots, words);
    if (isNew) this.#size += 1;
    return isNew;
  }

  #grow(): void {
    const before = this.#slots;
    this.#slots = new Uint32Array(before.length * 2);
    for (let at = 0; at < before.length; at += WORDS) {
      const words = before.subarray(at, at + WORDS);
      if (!isFree(words)) put(this.#slots, words);
    }
  }
}

function wordsOf(id: string): Uint32Array {
  const hex = id.replaceAll('-', '');
  const words = new Uint32Array(WORDS);
  for (let word = 0; word < WORDS; word++) words[word] = parseInt(hex.slice(word * 8, word * 8 + 8), 16);
  return words;
}

const isFree = (words: Uint32Array): boolean => words.every((word) => word === 0);

function put(slots: Uint32Array, words: Uint32Array): boolean {
  const count = slots.length / WORDS;
  for (let slot = (words[0] ?? 0) % count; ; slot = (slot + 1) % count) {
    const there = slots.subarray(slot * WORDS, (slot + 1) * WORDS);
    if (isFree(there)) {
      there.set(words);
      return true;
    }
    if (there.every((word, index) => word === words[index])) return false;
  }
}
