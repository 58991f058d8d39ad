import Database from 'better-sqlite3';

/** One word, or several in a row. As a prefix, the last word may be incomplete. */
export interface TextTerm {
  readonly words: string;
  readonly prefix: boolean;
}

/** A range of a text in UTF-16 units; `to` is exclusive. */
export interface Mark {
  readonly from: number;
  readonly to: number;
}

/**
 * Splits texts into words with SQLite's own tokenizer (`unicode61 remove_diacritics 2`), so that case, accents and word boundaries
 * are the same on every database.
 */
export class Tokenizer {
  readonly #db = new Database(':memory:');
  readonly #insert: Database.Statement<[number, string]>;
  readonly #words: Database.Statement<[], [number, string]>;
  readonly #clear: Database.Statement<[]>;

  constructor() {
    this.#db.exec(`create virtual table texts using fts5(text, content = '',
        tokenize = "unicode61 remove_diacritics 2");
      create virtual table words using fts5vocab(texts, 'instance');`);
    this.#insert = this.#db.prepare('insert into texts (rowid, text) values (?, ?)');
    this.#words = this.#db.prepare<[], [number, string]>('select doc, term from words order by doc, offset');
    this.#words.raw();
    this.#clear = this.#db.prepare(`insert into texts (texts) values ('delete-all')`);
  }

  /** Returns each text's words in order, folded. */
  wordsOf(texts: readonly string[]): string[][] {
    const words: string[][] = texts.map(() => []);
    this.#db.transaction(() => {
      for (const [index, text] of texts.entries()) this.#insert.run(index, text);
      for (const [index, word] of this.#words.iterate()) words[index]?.push(word);
      this.#clear.run();
    })();
    return words;
  }

  close(): void {
    this.#db.close();
  }
}
