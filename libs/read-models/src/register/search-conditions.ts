import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Condition } from '#projections/filters';
import type { Models } from '#projections/projection';
import type { SearchDefinition } from '#projections/tables';
import type { InternalAccess } from '#state-machines/access';
import { withoutInternal } from '../ground.ts';
import { inTimeSampled, OF_128 } from '../sampled-time-limit.ts';
import type { RegisterTables } from './register-projection.ts';
import { IDS_OF_RECORD, lastReadable, REGISTER_SEARCH, TITLE_SEARCH } from './register-texts.ts';

/**
 * A search as typed. A record matches if its texts contain every required phrase, each in any text, and no excluded one.
 * A phrase can be one word.
 */
export interface Search {
  readonly required: readonly string[];
  readonly excluded: readonly string[];
}

/** Matches a phrase in quotes (the closing one is optional) or a run without spaces. A leading dash excludes it. */
const PHRASE = /(-)?(?:"([^"]*)"?|([^\s"]+))/gu;
/** The most words and characters of a search. Others are ignored, which only makes the result longer. */
const WORDS_MAX = 32;
const LENGTH_MAX = 500;

/** Returns what is searched for. Every input is valid; returns null if it is blank. */
export function readSearch(typed: string): Search | null {
  if (typed.trim() === '') return null;
  const words = typed.trim().slice(0, LENGTH_MAX).split(/\s+/u).slice(0, WORDS_MAX);
  const phrases = [...words.join(' ').matchAll(PHRASE)];
  const of = (isExcluded: boolean) => [
    ...new Set(
      phrases
        .filter(([, dash]) => (dash !== undefined) === isExcluded)
        .map(([, , quoted, word = '']) => quoted ?? word),
    ),
  ];
  return { required: of(false), excluded: of(true) };
}

/*
 * Each text is a document of the index, and a record matches a phrase in any of its texts. There are three ways to test
 * a row: a list of the records, if few texts contain the phrase; a look-up for each row (some microseconds each), if
 * most records match; otherwise the set of all matching records, which takes some tens of milliseconds for 100,000.
 */

/** A search as conditions on rows of the register. They use the columns `number` and `recipient`. */
export interface SearchConditions {
  readonly found: readonly Condition[];
  /** The conditions that divide the records found, best first: all words in the title, then the others. */
  readonly tiers: readonly Condition[];
  /** True if more records match than lists count. */
  readonly isOfMany: boolean;
}

/** The limits at which rows are tested in another way. They never affect which records are found. */
export interface SearchLimits {
  /** The most texts with a phrase that count as few. */
  readonly fewTexts: number;
  /** The number of latest records of which more than `many` must match so that each row is tested on its own. */
  readonly latest: number;
  readonly many: number;
}

export const SEARCH_LIMITS: SearchLimits = { fewTexts: 1_000, latest: 2_000, many: 1_000 };

/**
 * @param count returns the number of rows of the list that match more conditions, or one more than the limit; null if all
 * rows will be read.
 */
export async function searchConditions(
  models: Models,
  search: Search,
  sight: InternalAccess,
  limits: SearchLimits,
  count: ((more: readonly Condition[], most: number) => Promise<number>) | null,
): Promise<SearchConditions> {
  const { db, sql: dialect } = models;
  const required = await dialect.withWords(db, search.required);
  const excluded = await dialect.withWords(db, search.excluded);
  if (required.length + excluded.length === 0) return { found: [sql`false`], tiers: [], isOfMany: false };
  const texts = new TextConditions(models, sight);
  const rare = new Map<string, Condition>();
  for (const phrase of [...required, ...excluded]) {
    const few = await texts.fewWith([phrase], REGISTER_SEARCH, limits.fewTexts);
    if (few !== null) rare.set(phrase, texts.oneOf(few));
  }
  const by = (test: (phrase: string) => Condition): Condition[] => [
    ...required.map((phrase) => rare.get(phrase) ?? test(phrase)),
    ...excluded.map((phrase) => sql<boolean>`not ${rare.get(phrase) ?? test(phrase)}`),
  ];
  const isNarrow = required.some((phrase) => rare.has(phrase));
  const matchMany = async (): Promise<boolean> => {
    // The planner knows this number, so it reads only the texts from there on.
    const latest = await firstOfLatest(models, limits.latest);
    const conditions = [
      sql<boolean>`number >= ${sql.lit(latest)}`,
      ...by((phrase) => texts.set(phrase, latest)),
    ];
    return ((await count?.(conditions, limits.many)) ?? 0) > limits.many;
  };
  const isOfMany = !isNarrow && count !== null && (await matchMany());
  const inTitle = required.length === 0 ? null : await texts.inTitle(required, limits.fewTexts);
  return {
    found: by((phrase) => (isNarrow || isOfMany ? texts.ofRow(phrase) : texts.set(phrase))),
    tiers: inTitle === null ? [] : [inTitle, sql`not ${inTitle}`],
    isOfMany,
  };
}

