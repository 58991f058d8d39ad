import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Kysely, SqliteDialect, sql } from 'kysely';
import { QueryTooSlowError } from '../limited-reads.ts';
import { TextWords } from '../text-words.ts';
import { Tokenizer } from '../tokenizer.ts';
import type { TextTerm } from '../tokenizer.ts';
import { matchCondition } from './matched-terms.ts';
import { ReadClock } from './read-clock.ts';
import { addTermsFunction } from './terms-function.ts';

const SOME = ['the', 'force', 'keeps', 'thé', 'records', 'rec'];
const words = fc.array(fc.constantFrom(...SOME), { minLength: 1, maxLength: 9 }).map((all) => all.join(' '));
const term = fc.record<TextTerm>({ words, prefix: fc.boolean() });

describe('terms that occur in texts', () => {
  let connection: Database.Database;
  let clock: ReadClock;
  let db: Kysely<unknown>;
  let tokenizer: Tokenizer;
  let reader: TextWords;

  beforeEach(() => {
    connection = new Database(':memory:');
    connection.exec(
      `create virtual table texts using fts5(text, tokenize = "unicode61 remove_diacritics 2")`,
    );
    tokenizer = new Tokenizer();
    reader = new TextWords(tokenizer);
    clock = new ReadClock(connection);
    addTermsFunction(connection, reader, clock);
    db = new Kysely({ dialect: new SqliteDialect({ database: connection }) });
  });
  afterEach(async () => {
    await db.destroy();
    tokenizer.close();
  });

  const write = (texts: readonly string[]): void => {
    connection.exec('delete from texts');
    texts.forEach((text, index) =>
      connection
        .prepare('insert into texts (rowid, text) values (?, ?)')
        .run(index, reader.stemsOf(text).join(' ')),
    );
  };
  const matches = (terms: readonly TextTerm[], most?: number) =>
    sql<{
      id: number;
    }>`select rowid as id from texts as found where ${matchCondition(reader, terms, most)} order by rowid`;
  const found = async (terms: readonly TextTerm[], most?: number) =>
    (await matches(terms, most).execute(db)).rows.map(({ id }) => id);

  test('are found in all of them and in no other, by few words that the index is queried for at once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(words, { minLength: 1, maxLength: 8 }),
        fc.array(term, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 4),
        async (texts, terms, most) => {
          write(texts);
          const patterns = terms.map((each) => reader.patternsOf(each));
          const expected = texts.flatMap((text, index) => (reader.matchesAll(text, patterns) ? [index] : []));
          expect(await found(terms, most)).toEqual(expected);
          const [expression] = matches(terms, most).compile(db).parameters as [string];
          const phrases = expression.split(' AND ').map((group) => group.split(' OR ')[0] ?? '');
          expect(phrases.flatMap((phrase) => reader.of(phrase)).length).toBeLessThanOrEqual(most);
        },
      ),
      { numRuns: 60 },
    );
  });

  test('are searched for until the time limit, even if no text contains them', async () => {
    write(Array.from({ length: 200 }, () => 'the the the the'));
    const nowhere: TextTerm = { words: 'the '.repeat(31), prefix: false };
    expect(await found([nowhere])).toEqual([]);
    clock.begin(0);
    await expect(found([nowhere])).rejects.toThrow(QueryTooSlowError);
  });

  test('without a word match no text', async () => {
    write(['?!']);
    expect(await found([{ words: '?!', prefix: false }])).toEqual([]);
    expect(await found([])).toEqual([]);
  });
});
