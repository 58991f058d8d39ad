import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { streamOfItem } from '../record-row.ts';
import type { Listed } from '../record-row.ts';
import type { Generation } from '#projections/projection';
import type { Mark, TextTerm } from '#projections/tokenizer';
import type { InternalSight } from '#state-machines/access';
import { AskedTexts, SEARCH } from './search-conditions.ts';
import type { RegisterTables } from './register-projection.ts';
import type { Search } from './register-search.ts';
import { kindOf } from './register-texts.ts';
import type { RegisterText, TextKind } from './register-texts.ts';

/** A place where what was looked for was found. */
export interface Highlight {
  readonly field: Exclude<TextKind, 'internal'>;
  /** Of a comment that not everybody reads. */
  readonly visibility?: 'internal';
  /** The event that says the text. */
  readonly eventId: string;
  /** Some of the text, as it was written. */
  readonly snippet: string;
  /** What was found in the snippet, in UTF-16 units of it; `to` is behind the last one. */
  readonly matches: readonly Mark[];
  /** Whether the text has more before the snippet, and behind it. */
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
}

const HIGHLIGHTS_MAX = 3;
/** Of a page's texts, and of one of them, so many UTF-16 units are looked through; what is beyond is found, and shown without a snippet. */
const LOOKED_THROUGH_MAX = 2 ** 20;
const OF_ONE_TEXT_MAX = 2 ** 16;
/** After so many of them others have their turn: a millisecond, or two for one text that is longer. */
const AT_ONCE = 2 ** 15;

/** The items with the places where each was found, title first: a few each, so that every term is among them where that can be. */
export async function withHighlights<Item extends Listed>(
  generation: Generation,
  items: readonly Item[],
  { required }: Search,
  sight: InternalSight,
): Promise<(Item & { readonly highlights: readonly Highlight[] })[]> {
  const ids = items.map(streamOfItem);
  const chosen = required.length === 0 ? [] : await chosenTexts(generation, ids, required, sight);
  const texts = await readTexts(
    generation,
    chosen.flatMap(([, own]) => own),
  );
  const marks = await marksIn(generation, texts, required);
  const found = texts
    .map((text, index) => ({ ...text, marks: marks[index] ?? [] }))
    .filter(({ marks }) => marks.length > 0);
  const textsOf = new Map(chosen);
  return items.map((item) => {
    const own = textsOf.get(streamOfItem(item)) ?? [];
    return { ...item, highlights: found.filter(({ id }) => own.includes(id)).map(highlightOf) };
  });
}

/** Where the terms stand in each text. */
async function marksIn(
  { sql: { words } }: Generation,
  texts: readonly RegisterText[],
  terms: readonly TextTerm[],
): Promise<(readonly Mark[])[]> {
  const marks: (readonly Mark[])[] = [];
  let length = 0;
  for (const { text } of texts) {
    const beginning = text.slice(0, OF_ONE_TEXT_MAX);
    length += beginning.length;
    if (length > AT_ONCE) {
      await new Promise((done) => setImmediate(done));
      length = beginning.length;
    }
    marks.push(words.marksIn(beginning, terms));
  }
  return marks;
}

/** The ids of texts to show, by their record: the first with each term, and then the next ones. */
async function chosenTexts(
  generation: Generation,
  records: readonly string[],
  terms: readonly TextTerm[],
  sight: InternalSight,
): Promise<[record: string, ids: number[]][]> {
  const first = new Map<string, number[]>();
  const next = new Map<string, number[]>();
  const most = Math.ceil(HIGHLIGHTS_MAX / terms.length);
  for (const term of terms) {
    for (const { record, id, place } of await textsWith(generation, records, term, sight, most)) {
      const ids = place === 1 ? first : next;
      ids.set(record, [...(ids.get(record) ?? []), id]);
    }
  }
  return records.map((record) => {
    const inOrder = (ids: readonly number[] = []) => ids.toSorted((a, b) => a - b);
    const ids = new Set([...inOrder(first.get(record)), ...inOrder(next.get(record))]);
    return [record, inOrder([...ids].slice(0, HIGHLIGHTS_MAX))];
  });
}

interface FoundText {
  readonly record: string;
  readonly id: number;
  /** 1 for the first of the record's. */
  readonly place: number;
}