/** Returns the number from which on there are at most `most` records. */
async function firstOfLatest({ db }: Models, most: number): Promise<number> {
  const before = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select('number')
    .orderBy('number', 'desc')
    .offset(most)
    .limit(1)
    .executeTakeFirst();
  return before === undefined ? 0 : before.number + 1;
}

const SIZE = sql.lit(IDS_OF_RECORD);

/** Stands for any record, where all are read or none. */
const ANY = { kind: '', recipient: null };

/** Conditions on the texts that a reader may read. */
class TextConditions {
  readonly #models: Models;
  readonly #sight: InternalAccess;
  readonly #id: RawBuilder<number>;
  readonly #texts: RawBuilder<unknown>;

  constructor(models: Models, sight: InternalAccess) {
    this.#models = models;
    this.#sight = sight;
    this.#id = sql.ref(models.sql.foundId);
    this.#texts = models.sql.searched(REGISTER_SEARCH);
  }

  /** Returns the ids of all texts with these phrases if there are few, else null. */
  async fewWith(
    phrases: readonly string[],
    search: SearchDefinition,
    most: number,
  ): Promise<readonly number[] | null> {
    const { db, sql: dialect } = this.#models;
    const some = sql<{ id: number }>`(select ${this.#id} as id from ${dialect.searched(search)}
      where ${dialect.inTime(dialect.foundId)} and ${dialect.matches(phrases, 'all')} limit ${sql.lit(most + 1)})`;
    const texts = await (db as Kysely<RegisterTables>).selectFrom(some.as('some')).select('id').execute();
    return texts.length <= most ? texts.map(({ id }) => id) : null;
  }

  /** Selects the records of these texts. */
  oneOf(ids: readonly number[]): Condition {
    return this.#readable((last) => {
      const numbers = ids
        .filter((id) => id % IDS_OF_RECORD <= last)
        .map((id) => Math.floor(id / IDS_OF_RECORD));
      return sql`number in ${this.#models.sql.listedNumbers([...new Set(numbers)])}`;
    });
  }

  /** Tests the texts of the current row. */
  ofRow(phrase: string): Condition {
    const first = sql`number * ${SIZE}`;
    return this.#readable(
      (last) => sql`exists (select 1 from ${this.#texts}
        where ${this.#id} between ${first} and ${first} + ${sql.lit(last)} and ${this.#matches([phrase])})`,
    );
  }

  /** Selects all records with a text that contains a phrase, from a number on. */
  set(phrase: string, from = 0): Condition {
    const id = this.#id;
    return this.#readable((last) =>
      this.#set(
        this.#texts,
        [phrase],
        sql`and ${id} >= ${sql.lit(from * IDS_OF_RECORD)} and ${id} % ${SIZE} <= ${sql.lit(last)}`,
      ),
    );
  }

  /** Selects the records whose title contains all phrases. */
  async inTitle(phrases: readonly string[], most: number): Promise<Condition> {
    const few = await this.fewWith(phrases, TITLE_SEARCH, most);
    if (few !== null) return this.oneOf(few);
    return this.#set(this.#models.sql.searched(TITLE_SEARCH), phrases, sql``);
  }

  /** `is true` makes both databases build the set once, and test each row in order. */
  #set(texts: RawBuilder<unknown>, phrases: readonly string[], where: RawBuilder<unknown>): Condition {
    const { sql: dialect } = this.#models;
    const inTime = inTimeSampled(dialect, this.#id, OF_128, dialect.foundId);
    return sql`((number in (select ${this.#id} / ${SIZE} from ${texts}
      where ${inTime} ${where} and ${this.#matches(phrases)})) is true)`;
  }

  #matches(phrases: readonly string[]): Condition {
    return this.#models.sql.matches(phrases, 'all');
  }

  /** Restricts a condition to the texts of a record up to the last readable one. */
  #readable(upTo: (last: number) => Condition): Condition {
    const sight = this.#sight;
    if (typeof sight === 'string') return upTo(lastReadable(sight, ANY));
    return sql`case when ${withoutInternal(sight, ['recipient', 'stream'], this.#models.sql)}
      then ${upTo(lastReadable('none', ANY))} else ${upTo(lastReadable('all', ANY))} end`;
  }
}
