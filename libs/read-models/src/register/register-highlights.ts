import { sql } from 'kysely';
import type { Kysely } from 'kysely';
import { streamOfItem } from '../record-row.ts';
import type { Listed } from '../record-row.ts';
import type { Generation } from '#projections/projection';
import type { Mark, TextTerm } from '#projections/tokenizer';
import type { InternalAccess } from '#state-machines/access';
import { TextConditions, SEARCH } from './search-conditions.ts';
import type { RegisterTables } from './register-projection.ts';
import type { Search } from './register-search.ts';
import { kindOf } from './register-texts.ts';
import type { RegisterText, TextKind } from './register-texts.ts';

/** A text in which a search term was found. */
export interface Highlight {
  readonly field: Exclude<TextKind, 'internal'>;
  /** Set to `internal` for an internal comment. */
  readonly visibility?: 'internal';
  /** The event that contains the text. */
  readonly eventId: string;
  /** The part of the text that is shown, verbatim. */
  readonly snippet: string;
  /** The matches in the snippet, in UTF-16 units; `to` is exclusive. */
  readonly matches: readonly Mark[];
  /** True if the text continues before or after the snippet. */
  readonly cutBefore: boolean;
  readonly cutAfter: boolean;
}

const HIGHLIGHTS_MAX = 3;
/** The most UTF-16 units that are scanned for one page. A longer text is listed without a snippet. */
const LOOKED_THROUGH_MAX = 2 ** 20;
const OF_ONE_TEXT_MAX = 2 ** 16;
/**
 * The number of units after which the scan yields to other requests: about one millisecond, or two for a longer text.
 */
const AT_ONCE = 2 ** 15;

/** Returns the items with some matches each, title first; they cover every term if possible. */
export async function withHighlights<Item extends Listed>(
  generation: Generation,
  items: readonly Item[],
  { required }: Search,
  sight: InternalAccess,
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

/** Returns the matches of the terms in each text. */
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

/** Returns the ids of the texts to show, by record: the first text with each term, then others. */
async function chosenTexts(
  generation: Generation,
  records: readonly string[],
  terms: readonly TextTerm[],
  sight: InternalAccess,
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
  /** 1 for the record's first text. */
  readonly place: number;
}

/**
 * Returns the first texts of each record that contain a term. Prefix matches are used only for records without a match
 * of the whole word.
 */
async function textsWith(
  generation: Generation,
  records: readonly string[],
  { words, prefix }: TextTerm,
  sight: InternalAccess,
  most: number,
): Promise<FoundText[]> {
  const texts = new TextConditions(generation, sight);
  const id = sql.ref(generation.sql.foundId);
  const inRow = texts.inRow([{ words, prefix: false }]);
  const whole: FoundText[] = [];
  // Reads one text per record at a time in index order, because the database estimates the number of texts badly.
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
  return [...whole, ...(await textsWithPrefix(generation, [...without], { words, prefix }, texts))];
}

/** Returns the first texts of each record in which a word starts with the term. */
async function textsWithPrefix(
  { db, sql: dialect }: Generation,
  records: readonly string[],
  term: TextTerm,
  texts: TextConditions,
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

/** Returns the texts with these ids, in order, up to the scan limit. */
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

/** The approximate length of a snippet, and of its part before the first match. */
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

/** Returns the range of whole words to show around the first match. */
function windowOf(text: string, first: Mark): readonly [from: number, to: number] {
  if (text.length <= SNIPPET_LENGTH) return [0, text.length];
  const earliest = Math.max(0, Math.min(first.from - LEAD_LENGTH, text.length - SNIPPET_LENGTH));
  const from = earliest === 0 ? 0 : atWord(text, earliest, first.from);
  const latest = Math.min(text.length, from + SNIPPET_LENGTH);
  if (latest === text.length) return [from, latest];
  const space = text.lastIndexOf(' ', latest);
  return [from, space > first.to ? space : betweenCharacters(text, latest)];
}

/** Returns the start of a word near a position, or at least a position that does not split a character. */
function atWord(text: string, from: number, before: number): number {
  const space = text.indexOf(' ', from - 1);
  return space !== -1 && space < before ? space + 1 : betweenCharacters(text, from);
}

const betweenCharacters = (text: string, at: number): number => {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
};