/** The first texts of each record that have a term. Whole words are enough where a record has them; a beginning of one is not. */
async function textsWith(
  generation: Generation,
  records: readonly string[],
  { words, prefix }: TextTerm,
  sight: InternalSight,
  most: number,
): Promise<FoundText[]> {
  const texts = new AskedTexts(generation, sight);
  const id = sql.ref(generation.sql.foundId);
  const inRow = texts.inRow([{ words, prefix: false }]);
  const whole: FoundText[] = [];
  // One of each record at a time, in the order of an index: how many there are is anybody's guess, and guessed wrong.
  for (let place = 1, left = records; place <= most && left.length > 0; place += 1) {
    const nth = sql<
      number | null
    >`(select ${id} from ${SEARCH} where ${inRow} order by ${id} limit 1 offset ${sql.lit(place - 1)})`;
    const rows = await (generation.db as Kysely<RegisterTables>)
      .selectFrom('register')
      .select(['stream as record', nth.as('id')])
      .where('stream', 'in', left)
      .execute();
    const found = rows.flatMap(({ record, id }) => (id === null ? [] : [{ record, id, place }]));
    whole.push(...found);
    left = found.map(({ record }) => record);
  }
  const without = new Set(records).difference(new Set(whole.map(({ record }) => record)));
  if (!prefix || without.size === 0) return whole;
  return [...whole, ...(await textsBegun(generation, [...without], { words, prefix }, texts))];
}

/** The same where a word begins as a term says. */
async function textsBegun(
  { db, sql: dialect }: Generation,
  records: readonly string[],
  term: TextTerm,
  texts: AskedTexts,
): Promise<FoundText[]> {
  const numbers = sql`(select number from ${sql.table('register')} where stream in (${sql.join(records)}))`;
  const begun = sql`(select ${sql.ref(dialect.foundId)} as id from ${SEARCH} where ${texts.ofRecords(term, numbers)})`;
  const placed = sql<FoundText>`(select register.stream as record, begun.id as id,
      row_number() over (partition by register.stream order by begun.id) as place
    from ${begun} as begun join ${sql.table('register')} as register on ${texts.isReadable(sql.ref('begun.id'))})`;
  return (db as Kysely<RegisterTables>)
    .selectFrom(placed.as('placed'))
    .selectAll()
    .where('place', '<=', HIGHLIGHTS_MAX)
    .execute();
}

/** The texts with these ids, in their order, as far as they may be looked through. */
async function readTexts({ db }: Generation, ids: readonly number[]): Promise<RegisterText[]> {
  if (ids.length === 0) return [];
  const texts = await (db as Kysely<RegisterTables>)
    .selectFrom('register_texts')
    .selectAll()
    .where('id', 'in', ids)
    .execute();
  const byId = new Map(texts.map((text) => [text.id, text]));
  let left = LOOKED_THROUGH_MAX;
  return ids
    .flatMap((id) => byId.get(id) ?? [])
    .filter(({ text }) => (left -= Math.min(text.length, OF_ONE_TEXT_MAX)) >= 0);
}

/** About how much of a text is shown, and how much of that before the first place. */
const SNIPPET_LENGTH = 160;
const LEAD_LENGTH = 40;

function highlightOf({
  id,
  event_id,
  text,
  marks,
}: RegisterText & { readonly marks: readonly Mark[] }): Highlight {
  const kind = kindOf(id);
  const [from, to] = windowOf(text, marks[0] as Mark);
  const matches = marks
    .filter((mark) => mark.from < to && mark.to > from)
    .map((mark) => ({ from: Math.max(mark.from, from) - from, to: Math.min(mark.to, to) - from }));
  return {
    field: kind === 'internal' ? 'comment' : kind,
    ...(kind === 'internal' && { visibility: 'internal' as const }),
    eventId: event_id,
    snippet: text.slice(from, to),
    matches,
    cutBefore: from > 0,
    cutAfter: to < text.length,
  };
}

/** What is shown of a text: whole words around the first place, as far as there are such. */
function windowOf(text: string, first: Mark): readonly [from: number, to: number] {
  if (text.length <= SNIPPET_LENGTH) return [0, text.length];
  const earliest = Math.max(0, Math.min(first.from - LEAD_LENGTH, text.length - SNIPPET_LENGTH));
  const from = earliest === 0 ? 0 : atWord(text, earliest, first.from);
  const latest = Math.min(text.length, from + SNIPPET_LENGTH);
  if (latest === text.length) return [from, latest];
  const space = text.lastIndexOf(' ', latest);
  return [from, space > first.to ? space : betweenCharacters(text, latest)];
}

/** Where a word begins, or where at least no character is cut in two. */
function atWord(text: string, from: number, before: number): number {
  const space = text.indexOf(' ', from - 1);
  return space !== -1 && space < before ? space + 1 : betweenCharacters(text, from);
}

const betweenCharacters = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
};
