import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Generation } from '#projections/projection';
import type { SearchDefinition } from '#projections/tables';
import type { TextTerm } from '#projections/tokenizer';
import type { InternalAccess } from '#state-machines/access';
import { inTimeSampled, OF_128 } from '../sampled-time-limit.ts';
import type { Condition } from '#projections/filters';
import type { RegisterTables } from './register-projection.ts';
import { firstIdOf, IDS_OF_RECORD, lastIdOf, REGISTER_SEARCH, TITLE_SEARCH } from './register-texts.ts';
import type { TextKind } from './register-texts.ts';
import type { Search } from './register-search.ts';

/*
 * Each text is a document of the index, and a record matches a term in any of its texts. A term is tested by a
 * look-up for the current row (`probe`: some microseconds a row, no preparation), or by the set of all matching records
 * (`set`: some tens of milliseconds for 100,000 matches, then almost nothing a row). If all terms are
 * common, the first rows in order are probed; if they do not fill a page, the sets are built.
 */

/** How rows are tested: by probing each, or by sets of matching records. */
export type SearchForm = 'quick' | 'sets';

/** The searched texts: all that the reader may read, or those of one kind. */
type Part = 'readable' | Extract<TextKind, 'title' | 'text'>;

/** A search as conditions on rows of the register. They use the columns `number` and `recipient`. */
export interface SearchConditions {
  readonly limits: SearchLimits;
  /** True if one term matches so few records that all of them are checked. */
  readonly isNarrow: boolean;
  readonly conditions: (form: SearchForm) => Condition[];
  /** Returns the conditions, restricted to the records from a number on. */
  readonly since: (number: number) => Condition[];
  /** The tiers, best first: all words in the title, then all in the text, then the others. */
  readonly tiers: readonly ((form: SearchForm) => Condition[])[];
}

/** The limits at which the strategy changes. They never affect which records are found. */
export interface SearchLimits {
  /** The most texts with a term that count as few. */
  readonly fewTexts: number;
  /** The numbers of rows to probe in order: first, and then if too few matched to fill a page. */
  readonly probedFirst: readonly number[];
  /** The numbers of the latest records to count: first, and then if that shows that more will be enough. */
  readonly countedFirst: readonly number[];
}

export const SEARCH_LIMITS: SearchLimits = {
  fewTexts: 1_000,
  probedFirst: [100, 400],
  countedFirst: [2_000, 10_000],
};

const NEVER: Condition = sql`false`;

