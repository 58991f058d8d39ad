import Database from 'better-sqlite3';

/** A word of a search, or several in a row; the last word may go on where it is a prefix. */
export interface TextTerm {
  readonly words: string;
  readonly prefix: boolean;
}

/** Where words stand in a text, in UTF-16 units; `to` is behind the last one. */
export interface Mark {
  readonly from: number;
  readonly to: number;
}

/** What FTS5 puts around the words that it marks; in a text they part words as a space does. */
const OPENING = '\x01';
const CLOSING = '\x02';
const SEPARATORS = ['\0', OPENING, CLOSING];

/**
 * Splits texts into words as the search of the SQLite read models does, since its own tokenizer does it (`unicode61
 * remove_diacritics 2`): case, accents, and what is part of a word, are the same on every database.
 */
export class Tokenizer {
  readonly #db = new Database(':memory:');
  readonly #insert: Database.Statement<[number, string]>;
  readonly #words: Database.Statement<[], [number, string]>;
  readonly #clear: Database.Statement<[]>;
  readonly #keep: Database.Statement<[number, string]>;
  readonly #marked: Database.Statement<[string], [number, string]>;
  readonly #forget: Database.Statement<[]>;

  constructor() {
    this.#db.exec(`create virtual table texts using fts5(text, content = '',
        tokenize = "unicode61 remove_diacritics 2");
      create virtual table words using fts5vocab(texts, 'instance');
      create virtual table kept using fts5(text, tokenize = "unicode61 remove_diacritics 2");`);
    this.#insert = this.#db.prepare('insert into texts (rowid, text) values (?, ?)');
    this.#words = this.#db.prepare<[], [number, string]>('select doc, term from words order by doc, offset');
    this.#words.raw();
    this.#clear = this.#db.prepare(`insert into texts (texts) values ('delete-all')`);
    this.#keep = this.#db.prepare('insert into kept (rowid, text) values (?, ?)');
    this.#marked = this.#db.prepare<[string], [number, string]>(
      `select rowid, highlight(kept, 0, '${OPENING}', '${CLOSING}') from kept where kept match ?`,
    );
    this.#marked.raw();
    this.#forget = this.#db.prepare('delete from kept');
  }

  /** The words of each text, in their order, folded. */
  wordsOf(texts: readonly string[]): string[][] {
    const words: string[][] = texts.map(() => []);
    this.#db.transaction(() => {
      for (const [index, text] of texts.entries()) this.#insert.run(index, text);
      for (const [index, word] of this.#words.iterate()) words[index]?.push(word);
      this.#clear.run();
    })();
    return words;
  }

  /** Where any of the terms stand in each text, in order; of terms that overlap, all of it together. */
  marksIn(texts: readonly string[], terms: readonly TextTerm[]): Mark[][] {
    const marks: Mark[][] = texts.map(() => []);
    if (terms.length === 0) return marks;
    this.#db.transaction(() => {
      // Of the same length, with the same words: FTS5 ends a text at NUL, and the marks are to be the only ones.
      for (const [index, text] of texts.entries())
        this.#keep.run(
          index,
          SEPARATORS.reduce((said, each) => said.replaceAll(each, ' '), text.toWellFormed()),
        );
      for (const [index, marked] of this.#marked.iterate(matchOf(terms, ' OR ')))
        marks[index] = marksOf(marked);
      this.#forget.run();
    })();
    return marks;
  }

  close(): void {
    this.#db.close();
  }
}

/**
 * Terms as an expression that FTS5 matches. A term is quoted whole, and nothing in it is an operator; FTS5 would end the
 * expression at NUL.
 */
export const matchOf = (terms: readonly TextTerm[], operator: ' AND ' | ' OR '): string =>
  terms
    .map(({ words, prefix }) => `"${words.replaceAll('\0', ' ').replaceAll('"', '""')}"${prefix ? ' *' : ''}`)
    .join(operator);

function marksOf(marked: string): Mark[] {
  const [before = '', ...parts] = marked.split(OPENING);
  let end = before.length;
  return parts.map((part) => {
    const length = part.indexOf(CLOSING);
    const mark = { from: end, to: end + length };
    end += part.length - CLOSING.length;
    return mark;
  });
}
