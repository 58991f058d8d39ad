import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Generation } from '#projections/projection';
import type { SearchDefinition } from '#projections/tables';
import type { TextTerm } from '#projections/tokenizer';
import type { InternalSight } from '#state-machines/access';
import { inTimeSeldom, OF_128 } from '../asked-seldom.ts';
import type { Condition } from '#projections/filters';
import type { RegisterTables } from './register-projection.ts';
import {
  firstIdOf,
  IDS_OF_RECORD,
  lastIdOf,
  REGISTER_SEARCH,
  TEXTS,
  TITLE_SEARCH,
} from './register-texts.ts';
import type { TextKind } from './register-texts.ts';
import type { Search } from './register-search.ts';

/*
 * A text is a document of the search, and a record has its words in any of its texts. That a record has a term is asked in
 * either of two ways: of the row that is looked at (`probe`: some microseconds a row, nothing before), or as the set of all
 * records that have it (`set`: some tens of milliseconds where 100,000 have it, next to nothing a row). Where all terms are
 * common, the first rows in order are probed, and where they do not fill a page the sets are made.
 */

/** In which way rows are asked. */
export type SearchForm = 'quick' | 'sets';

/** The texts of a record that are looked at: all that the reader may read, or one kind. */
type Part = 'readable' | Extract<TextKind, 'title' | 'text'>;

/** A search as conditions on rows of the register, which have its columns `number` and `recipient`. */
export interface SearchConditions {
  readonly limits: SearchLimits;
  /** Whether so few records have one of the terms that all of them are looked at. */
  readonly isNarrow: boolean;
  readonly conditions: (form: SearchForm) => Condition[];
  /** The same, of the records that were issued last, from a number on: true of no other record. */
  readonly since: (number: number) => Condition[];
  /** Best first: what has all words in its title, then those that have them in their text, then the others. */
  readonly tiers: readonly ((form: SearchForm) => Condition[])[];
}

/** Where one way of asking is given up for the other; whatever they are, the same records are found. */
export interface SearchLimits {
  /** Up to so many texts with a term are few. */
  readonly fewTexts: number;
  /** How many rows in order are asked first, where most may have what is looked for; and then, where so few did not fill a page. */
  readonly askedFirst: readonly number[];
  /** In how many of the records that were issued last one counts first; and then, where so few show that more will do. */
  readonly countedFirst: readonly number[];
}

export const SEARCH_LIMITS: SearchLimits = {
  fewTexts: 1_000,
  askedFirst: [100, 400],
  countedFirst: [2_000, 10_000],
};

const NEVER: Condition = sql`false`;

export async function searchConditions(
  generation: Generation,
  search: Search,
  sight: InternalSight,
  limits: SearchLimits,
): Promise<SearchConditions> {
  const { required, excluded, isVain } = search;
  const rare = new Map<TextTerm, readonly number[]>();
  const ask = new AskedTexts(generation, sight);
  for (const term of [...required, ...excluded]) {
    const few = await ask.fewWith(term, limits.fewTexts);
    if (few !== null) rare.set(term, few);
  }
  const has = (form: SearchForm, part: Part, term: TextTerm): Condition => {
    const few = rare.get(term);
    if (few !== undefined) return ask.oneOf(few, part);
    return form === 'sets' ? large(ask.set([term], part)) : ask.quick(term, part);
  };
  const without = (form: SearchForm) =>
    excluded.map((term) => sql<boolean>`not ${has(form, 'readable', term)}`);
  // A record has one title and one text, and all its words are then in one document.
  const hasAll = (form: SearchForm, part: 'title' | 'text'): Condition =>
    form === 'sets'
      ? // Few titles have all words; where most have, the first rows were enough.
        ask.set(required, part)
      : sql`(${sql.join(
          required.map((term) => has(form, part, term)),
          sql` and `,
        )})`;
  const since = (term: TextTerm, number: number): Condition =>
    rare.has(term) ? has('sets', 'readable', term) : large(ask.set([term], 'readable', number));
  const all = (form: SearchForm) => required.map((term) => has(form, 'readable', term));
  const conditions = (form: SearchForm) => (isVain ? [NEVER] : [...all(form), ...without(form)]);
  return {
    limits,
    isNarrow: isVain || required.some((term) => rare.has(term)),
    conditions,
    since: (number) => [
      sql`number >= ${sql.lit(number)}`,
      ...required.map((term) => since(term, number)),
      ...excluded.map((term) => sql<boolean>`not ${since(term, number)}`),
    ],
    tiers:
      required.length === 0
        ? [conditions]
        : [
            (form) => [hasAll(form, 'title'), ...without(form)],
            (form) => [hasAll(form, 'text'), ...without(form), sql`not ${hasAll(form, 'title')}`],
            (form) => [
              ...conditions(form),
              sql`not ${hasAll(form, 'title')}`,
              sql`not ${hasAll(form, 'text')}`,
            ],
          ],
  };
}

