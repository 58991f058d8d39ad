import { sql } from 'kysely';
import type { Kysely, RawBuilder } from 'kysely';
import type { Models } from '#projections/projection';
import { MATCH_MARKS } from '#projections/read-model-sql';
import type { InternalAccess } from '#state-machines/access';
import { streamOfItem } from '../record-row.ts';
import type { Listed } from '../record-row.ts';
import type { RegisterTables } from './register-projection.ts';
import { IDS_OF_RECORD, kindOf, lastReadable, REGISTER_SEARCH } from './register-texts.ts';
import type { TextKind } from './register-texts.ts';

/** A match in UTF-16 units; `to` is exclusive. */
interface Match {
  readonly from: number;
  readonly to: number;
}

/** A text in which a phrase was found. */
export interface Highlight {
  readonly field: Exclude<TextKind, 'internal'>;
  /** Set to `internal` for an internal comment. */
  readonly visibility?: 'internal';
  /** The event that contains the text. */
  readonly eventId: string;
  /** A part of the text, as the database cuts it. */
  readonly snippet: string;
  readonly matches: readonly Match[];
}

const HIGHLIGHTS_MAX = 3;

interface Excerpt {
  readonly id: number;
  readonly eventId: string;
  readonly excerpt: string;
}

/** Returns the items with the first texts of each that contain one of the phrases, title first. */
export async function withHighlights<Item extends Listed & { readonly recipient: string | null }>(
  models: Models,
  items: readonly Item[],
  phrases: readonly string[],
  sight: InternalAccess,
): Promise<(Item & { readonly highlights: readonly Highlight[] })[]> {
  const numbers = await numbersOf(models, items.map(streamOfItem));
  const numberOf = (item: Item) => numbers.get(streamOfItem(item)) ?? -1;
  const firsts = items.map((item) =>
    firstExcerpts(models, phrases, numberOf(item) * IDS_OF_RECORD, lastReadable(sight, item)),
  );
  const all =
    phrases.length === 0 || items.length === 0
      ? []
      : await (models.db as Kysely<{ excerpts: Excerpt }>)
          .selectFrom(sql<Excerpt>`(${sql.join(firsts, sql` union all `)})`.as('excerpts'))
          .selectAll()
          .execute();
  const ofRecord = Map.groupBy(all, ({ id }) => Math.floor(id / IDS_OF_RECORD));
  return items.map((item) => {
    const highlights = (ofRecord.get(numberOf(item)) ?? []).map(highlightOf);
    return { ...item, highlights: highlights.filter(({ matches }) => matches.length > 0) };
  });
}

async function numbersOf(
  { db, sql: dialect }: Models,
  streams: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await (db as Kysely<RegisterTables>)
    .selectFrom('register')
    .select(['stream', 'number'])
    .where('stream', 'in', dialect.listed(streams))
    .execute();
  return new Map(rows.map(({ stream, number }) => [stream, number]));
}

/**
 * Selects the first texts of a record that contain one of the phrases. SQLite's driver binds numbers as floats, which FTS5
 * would not use as limits.
 */
const firstExcerpts = (
  { sql: dialect }: Models,
  phrases: readonly string[],
  first: number,
  last: number,
): RawBuilder<Excerpt> => {
  const id = sql.ref(dialect.foundId);
  return sql`select * from (select ${id} as id,
      (select event_id from ${sql.table(REGISTER_SEARCH.table)} as stored where stored.id = ${id}) as "eventId",
      ${dialect.excerpt(REGISTER_SEARCH, phrases)} as excerpt
    from ${dialect.searched(REGISTER_SEARCH)}
    where ${id} between cast(${first} as bigint) and cast(${first + last} as bigint) and ${dialect.matches(phrases, 'any')}
    order by ${id} limit ${sql.lit(HIGHLIGHTS_MAX)}) as part`;
};

function highlightOf({ id, eventId, excerpt }: Excerpt): Highlight {
  const kind = kindOf(id);
  return {
    field: kind === 'internal' ? 'comment' : kind,
    ...(kind === 'internal' && { visibility: 'internal' as const }),
    eventId,
    ...withoutMarks(excerpt),
  };
}

const MARK = new RegExp(`([${Object.values(MATCH_MARKS).join('')}])`, 'u');

/** Returns an excerpt and the places of its matches. Marks that were in the text itself do no harm. */
function withoutMarks(excerpt: string): Pick<Highlight, 'snippet' | 'matches'> {
  const matches: Match[] = [];
  let snippet = '';
  let from: number | null = null;
  for (const piece of excerpt.split(MARK)) {
    if (piece === MATCH_MARKS.start) from = snippet.length;
    else if (piece !== MATCH_MARKS.stop) snippet += piece;
    else if (from !== null) {
      if (from < snippet.length) matches.push({ from, to: snippet.length });
      from = null;
    }
  }
  return { snippet, matches };
}
