import { sql } from 'kysely';
import type { Kysely, RawBuilder, SqlBool } from 'kysely';
import type { Pointer } from '#event-sourcing/envelope';
import type { Redaction } from '#event-sourcing/event-store';
import { isInternalComment } from '#state-machines/inspection-recommendation/v1/record';
import { isNamed } from '#state-machines/inspection-recommendation/v1/record-event';
import type { AnyData } from '#state-machines/inspection-recommendation/v1/record-event';
import type { Generation } from '#projections/projection';
import type { ReadModelSql } from '#projections/read-model-sql';
import type { SearchDefinition, TableDefinition } from '#projections/tables';
import { REPORT_NAME, TITLE } from '../record-row.ts';
import type { ProjectedEvent } from '../record-row.ts';

/** One searchable text: a title, the text as it stands, the name of the report, or a comment, public or internal. */
export interface RegisterText {
  /** Says of which record it is and what it is, as `textId` writes it: the same in every generation. */
  id: number;
  record_id: string;
  event_id: string;
  pointer: string;
  text: string;
}

interface TextTables {
  register_texts: RegisterText;
}

export const TEXTS: TableDefinition = {
  name: 'register_texts',
  columns: { id: 'integer', record_id: 'text', event_id: 'text', pointer: 'text', text: 'text' },
  key: 'id',
  indexes: [['record_id', 'event_id']],
};

export const REGISTER_SEARCH: SearchDefinition = { name: 'register_search', table: 'register_texts' };

const TEXT = '/data/text';

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

/** Which searchable texts a redaction names. */
const searchedIn = (erased: readonly Pointer[]): string[] =>
  [TITLE, TEXT, REPORT_NAME].filter((pointer) => isNamed(erased, pointer));

/** Texts of a record to take out of the search: those of one event, by pointer. */
type Removal = Pick<RegisterText, 'record_id' | 'event_id'> & { readonly pointers: readonly string[] };

/** Adds what a batch says, and takes out what it replaces or erases, also of what it says itself. */
export async function writeTexts(
  generation: Generation,
  events: readonly ProjectedEvent[],
  before: ReadonlyMap<string, TextEvents>,
  numberOf: (recordId: string) => number,
): Promise<void> {
  const said = new Map([...before].map(([id, row]) => [id, saidBy(row)]));
  const removals: Removal[] = [];
  const added = new Map<string, RegisterText>();
  for (const event of events) {
    for (const removal of removalsBy(event, said.get(event.recordId))) {
      // What the batch says itself is not written yet.
      const pointers = removal.pointers.filter((pointer) => !added.delete(keyOf(removal, pointer)));
      if (pointers.length > 0) removals.push({ ...removal, pointers });
    }
    said.set(event.recordId, saidAfter(said.get(event.recordId), event));
    for (const text of textsOf(event, numberOf(event.recordId))) added.set(keyOf(text, text.pointer), text);
  }
  for (const removal of removals) await removeTexts(generation, removal, numberOf(removal.record_id));
  if (added.size === 0) return;
  const texts = [...added.values()];
  await generation.sql.upsert(generation.db, TEXTS, texts);
  for (const search of REGISTER_SEARCHES)
    await generation.sql.addToSearch(generation.db, search, heldBy(search, texts));
}

const keyOf = ({ event_id }: Pick<RegisterText, 'event_id'>, pointer: string): string => event_id + pointer;

/** The events that title and text stand in. */
interface TextEvents {
  readonly title_event: string;
  readonly text_event: string;
}

/** The same by their pointers. */
type Said = Readonly<Record<string, string>>;

const saidBy = ({ title_event, text_event }: TextEvents): Said => ({
  [TITLE]: title_event,
  [TEXT]: text_event,
});

/** The pointers of what an amendment says instead, also where it is erased. */
const amendedBy = ({ type, commitments }: ProjectedEvent): string[] =>
  type === 'TextAmended' ? [TITLE, TEXT].filter((pointer) => Object.hasOwn(commitments, pointer)) : [];

function saidAfter(before: Said = {}, event: ProjectedEvent): Said {
  const pointers = event.version === 1 ? [TITLE, TEXT] : amendedBy(event);
  if (pointers.length === 0) return before;
  return { ...before, ...Object.fromEntries(pointers.map((pointer) => [pointer, event.eventId])) };
}

function removalsBy(event: ProjectedEvent, said: Said = {}): Removal[] {
  const { recordId: record_id, type, data } = event;
  if (type === 'CommentRedacted') {
    return [{ record_id, event_id: data.eventId, pointers: searchedIn(data.erased) }];
  }
  if (type === 'CommentAdded' && data.completes !== undefined) {
    return [{ record_id, event_id: data.completes, pointers: [TEXT] }];
  }
  return amendedBy(event).flatMap((pointer) => {
    const event_id = said[pointer];
    return event_id === undefined ? [] : [{ record_id, event_id, pointers: [pointer] }];
  });
}

function textsOf(event: ProjectedEvent, number: number): RegisterText[] {
  const { recordId, eventId, version } = event;
  return searchedTexts(event).flatMap(([kind, pointer, text]) =>
    text === undefined
      ? []
      : [{ id: textId(number, kind, version), record_id: recordId, event_id: eventId, pointer, text }],
  );
}

/** The searchable texts of an event; undefined where one is erased or absent. */
function searchedTexts(event: ProjectedEvent): [TextKind, Pointer, string | undefined][] {
  const { title, text, report }: AnyData = event.data;
  switch (event.type) {
    case 'RecommendationIssued':
      return [
        ['title', TITLE, title],
        ['text', TEXT, text],
        ['report', REPORT_NAME, report?.name],
      ];
    case 'TextAmended':
      return [
        ['title', TITLE, title],
        ['text', TEXT, text],
      ];
    case 'CommentAdded':
      return [[isInternalComment(event) ? 'internal' : 'comment', TEXT, text]];
    default:
      return [];
  }
}

/** The text of each of some records as it stands, by their ids. */
export async function currentTexts(
  { db, sql: dialect }: Generation,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const texts = await (db as Kysely<TextTables & { register: { id: string; text_event: string } }>)
    .selectFrom('register')
    .innerJoin('register_texts', (on) =>
      on
        .onRef('register_texts.record_id', '=', 'register.id')
        .onRef('register_texts.event_id', '=', 'register.text_event')
        .on('register_texts.pointer', '=', TEXT),
    )
    .where('register.id', 'in', dialect.listed(ids))
    .select(['register.id', 'register_texts.text'])
    .execute();
  return new Map(texts.map(({ id, text }) => [id, text]));
}

/** By their ids as well: the index of events is not there yet where the rows are still to come to the log's end. */
async function removeTexts(
  { number, db, sql: dialect }: Generation,
  { record_id, event_id, pointers }: Removal,
  ofRecord: number,
): Promise<void> {
  const texts = await (db as Kysely<TextTables>)
    .selectFrom('register_texts')
    .selectAll()
    .where('record_id', '=', record_id)
    .where('event_id', '=', event_id)
    .where('id', '>=', ofRecord * IDS_OF_RECORD)
    .where('id', '<', (ofRecord + 1) * IDS_OF_RECORD)
    .execute();
  const removed = texts.filter(({ pointer }) => pointers.includes(pointer));
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
