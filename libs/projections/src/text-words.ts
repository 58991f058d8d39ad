import { Stems } from './stems.ts';
import type { Mark, TextTerm, Tokenizer } from './tokenizer.ts';

/** What a code point is to the tokenizer, where it is no letter of a word. */
const UNKNOWN = 0;
const SEPARATOR = -1;
/** It goes on with a word, and is left out of it, as accents are. */
const MARK = -2;

/** An apostrophe inside a word is left out of it, and so is the ending of a possessive. */
const APOSTROPHES: ReadonlySet<number> = new Set([0x27, 0x20_19, 0x2_bc]);
const POSSESSIVE = /['\u2019\u02bc]s(?![\p{L}\p{N}\p{M}\p{Co}])/iuy;
const INSIDE = /['\u2019\u02bc](?=[\p{L}\p{N}])/uy;

const CODE_POINTS = 0x11_00_00;
const SPACE = 0x20;

/** A text's words in their order, each with a space before and behind it. */
interface Row {
  readonly words: string;
  /** Where each unit of `words` stands in the text; of the space behind a word, where the word ends. */
  readonly places: Int32Array;
}

/**
 * Reads the words of texts as the tokenizer does, many times as fast, and tells where they stand: it is asked what each code point is to it,
 * once, and that is the same in every text.
 */
export class TextWords {
  readonly #tokenizer: Pick<Tokenizer, 'wordsOf'>;
  readonly #stems = new Stems();
  /** What each code point is folded to. */
  readonly #folded = new Int32Array(CODE_POINTS);
  /** Of the text that was read last. */
  #units = new Uint16Array(0);
  #places = new Int32Array(0);

  constructor(tokenizer: Pick<Tokenizer, 'wordsOf'>) {
    this.#tokenizer = tokenizer;
  }

  /** The words of a text, in their order, folded. */
  of(text: string): string[] {
    return this.#row(text).words.split(' ').slice(1, -1);
  }

  /** The stems of a text's words, in their order: what the search indexes. */
  stemsOf(text: string): string[] {
    return this.of(text).map((word) => this.#stems.of(word));
  }

  /**
   * A term as the search looks it up: texts match that have all of its stems in a row. Of a prefix the last stem is its letters,
   * and texts match as well that have one of the other stems in its place.
   */
  lookUp({ words, prefix }: TextTerm): LookUp {
    const all = this.of(words);
    const last = all.at(-1);
    if (!prefix || last === undefined)
      return { stems: all.map((word) => this.#stems.of(word)), prefix: false, others: [] };
    const before = all.slice(0, -1).map((word) => this.#stems.of(word));
    return { stems: [...before, last], prefix: true, others: this.#stems.ofBeginning(last) };
  }

  /** For each term, the strings of which `inARow` of a matching text's stems contains one. */
  patternsOf(term: TextTerm): string[] {
    const { stems, prefix, others } = this.lookUp(term);
    if (stems.length === 0) return [];
    const row = inARow(stems);
    const before = stems.slice(0, -1);
    return [prefix ? row.slice(0, -1) : row, ...others.map((other) => inARow([...before, other]))];
  }

  /** Whether a text matches all terms, given what `patternsOf` returned for each. */
  says(text: string, patterns: readonly (readonly string[])[]): boolean {
    const stems = inARow(this.stemsOf(text));
    return patterns.every((any) => any.some((pattern) => stems.includes(pattern)));
  }

  /** Where any of the terms match in a text, in order; of terms that overlap, all of it together. */
  marksIn(text: string, terms: readonly TextTerm[]): Mark[] {
    const { words, places } = this.#row(text);
    const spans = spansOf(words, places);
    const stems = inARow(spans.map(({ word }) => this.#stems.of(word)));
    // Each stem follows a space, so the number of spaces before a match is the number of words before it.
    const wordAt = wordNumbers(stems);
    const found = terms.flatMap((term) =>
      this.patternsOf(term).flatMap((pattern) => {
        const marks: Mark[] = [];
        for (let at = stems.indexOf(pattern); at !== -1; at = stems.indexOf(pattern, at + 1)) {
          const end = stems.indexOf(' ', at + pattern.length - 1);
          const [first, last] = [spans[wordAt[at] as number], spans[(wordAt[end] as number) - 1]];
          marks.push({ from: (first as Span).from, to: (last as Span).to });
        }
        return marks;
      }),
    );
    return together(found.sort((a, b) => a.from - b.from || b.to - a.to));
  }

  /** It holds until another is asked for. */
  #row(text: string): Row {
    // A code point is folded to one, which may have a unit more.
    const room = 2 * text.length + 2;
    if (this.#units.length < room) {
      this.#units = new Uint16Array(2 * room);
      this.#places = new Int32Array(2 * room);
    }
    const [units, places] = [this.#units, this.#places];
    units[0] = SPACE;
    let length = 1;
    let isInWord = false;
    const endWord = (at: number): void => {
      isInWord = false;
      places[length] = at;
      units[length++] = SPACE;
    };
    for (let at = 0; at < text.length;) {
      const leftOut = isInWord ? apostropheAt(text, at) : 0;
      if (leftOut > 0) {
        at += leftOut;
        continue;
      }
      const point = text.codePointAt(at) as number;
      if (this.#folded[point] === UNKNOWN) this.#learn(text);
      const folded = this.#folded[point] as number;
      if (folded > 0) {
        isInWord = true;
        places[length] = at;
        length += write(units, length, folded);
      } else if (folded === SEPARATOR && isInWord) endWord(at);
      at += point > 0xff_ff ? 2 : 1;
    }
    if (isInWord) endWord(text.length);
    return { words: Buffer.from(units.buffer, 0, 2 * length).toString('utf16le'), places };
  }

  /** Asks of every code point that no text had before. */
  #learn(text: string): void {
    const unknown = new Set<number>();
    for (let at = 0; at < text.length; at += 1) {
      const point = text.codePointAt(at) as number;
      if (this.#folded[point] === UNKNOWN) unknown.add(point);
    }
    const points = [...unknown];
    const told = this.#tokenizer.wordsOf(points.map((point) => `a${String.fromCodePoint(point)}b`));
    points.forEach((point, index) => {
      this.#folded[point] = foldedIn(told[index] ?? []);
    });
  }
}

/** How many units an apostrophe inside a word, or the ending of a possessive, takes at a place; 0 where there is none. */
function apostropheAt(text: string, at: number): number {
  if (!APOSTROPHES.has(text.charCodeAt(at))) return 0;
  for (const pattern of [POSSESSIVE, INSIDE]) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found.length;
  }
  return 0;
}

/** A term as the index has it. */
export interface LookUp {
  readonly stems: readonly string[];
  /** Whether the last of them is the beginning of a stem. */
  readonly prefix: boolean;
  /** Stems that match in place of the last. */
  readonly others: readonly string[];
}

interface Span extends Mark {
  readonly word: string;
}

/** The words of a row, each with its place in the text. */
function spansOf(row: string, places: Int32Array): Span[] {
  const spans: Span[] = [];
  for (let start = 1; start < row.length;) {
    const end = row.indexOf(' ', start);
    spans.push({ word: row.slice(start, end), from: places[start] as number, to: places[end] as number });
    start = end + 1;
  }
  return spans;
}

/** For each unit of a row, how many words end before it. */
function wordNumbers(row: string): Int32Array {
  const numbers = new Int32Array(row.length);
  let words = -1;
  for (let at = 0; at < row.length; at += 1) {
    if (row.charCodeAt(at) === SPACE) words += 1;
    numbers[at] = words;
  }
  return numbers;
}

/** What a code point is to the tokenizer that read it between two letters. */
function foldedIn([word = '', ...others]: readonly string[]): number {
  if (others.length > 0) return SEPARATOR;
  return word.slice(1, -1).codePointAt(0) ?? MARK;
}

function write(units: Uint16Array, at: number, point: number): number {
  if (point <= 0xff_ff) {
    units[at] = point;
    return 1;
  }
  const text = String.fromCodePoint(point);
  units[at] = text.charCodeAt(0);
  units[at + 1] = text.charCodeAt(1);
  return 2;
}

function together(marks: readonly Mark[]): Mark[] {
  const whole: Mark[] = [];
  for (const mark of marks) {
    const last = whole.at(-1);
    if (last === undefined || mark.from >= last.to) whole.push(mark);
    else if (mark.to > last.to) whole[whole.length - 1] = { from: last.from, to: mark.to };
  }
  return whole;
}

/** Each word with a space before and behind it; a word has none in it. */
export const inARow = (words: readonly string[]): string => ` ${words.join(' ')} `;