/** PostgreSQL takes any set for a small one that it may look through for each row; so it makes it once. */
const large = (set: Condition): Condition => sql`(${set}) is true`;

const searchIn = ({ name }: SearchDefinition) => sql`${sql.table(name)} as found`;
export const SEARCH = searchIn(REGISTER_SEARCH);
const TITLES = searchIn(TITLE_SEARCH);
const SIZE = sql.lit(IDS_OF_RECORD);

/** What is asked of the texts that a reader may read. */
export class AskedTexts {
  readonly #generation: Generation;
  readonly #sight: InternalSight;
  readonly #id: RawBuilder<number>;

  constructor(generation: Generation, sight: InternalSight) {
    this.#generation = generation;
    this.#sight = sight;
    this.#id = sql.ref(generation.sql.foundId);
  }

  /**
   * The ids of all shown texts that have a term, where they are few; null where there are more. The whole word is looked up first: beginnings of
   * words are gathered before one is told.
   */
  async fewWith(term: TextTerm, most: number): Promise<readonly number[] | null> {
    const whole = await this.#someWith({ ...term, prefix: false }, most);
    return term.prefix && whole !== null ? this.#someWith(term, most) : whole;
  }

  async #someWith(term: TextTerm, most: number): Promise<readonly number[] | null> {
    const { db, sql: dialect } = this.#generation;
    const some = sql<{ id: number }>`(select ${this.#id} as id from ${SEARCH}
      where ${dialect.inTime(dialect.foundId)} ${this.#shown} and ${dialect.holds([term])} limit ${sql.lit(most + 1)})`;
    const texts = await (db as Kysely<RegisterTables>).selectFrom(some.as('some')).select('id').execute();
    return texts.length <= most ? texts.map(({ id }) => id) : null;
  }

  /** The records of these texts, as far as they are readable. */
  oneOf(ids: readonly number[], part: Part): Condition {
    const among = (first: TextKind, last: TextKind): Condition => {
      const [from, to] = [firstIdOf(first), lastIdOf(last)];
      const isAmong = (id: number) => id % IDS_OF_RECORD >= from && id % IDS_OF_RECORD <= to;
      const numbers = new Set(ids.filter(isAmong).map((id) => Math.floor(id / IDS_OF_RECORD)));
      return sql`number in ${this.#generation.sql.listedNumbers([...numbers])}`;
    };
    if (part !== 'readable') return among(part, part);
    if (typeof this.#sight === 'string')
      return among('title', this.#sight === 'all' ? 'internal' : 'comment');
    return sql`case when ${this.#isTheirs(this.#sight.exceptOf)} then ${among('title', 'comment')} else ${among('title', 'internal')} end`;
  }

  /** Where beginnings of words are gathered, the whole word is looked up first: where that suffices, the others are not even gathered. */
  quick(term: TextTerm, part: Part): Condition {
    const { words, prefix } = term;
    if (!prefix || this.#generation.sql.looksIntoFew) return this.#probe([term], part);
    return sql`(${this.#probe([{ words, prefix: false }], part)} or ${this.set([term], part)})`;
  }

  #probe(terms: readonly TextTerm[], part: Part): Condition {
    return sql`exists (select 1 from ${part === 'title' ? TITLES : SEARCH} where ${this.inRow(terms, part)})`;
  }

  /** The texts of the row that is looked at that have all of the terms. */
  inRow(terms: readonly TextTerm[], part: Part = 'readable'): Condition {
    const first = sql`number * ${SIZE} + ${this.#first(part)}`;
    const last = sql`number * ${SIZE} + ${this.#last(part)}`;
    return sql`(${this.#id} between ${first} and ${last} ${this.#shown} and ${this.#generation.sql.holdsOfFew(terms)})`;
  }

  /** The texts of the records with these numbers that have a term, as it is the beginning of a word; of all kinds. */
  ofRecords(term: TextTerm, numbers: RawBuilder<unknown>): Condition {
    const { sql: dialect } = this.#generation;
    return sql`(${this.#inTime} and ${this.#id} / ${SIZE} in ${numbers} ${this.#shown} and ${dialect.holds([term])})`;
  }

  /** Whether a text, by its id, is one of the row's that is looked at. */
  isReadable(id: RawBuilder<unknown>): Condition {
    return sql`(number = ${id} / ${SIZE} and ${id} % ${SIZE} <= ${this.#last('readable')})`;
  }

  /** The records that have one text with all of the terms, from a number on. */
  set(terms: readonly TextTerm[], part: Part, since?: number): Condition {
    const may = this.#generation.sql.mayHold(terms);
    if (may === null) return this.#found(this.#generation.sql.holds(terms), part, since);
    // The rows that are left when all else is asked are few, most often: into their texts one looks.
    return sql`(${this.#found(may, part, since)} and ${this.#probe(terms, part)})`;
  }

  #found(holds: Condition, part: Part, since?: number): Condition {
    if (part !== 'readable' || typeof this.#sight === 'string')
      return this.#set(holds, part, this.#last(part), since);
    const isTheirs = this.#isTheirs(this.#sight.exceptOf);
    const set = (last: TextKind) => this.#set(holds, part, sql.lit(lastIdOf(last)), since);
    return sql`case when ${isTheirs} then ${set('comment')} else ${set('internal')} end`;
  }

  #set(holds: Condition, part: Part, last: RawBuilder<unknown>, since?: number): Condition {
    const id = this.#id;
    const from = since === undefined ? sql`` : sql`and ${id} >= ${sql.lit(since * IDS_OF_RECORD)}`;
    return sql`number in (select ${id} / ${SIZE} from ${part === 'title' ? TITLES : SEARCH} where ${this.#inTime}
      and ${id} % ${SIZE} between ${this.#first(part)} and ${last} ${from} ${this.#shown} and ${holds})`;
  }

  #isTheirs(exceptOf: readonly string[]): Condition {
    return sql`recipient in ${this.#generation.sql.listed(exceptOf)}`;
  }

  #first(part: Part): RawBuilder<unknown> {
    return sql.lit(firstIdOf(part === 'readable' ? 'title' : part));
  }

  #last(part: Part): RawBuilder<unknown> {
    if (part !== 'readable') return sql.lit(lastIdOf(part));
    const sight = this.#sight;
    if (typeof sight === 'string') return sql.lit(lastIdOf(sight === 'all' ? 'internal' : 'comment'));
    return sql`case when ${this.#isTheirs(sight.exceptOf)}
      then ${sql.lit(lastIdOf('comment'))} else ${sql.lit(lastIdOf('internal'))} end`;
  }

  /** Of many texts it is not asked each time. */
  get #inTime(): Condition {
    const { sql: dialect } = this.#generation;
    return inTimeSeldom(dialect, this.#id, OF_128, dialect.foundId);
  }

  /** Texts that are in the index still, though they were redacted. */
  get #shown(): RawBuilder<unknown> {
    if (!this.#generation.isWithholding) return sql``;
    return sql`and exists (select 1 from ${sql.table(TEXTS.name)} as told where told.id = ${this.#id})`;
  }
}
