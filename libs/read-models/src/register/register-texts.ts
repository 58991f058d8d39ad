import { sql } from 'kysely';
import type { Kysely, SqlBool } from 'kysely';
import type { Pointer } from '#event-sourcing/envelope';
import { redactionOf } from '#event-sourcing/erasure';
import { lifecycles } from '#state-machines/lifecycles';
import type { Models } from '#projections/projection';
import type { InternalAccess } from '#state-machines/access';
import type { RowOf, SearchDefinition, TableDefinition, TablesOf } from '#projections/tables';
import type { ProjectedEvent } from '../record-row.ts';

/** The searchable texts: titles, current texts, names of reports, and public and internal comments. */
export const TEXTS = {
  name: 'register_texts',
  columns: {
    /** The record, the kind of text and the version, combined by `textId`; the same in every set of models. */
    id: 'integer',
    event_id: 'text',
    pointer: 'text',
    text: 'text',
  },
  key: 'id',
  indexes: [],
} as const satisfies TableDefinition;

export type RegisterText = RowOf<typeof TEXTS.columns>;

type TextTables = TablesOf<typeof TEXTS | typeof TITLES>;

/**
 * The titles once more: records with all words in the title come first, and searching all texts for them would be slow.
 */
export const TITLES = { ...TEXTS, name: 'register_titles' } as const satisfies TableDefinition;

export const REGISTER_SEARCH: SearchDefinition = { name: 'register_search', table: TEXTS.name };
export const TITLE_SEARCH: SearchDefinition = { name: 'register_title_search', table: TITLES.name };

/** The kinds of text, in the order of the texts of a record. Internal comments come last. */
const TEXT_KINDS = ['title', 'text', 'report', 'comment', 'internal'] as const;
export type TextKind = (typeof TEXT_KINDS)[number];

/** The most versions of a record in text ids; far more than a record can have. */
const VERSIONS = 2 ** 18;
/**
 * The number of ids reserved for each record. The ids of a record start at its number times this, so that an id
 * identifies the record, and texts of the same record and kind are adjacent.
 */
export const IDS_OF_RECORD = TEXT_KINDS.length * VERSIONS;

/** Returns the first id of a kind, relative to the first id of the record. */
export const firstIdOf = (kind: TextKind): number => TEXT_KINDS.indexOf(kind) * VERSIONS;
export const lastIdOf = (kind: TextKind): number => firstIdOf(kind) + VERSIONS - 1;
export const kindOf = (id: number): TextKind =>
  TEXT_KINDS[Math.floor((id % IDS_OF_RECORD) / VERSIONS)] as TextKind;

/** Returns the last id, relative to the first id of the record, whose text a person may read. */
export function lastReadable(
  sight: InternalAccess,
  { kind, recipient }: { readonly kind: string; readonly recipient: string | null },
): number {
  const isInternal =
    typeof sight === 'string'
      ? sight === 'all'
      : !sight.exceptOf.includes(recipient ?? '') && sight.kinds?.includes(kind) !== false;
  return lastIdOf(isInternal ? 'internal' : 'comment');
}

/**
 * Returns the id of a text.
 * @throws RangeError if a version or number exceeds the range of ids.
 */
function textId(number: number, kind: TextKind, version: number): number {
  const id = number * IDS_OF_RECORD + firstIdOf(kind) + version;
  if (version >= VERSIONS || !Number.isSafeInteger(id))
    throw new RangeError(`No id is left for a text of version ${version} of record number ${number}`);
  return id;
}

/** The pointers of the searchable texts. */
const SEARCHED: readonly Pointer[] = [
  ...new Set(
    lifecycles.currents.flatMap(({ code }) =>
      Object.values(code.texts?.at ?? {}).flatMap((kinds) =>
        Object.entries(kinds).flatMap(([pointer, kind]) => (kind === 'owner' ? [] : [pointer])),
      ),
    ),
  ),
];

/** Returns the pointers of the searchable texts that a redaction erases. */
const searchedIn = (erased: readonly Pointer[]): string[] =>
  SEARCHED.filter((pointer) => erased.includes(pointer));

/** The texts of a record to remove from the search: a range of kinds, or those of one event. */
interface Removal {
  readonly kinds: readonly [first: TextKind, last: TextKind];
  readonly eventId?: string;
  readonly pointers?: readonly string[];
}

/** Adds the texts of a batch, and removes the texts that the batch replaces or erases, including its own. */
export async function writeTexts(
  models: Models,
  events: readonly ProjectedEvent[],
  numberOf: (stream: string) => number,
): Promise<void> {
  const added = new Map<number, RegisterText[]>();
  for (const event of events) {
    const number = numberOf(event.streamId);
    let own = added.get(number) ?? [];
    for (const removal of removalsBy(event)) {
      await removeTexts(models, removal, number);
      // The texts of the batch itself are not written yet.
      own = own.filter((text) => !isRemoved(text, removal, number));
    }
    own.push(...searchedTexts(event, number));
    added.set(number, own);
  }
  const texts = [...added.values()].flat();
  if (texts.length === 0) return;
  const titles = texts.filter(({ id }) => kindOf(id) === 'title');
  await models.sql.upsert(models.db, TEXTS, texts);
  await models.sql.upsert(models.db, TITLES, titles);
}

const idsOf = (number: number, [first, last]: Removal['kinds']) => ({
  first: number * IDS_OF_RECORD + firstIdOf(first),
  last: number * IDS_OF_RECORD + lastIdOf(last),
});

function isRemoved(
  { id, event_id, pointer }: Omit<RegisterText, 'text'>,
  { kinds, eventId = event_id, pointers = [pointer] }: Removal,
  number: number,
): boolean {
  const { first, last } = idsOf(number, kinds);
  return id >= first && id <= last && event_id === eventId && pointers.includes(pointer);
}

/** Returns the removals by an event. A new title or text replaces the previous one, even if the new one is erased. */
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

/** Returns the searchable texts of an event, except erased ones. */
const searchedTexts = ({ version, texts }: ProjectedEvent, number: number): RegisterText[] =>
  texts.flatMap(({ kind, eventId: event_id, pointer, value: text }) =>
    kind === 'owner' || text === null ? [] : [{ id: textId(number, kind, version), event_id, pointer, text }],
  );

/** Returns the current texts of these records, by stream. */
export async function currentTexts(
  { db, sql: dialect }: Models,
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

async function removeTexts({ db }: Models, removal: Removal, ofRecord: number): Promise<void> {
  const { first, last } = idsOf(ofRecord, removal.kinds);
  const texts = await (db as Kysely<TextTables>)
    .selectFrom('register_texts')
    .select(['id', 'event_id', 'pointer'])
    .where('id', '>=', first)
    .where('id', '<=', last)
    .$if(removal.eventId !== undefined, (query) => query.where('event_id', '=', removal.eventId ?? ''))
    .execute();
  const removed = texts.filter((text) => isRemoved(text, removal, ofRecord)).map(({ id }) => id);
  if (removed.length === 0) return;
  for (const table of ['register_texts', 'register_titles'] as const)
    await (db as Kysely<TextTables>).deleteFrom(table).where('id', 'in', removed).execute();
}