export async function searchConditions(
  generation: Generation,
  search: Search,
  sight: InternalAccess,
  limits: SearchLimits,
): Promise<SearchConditions> {
  const { required, excluded, isVain } = search;
  const rare = new Map<TextTerm, readonly number[]>();
  const texts = new TextConditions(generation, sight);
  for (const term of [...required, ...excluded]) {
    const few = await texts.fewWith(term, limits.fewTexts);
    if (few !== null) rare.set(term, few);
  }
  const has = (form: SearchForm, part: Part, term: TextTerm): Condition => {
    const few = rare.get(term);
    if (few !== undefined) return texts.oneOf(few, part);
    return form === 'sets' ? large(texts.set([term], part)) : texts.quick(term, part);
  };
  const without = (form: SearchForm) =>
    excluded.map((term) => sql<boolean>`not ${has(form, 'readable', term)}`);
  // A record has one title and one text, so all words must be in the same document.
  const hasAll = (form: SearchForm, part: 'title' | 'text'): Condition =>
    form === 'sets'
      ? // Few titles contain all words. If most did, the first rows would have been enough.
        texts.set(required, part)
      : sql`(${sql.join(
          required.map((term) => has(form, part, term)),
          sql` and `,
        )})`;
  const since = (term: TextTerm, number: number): Condition =>
    rare.has(term) ? has('sets', 'readable', term) : large(texts.set([term], 'readable', number));
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

/** Makes PostgreSQL build a hash table once. It assumes that a set is small, and would scan it for each row. */
const large = (set: Condition): Condition => sql`(${set}) is true`;

const searchIn = ({ name }: SearchDefinition) => sql`${sql.table(name)} as found`;
export const SEARCH = searchIn(REGISTER_SEARCH);
const TITLES = searchIn(TITLE_SEARCH);
const SIZE = sql.lit(IDS_OF_RECORD);

/** Conditions on the texts that a reader may read. */
export class TextConditions {
  readonly #generation: Generation;
  readonly #sight: InternalAccess;
  readonly #id: RawBuilder<number>;

  constructor(generation: Generation, sight: InternalAccess) {
    this.#generation = generation;
    this.#sight = sight;
    this.#id = sql.ref(generation.sql.foundId);
  }

  /**
   * Returns the ids of all texts with a term if there are few, else null. Looks up the whole word first, because
   * collecting prefix matches takes longer.
   */
  async fewWith(term: TextTerm, most: number): Promise<readonly number[] | null> {
    const whole = await this.#someWith({ ...term, prefix: false }, most);
    return term.prefix && whole !== null ? this.#someWith(term, most) : whole;
  }

  async #someWith(term: TextTerm, most: number): Promise<readonly number[] | null> {
    const { db, sql: dialect } = this.#generation;
    const some = sql<{ id: number }>`(select ${this.#id} as id from ${SEARCH}
      where ${dialect.inTime(dialect.foundId)} and ${dialect.matches([term])} limit ${sql.lit(most + 1)})`;
    const texts = await (db as Kysely<RegisterTables>).selectFrom(some.as('some')).select('id').execute();
    return texts.length <= most ? texts.map(({ id }) => id) : null;
  }

  /** Selects the readable records of these texts. */
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

  /** Tests the current row. The whole word is tried first, so that prefix matches are collected only if necessary. */
  quick(term: TextTerm, part: Part): Condition {
    const { words, prefix } = term;
    if (!prefix || this.#generation.sql.looksIntoFew) return this.#probe([term], part);
    return sql`(${this.#probe([{ words, prefix: false }], part)} or ${this.set([term], part)})`;
  }

  #probe(terms: readonly TextTerm[], part: Part): Condition {
    return sql`exists (select 1 from ${part === 'title' ? TITLES : SEARCH} where ${this.inRow(terms, part)})`;
  }

  /** Selects the texts of the current row that contain all terms. */
  inRow(terms: readonly TextTerm[], part: Part = 'readable'): Condition {
    const first = sql`number * ${SIZE} + ${this.#first(part)}`;
    const last = sql`number * ${SIZE} + ${this.#last(part)}`;
    return sql`(${this.#id} between ${first} and ${last} and ${this.#generation.sql.matchesFew(terms)})`;
  }

  /** Selects the texts of the records with these numbers in which a word starts with the term. */
  ofRecords(term: TextTerm, numbers: RawBuilder<unknown>): Condition {
    const { sql: dialect } = this.#generation;
    return sql`(${this.#inTime} and ${this.#id} / ${SIZE} in ${numbers} and ${dialect.matches([term])})`;
  }

  /** Selects texts, by id, that belong to the current row and are readable. */
  isReadable(id: RawBuilder<unknown>): Condition {
    return sql`(number = ${id} / ${SIZE} and ${id} % ${SIZE} <= ${this.#last('readable')})`;
  }

  /** Selects the records, from a number on, with a text that contains all terms. */
  set(terms: readonly TextTerm[], part: Part, since?: number): Condition {
    const may = this.#generation.sql.mayMatch(terms);
    if (may === null) return this.#found(this.#generation.sql.matches(terms), part, since);
    // The other condition usually leaves few rows, whose texts are then probed.
    return sql`(${this.#found(may, part, since)} and ${this.#probe(terms, part)})`;
  }

  #found(matches: Condition, part: Part, since?: number): Condition {
    if (part !== 'readable' || typeof this.#sight === 'string')
      return this.#set(matches, part, this.#last(part), since);
    const isTheirs = this.#isTheirs(this.#sight.exceptOf);
    const set = (last: TextKind) => this.#set(matches, part, sql.lit(lastIdOf(last)), since);
    return sql`case when ${isTheirs} then ${set('comment')} else ${set('internal')} end`;
  }

  #set(matches: Condition, part: Part, last: RawBuilder<unknown>, since?: number): Condition {
    const id = this.#id;
    const from = since === undefined ? sql`` : sql`and ${id} >= ${sql.lit(since * IDS_OF_RECORD)}`;
    return sql`number in (select ${id} / ${SIZE} from ${part === 'title' ? TITLES : SEARCH} where ${this.#inTime}
      and ${id} % ${SIZE} between ${this.#first(part)} and ${last} ${from} and ${matches})`;
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

  /** Returns the condition for the time limit, checked on a sample of texts. */
  get #inTime(): Condition {
    const { sql: dialect } = this.#generation;
    return inTimeSampled(dialect, this.#id, OF_128, dialect.foundId);
  }
}
