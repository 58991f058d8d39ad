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
  stream: string;
  event_id: string;
  pointer: string;
  text: string;
}

interface TextTables {
  register_texts: RegisterText;
}

export const TEXTS: TableDefinition = {
  name: 'register_texts',
  columns: { id: 'integer', stream: 'text', event_id: 'text', pointer: 'text', text: 'text' },
  key: 'id',
  indexes: [['stream', 'event_id']],
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

/** Texts of a record to take out of the search: some of those of one event. */
interface Removal extends Pick<RegisterText, 'stream' | 'event_id'> {
  readonly takes: (text: Pick<RegisterText, 'id' | 'pointer'>) => boolean;
}

/** Adds what a batch says, and takes out what it replaces or erases, also of what it says itself. */
export async function writeTexts(
  generation: Generation,
  events: readonly ProjectedEvent[],
  before: ReadonlyMap<string, TextEvents>,
  numberOf: (stream: string) => number,
): Promise<void> {
  const said = new Map<string, TextEvents>(before);
  const removals: Removal[] = [];
  const added = new Map<string, RegisterText[]>();
  for (const event of events) {
    const { streamId, eventId } = event;
    for (const removal of removalsBy(event, said.get(streamId))) {
      const own = added.get(removal.event_id);
      // What the batch says itself is not written yet.
      if (own === undefined) removals.push(removal);
      else
        added.set(
          removal.event_id,
          own.filter((text) => !removal.takes(text)),
        );
    }
    said.set(streamId, saidAfter(said.get(streamId), event));
    const texts = searchedTexts(event, numberOf(streamId));
    if (texts.length > 0) added.set(eventId, texts);
  }
  for (const removal of removals) await removeTexts(generation, removal, numberOf(removal.stream));
  const texts = [...added.values()].flat();
  if (texts.length === 0) return;
  await generation.sql.upsert(generation.db, TEXTS, texts);
  for (const search of REGISTER_SEARCHES)
    await generation.sql.addToSearch(generation.db, search, heldBy(search, texts));
}

/** The events that title and text stand in. */
interface TextEvents {
  readonly title_event: string;
  readonly text_event: string;
}

const says = ({ texts }: ProjectedEvent, kind: TextKind): boolean => texts.some((text) => text.kind === kind);

function saidAfter(before: TextEvents | undefined, event: ProjectedEvent): TextEvents {
  const { eventId } = event;
  if (before === undefined) return { title_event: eventId, text_event: eventId };
  return {
    title_event: says(event, 'title') ? eventId : before.title_event,
    text_event: says(event, 'text') ? eventId : before.text_event,
  };
}

/** A title or text takes the place of the one before it, also where it is erased. */
function removalsBy(event: ProjectedEvent, said: TextEvents | undefined): Removal[] {
  const { streamId: stream } = event;
  const redaction = redactionOf(event);
  if (redaction !== null) {
    const pointers = searchedIn(redaction.erased);
    if (pointers.length === 0) return [];
    return [{ stream, event_id: redaction.eventId, takes: ({ pointer }) => pointers.includes(pointer) }];
  }
  const completed = event.rules.code.texts?.completes?.(event) ?? null;
  if (completed !== null) return [{ stream, event_id: completed, takes: isComment }];
  if (said === undefined) return [];
  const replaced = [
    ['title', said.title_event],
    ['text', said.text_event],
  ] as const;
  return replaced.flatMap(([kind, event_id]) =>
    says(event, kind) ? [{ stream, event_id, takes: ({ id }) => kindOf(id) === kind }] : [],
  );
}

const isComment = ({ id }: Pick<RegisterText, 'id'>): boolean => ['comment', 'internal'].includes(kindOf(id));

/** The texts of an event that can be looked for, but for those that were erased. */
const searchedTexts = (
  { streamId: stream, version, texts }: ProjectedEvent,
  number: number,
): RegisterText[] =>
  texts.flatMap(({ kind, eventId: event_id, pointer, value: text }) =>
    kind === 'owner' || text === null
      ? []
      : [{ id: textId(number, kind, version), stream, event_id, pointer, text }],
  );

/** The text of each of some records as it stands, by their ids. */
export async function currentTexts(
  { db, sql: dialect }: Generation,
  streams: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const first = sql`${sql.ref('register.number')} * ${sql.lit(IDS_OF_RECORD)}`;
  const texts = await (
    db as Kysely<TextTables & { register: { stream: string; number: number; text_event: string } }>
  )
    .selectFrom('register')
    .innerJoin('register_texts', (on) =>
      on
        .onRef('register_texts.stream', '=', 'register.stream')
        .onRef('register_texts.event_id', '=', 'register.text_event')
        .on(
          sql<SqlBool>`${sql.ref('register_texts.id')} between ${first} + ${sql.lit(firstIdOf('text'))} and ${first} + ${sql.lit(lastIdOf('text'))}`,
        ),
    )
    .where('register.stream', 'in', dialect.listed(streams))
    .select(['register.stream', 'register_texts.text'])
    .execute();
  return new Map(texts.map(({ stream, text }) => [stream, text]));
}

/** By their ids as well: the index of events is not there yet where the rows are still to come to the log's end. */
async function removeTexts(
  { number, db, sql: dialect }: Generation,
  { stream, event_id, takes }: Removal,
  ofRecord: number,
): Promise<void> {
  const texts = await (db as Kysely<TextTables>)
    .selectFrom('register_texts')
    .selectAll()
    .where('stream', '=', stream)
    .where('event_id', '=', event_id)
    .where('id', '>=', ofRecord * IDS_OF_RECORD)
    .where('id', '<', (ofRecord + 1) * IDS_OF_RECORD)
    .execute();
  const removed = texts.filter(takes);
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
