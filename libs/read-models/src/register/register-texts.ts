import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import type { Pointer } from '#event-sourcing/envelope';
import type { Redaction } from '#event-sourcing/event-store';
import { redactionOf } from '#event-sourcing/erasure';
import { lifecycles } from '#state-machines/lifecycles';
import type { Generation } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { SearchDefinition, TableDefinition } from '#projections/tables';
import type { ProjectedEvent } from '../record-row.ts';

/** One searchable text: a title, the text as it stands, the name of the report, or a comment, public or internal. */
export interface RegisterText {
  /** Says of which record it is and what it is, as `textId` writes it: the same in every generation. */
  id: number;
  event_id: string;
  pointer: string;
  text: string;
}

interface TextTables {
  register_texts: RegisterText;
}

export const TEXTS: TableDefinition = {
  name: 'register_texts',
  columns: { id: 'integer', event_id: 'text', pointer: 'text', text: 'text' },
  key: 'id',
  indexes: [],
};

export const REGISTER_SEARCH: SearchDefinition = { name: 'register_search', table: 'register_texts' };

/** What a text is, in the order in which a record has its texts: internal ones are last. */
const TEXT_KINDS = ['title', 'text', 'report', 'comment', 'internal'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

/** How many versions a record can have, as far as ids of texts go: many times as many as a record takes. */
const VERSIONS = 2 ** 18;
/**
 * The texts of a record have the ids from its number times this on. So of any text that is found its id says of which record it
 * is, those of a record are found side by side, and those of a kind as well.
 */
export const IDS_OF_RECORD = TEXT_KINDS.length * VERSIONS;

/** Where the ids of a kind begin, from those of the record on. */
export const firstIdOf = (kind: TextKind): number => TEXT_KINDS.indexOf(kind) * VERSIONS;
export const lastIdOf = (kind: TextKind): number => firstIdOf(kind) + VERSIONS - 1;
export const kindOf = (id: number): TextKind =>
  TEXT_KINDS[Math.floor((id % IDS_OF_RECORD) / VERSIONS)] as TextKind;

/** Titles alone: what has all words in its title comes first, and is not to be looked for among all texts. */
export const TITLE_SEARCH: SearchDefinition = {
  name: 'register_title_search',
  table: 'register_texts',
  holds: (id) => kindOf(id) === 'title',
};

export const REGISTER_SEARCHES = [REGISTER_SEARCH, TITLE_SEARCH] as const;

const heldBy = ({ holds = () => true }: SearchDefinition, texts: readonly RegisterText[]): RegisterText[] =>
  texts.filter(({ id }) => holds(id));

/** @throws RangeError where a version or a number is beyond what ids have room for. */
function textId(number: number, kind: TextKind, version: number): number {
  const id = number * IDS_OF_RECORD + firstIdOf(kind) + version;
  if (version >= VERSIONS || !Number.isSafeInteger(id))
    throw new RangeError(`No id is left for a text of version ${version} of record number ${number}`);
  return id;
}

/** The texts that queries are shown while redactions are not folded yet. */
export const textsShown = (redactions: readonly Redaction[], dialect: ReadModelSql): RawBuilder<SqlBool> => {
  const named = redactions.flatMap(({ eventId, erased }) =>
    searchedIn(erased).map((pointer) => eventId + pointer),
  );
  return sql`event_id || pointer not in ${dialect.listed(named)}`;
};

/** Where texts that are looked for are in events. */
const SEARCHED: readonly Pointer[] = [
  ...new Set(
    lifecycles.currents.flatMap(({ code }) =>
      Object.values(code.texts?.at ?? {}).flatMap((said) =>
        Object.entries(said).flatMap(([pointer, kind]) => (kind === 'owner' ? [] : [pointer])),
      ),
    ),
  ),
];

/** Which searchable texts a redaction names. */
const searchedIn = (erased: readonly Pointer[]): string[] =>
  SEARCHED.filter((pointer) => lifecycles.isNamed(erased, pointer));

/** Texts of a record to take out of the search: those from one kind up to another, of one event alone where it is named. */
interface Removal {
  readonly kinds: readonly [first: TextKind, last: TextKind];
  readonly eventId?: string;
  readonly pointers?: readonly string[];
}

/** Adds what a batch says, and takes out what it replaces or erases, also of what it says itself. */
export async function writeTexts(
  generation: Generation,
  events: readonly ProjectedEvent[],
  numberOf: (stream: string) => number,
): Promise<void> {
  const added = new Map<number, RegisterText[]>();
  for (const event of events) {
    const number = numberOf(event.streamId);
    let own = added.get(number) ?? [];
    for (const removal of removalsBy(event)) {
      await removeTexts(generation, removal, number);
      // What the batch says itself is not written yet.
      own = own.filter((text) => !isTaken(text, removal, number));
    }
    own.push(...searchedTexts(event, number));
    added.set(number, own);
  }
  const texts = [...added.values()].flat();
  if (texts.length === 0) return;
  await generation.sql.upsert(generation.db, TEXTS, texts);
  for (const search of REGISTER_SEARCHES)
    await generation.sql.addToSearch(generation.db, search, heldBy(search, texts));
}

const idsOf = (number: number, [first, last]: Removal['kinds']) => ({
  first: number * IDS_OF_RECORD + firstIdOf(first),
  last: number * IDS_OF_RECORD + lastIdOf(last),
});

function isTaken(
  { id, event_id, pointer }: RegisterText,
  { kinds, eventId = event_id, pointers = [pointer] }: Removal,
  number: number,
): boolean {
  const { first, last } = idsOf(number, kinds);
  return id >= first && id <= last && event_id === eventId && pointers.includes(pointer);
}

/** A title or text takes the place of the one before it, also where it is erased. */
function removalsBy(event: ProjectedEvent): Removal[] {
  const redaction = redactionOf(event);
  if (redaction !== null) {
    const { eventId, erased } = redaction;
    const pointers = searchedIn(erased);
    return pointers.length === 0 ? [] : [{ kinds: ['title', 'internal'], eventId, pointers }];
  }
  const completed = event.rules.code.texts?.completes?.(event) ?? null;
  if (completed !== null) return [{ kinds: ['comment', 'internal'], eventId: completed }];
  if (event.version === 1) return [];
  return event.texts.flatMap(({ kind }) =>
    kind === 'title' || kind === 'text' ? [{ kinds: [kind, kind] }] : [],
  );
}

/** The texts of an event that can be looked for, but for those that were erased. */
const searchedTexts = ({ version, texts }: ProjectedEvent, number: number): RegisterText[] =>
  texts.flatMap(({ kind, eventId: event_id, pointer, value: text }) =>
    kind === 'owner' || text === null ? [] : [{ id: textId(number, kind, version), event_id, pointer, text }],
  );

/** The text of each of some records as it stands, by their streams. */
export async function currentTexts(
  { db, sql: dialect }: Generation,
  streams: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const first = sql`${sql.ref('register.number')} * ${sql.lit(IDS_OF_RECORD)}`;
  const texts = await (db as Kysely<TextTables & { register: { stream: string; number: number } }>)
    .selectFrom('register')
    .innerJoin('register_texts', (on) =>
      on.on(
        sql<SqlBool>`${sql.ref('register_texts.id')} between ${first} + ${sql.lit(firstIdOf('text'))} and ${first} + ${sql.lit(lastIdOf('text'))}`,
      ),
    )
    .where('register.stream', 'in', dialect.listed(streams))
    .select(['register.stream', 'register_texts.text'])
    .execute();
  return new Map(texts.map(({ stream, text }) => [stream, text]));
}

async function removeTexts(generation: Generation, removal: Removal, ofRecord: number): Promise<void> {
  const { number, db, sql: dialect } = generation;
  const { first, last } = idsOf(ofRecord, removal.kinds);
  const texts = await (db as Kysely<TextTables>)
    .selectFrom('register_texts')
    .selectAll()
    .where('id', '>=', first)
    .where('id', '<=', last)
    .$if(removal.eventId !== undefined, (query) => query.where('event_id', '=', removal.eventId ?? ''))
    .execute();
  const removed = texts.filter((text) => isTaken(text, removal, ofRecord));
  if (removed.length === 0) return;
  for (const search of REGISTER_SEARCHES)
    await dialect.removeFromSearch(db, search, number, heldBy(search, removed));
  await (db as Kysely<TextTables>)
    .deleteFrom('register_texts')
    .where(
      'id',
      'in',
      removed.map(({ id }) => id),
    )
    .execute();
}
