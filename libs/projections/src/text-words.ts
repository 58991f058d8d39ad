import { Stems } from './stems.ts';
import type { Mark, TextTerm, Tokenizer } from './tokenizer.ts';

/** The classes of a code point that is not a letter of a word. */
const UNKNOWN = 0;
const SEPARATOR = -1;
/** A code point that continues a word but is dropped, as accents are. */
const MARK = -2;

/** Apostrophes inside a word are dropped, and so are possessive endings. */
const APOSTROPHES: ReadonlySet<number> = new Set([0x27, 0x20_19, 0x2_bc]);
const POSSESSIVE = /['\u2019\u02bc]s(?![\p{L}\p{N}\p{M}\p{Co}])/iuy;
const INSIDE = /['\u2019\u02bc](?=[\p{L}\p{N}])/uy;

const CODE_POINTS = 0x11_00_00;
const SPACE = 0x20;

/** The words of a text in order, each between spaces. */
interface Row {
  readonly words: string;
  /** For each unit of `words`, its place in the text; for the space after a word, the word's end. */
  readonly places: Int32Array;
}

/**
 * Splits texts into words exactly as the tokenizer does, but many times as fast, and finds their places. It queries the
 * tokenizer once per code point, whose class is the same in every text.
 */
export class TextWords {
  readonly #tokenizer: Pick<Tokenizer, 'wordsOf'>;
  readonly #stems = new Stems();
  /** The code point to which each one is folded, or its class. */
  readonly #folded = new Int32Array(CODE_POINTS);
  /** The units of the last text. */
  #units = new Uint16Array(0);
  #places = new Int32Array(0);

  constructor(tokenizer: Pick<Tokenizer, 'wordsOf'>) {
    this.#tokenizer = tokenizer;
  }

  /** Returns a text's words in order, folded. */
  of(text: string): string[] {
    return this.#row(text).words.split(' ').slice(1, -1);
  }

  /** Returns the stems of a text's words in order, as indexed by the search. */
  stemsOf(text: string): string[] {
    return this.of(text).map((word) => this.#stems.of(word));
  }

  /**
   * Returns a term as it is looked up in the index: texts match that contain all of its stems in a row. For a prefix,
   * the last stem is the prefix itself, and any of the alternatives may replace it.
   */
  lookUp({ words, prefix }: TextTerm): LookUp {
    const all = this.of(words);
    const last = all.at(-1);
    if (!prefix || last === undefined)
      return { stems: all.map((word) => this.#stems.of(word)), prefix: false, others: [] };
    const before = all.slice(0, -1).map((word) => this.#stems.of(word));
    return { stems: [...before, last], prefix: true, others: this.#stems.ofBeginning(last) };
  }

  /** Returns the patterns of a term. A text matches if `inARow` of its stems contains one of them. */
  patternsOf(term: TextTerm): string[] {
    const { stems, prefix, others } = this.lookUp(term);
    if (stems.length === 0) return [];
    const row = inARow(stems);
    const before = stems.slice(0, -1);
    return [prefix ? row.slice(0, -1) : row, ...others.map((other) => inARow([...before, other]))];
  }

  /** Returns whether a text matches all terms, by the patterns of each. */
  matchesAll(text: string, patterns: readonly (readonly string[])[]): boolean {
    const stems = inARow(this.stemsOf(text));
    return patterns.every((any) => any.some((pattern) => stems.includes(pattern)));
  }

  /** Returns the places where terms match in a text, in order. Overlapping matches are merged. */
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

  /** Returns the words of a text and their places; valid until the next call. */
  #row(text: string): Row {
    // Folding may make a code point one unit longer.
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

  /** Queries the tokenizer for each new code point of a text. */
  #learn(text: string): void {
    const unknown = new Set<number>();
    for (let at = 0; at < text.length; at += 1) {
      const point = text.codePointAt(at) as number;
      if (this.#folded[point] === UNKNOWN) unknown.add(point);
    }
    const points = [...unknown];
    const folded = this.#tokenizer.wordsOf(points.map((point) => `a${String.fromCodePoint(point)}b`));
    points.forEach((point, index) => {
      this.#folded[point] = foldedIn(folded[index] ?? []);
    });
  }
}

/** Returns the number of units of an apostrophe inside a word, or of a possessive ending; 0 if there is none. */
function apostropheAt(text: string, at: number): number {
  if (!APOSTROPHES.has(text.charCodeAt(at))) return 0;
  for (const pattern of [POSSESSIVE, INSIDE]) {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    if (found !== undefined) return found.length;
  }
  return 0;
}

/** A term as it is looked up in the index. */
export interface LookUp {
  readonly stems: readonly string[];
  /** True if the last stem is a prefix. */
  readonly prefix: boolean;
  /** Stems that match in place of the last one. */
  readonly others: readonly string[];
}

interface Span extends Mark {
  readonly word: string;
}

/** Returns the words of a row, each with its place in the text. */
function spansOf(row: string, places: Int32Array): Span[] {
  const spans: Span[] = [];
  for (let start = 1; start < row.length;) {
    const end = row.indexOf(' ', start);
    spans.push({ word: row.slice(start, end), from: places[start] as number, to: places[end] as number });
    start = end + 1;
  }
  return spans;
}

/** Returns, for each unit of a row, the number of words that end before it. */
function wordNumbers(row: string): Int32Array {
  const numbers = new Int32Array(row.length);
  let words = -1;
  for (let at = 0; at < row.length; at += 1) {
    if (row.charCodeAt(at) === SPACE) words += 1;
    numbers[at] = words;
  }
  return numbers;
}

/**
 * Returns the class of a code point, or the one to which it is folded, from the tokenizer's result for it between two
 * letters.
 */
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

/** Returns words, which contain no spaces, each between spaces. */
export const inARow = (words: readonly string[]): string => ` ${words.join(' ')} `;
