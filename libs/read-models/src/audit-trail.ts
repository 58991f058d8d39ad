import type { Kysely } from 'kysely';
import type { Actor, Envelope } from '#event-sourcing/envelope';
import { count, identifier, withDescription, oneOf, ordinal, orNull } from '#lifecycle/fields';
import type { ValuesOf } from '#lifecycle/fields';
import { conditionsOf, date, equal, one, since, until } from '#projections/filters';
import type { FilterValues } from '#projections/filters';
import { pageReader } from '#projections/list-cursor';
import type { PageRequest } from '#projections/list-cursor';
import type { Projection } from '#projections/projection';
import { readLive } from '#projections/read-live';
import type { ReadModelDatabase } from '#projections/read-model-database';
import type { RowOf, TableDefinition } from '#projections/tables';
import { ACCESS_KINDS, asTrailEvent, isTrailStream } from '#state-machines/audit-trail-events';
import type { TrailName } from '#state-machines/audit-trail-events';
import { kinds, recordOf } from '#state-machines/record-streams';
import { KIND_NAMES } from './ground.ts';

/** The kinds in the list of accesses: recorded accesses, and packs. */
export const LISTED_ACCESSES = [...ACCESS_KINDS, 'pack'] as const;

const text = identifier();
const recordKind = withDescription(
  orNull(text),
  'The kind of the record (the name of its lifecycle); null if no record is named.',
);

const OF_PERSON = { subject: one('Includes only entries about this person (a subject).', equal('subject')) };
const OF_RECORD_AND_DAY = {
  recommendation: one(
    'Includes only entries about the record with this id, as it was requested.',
    equal('record'),
  ),
  recordKind: one(
    'Includes only entries about records of this kind (the name of its lifecycle).',
    equal('record_kind'),
    KIND_NAMES,
  ),
  from: date('Includes only entries recorded on or after this day, in London time.', since('day')),
  to: date('Includes only entries recorded on or before this day, in London time.', until('day')),
};

/** The lists of the audit trail: the members of each list's entries, and its filters. */
export const TRAIL = {
  refusals: {
    members: {
      command: withDescription(
        orNull(text),
        'The requested command; null in a count, or if there is no such command.',
      ),
      code: text,
      guard: orNull(text),
      record: withDescription(
        orNull(text),
        'The id of the record; null in a count, or if there is no such record.',
      ),
      recordKind,
      seenVersion: withDescription(orNull(ordinal()), 'The version of the record at the refusal.'),
    },
    filters: {
      ...OF_PERSON,
      command: one(
        'Includes only refusals of this command; `issue` and `import` count as commands.',
        equal('command'),
      ),
      code: one('Includes only refusals with this problem code.', equal('code')),
      ...OF_RECORD_AND_DAY,
    },
  },
  accesses: {
    members: {
      kind: oneOf<string>(LISTED_ACCESSES),
      record: withDescription(orNull(text), 'The id of the record; null for the log.'),
      recordKind,
      version: withDescription(
        orNull(ordinal()),
        'For an export or a pack, the last version of the record that it contains; null for other accesses.',
      ),
      format: withDescription(orNull(text), 'The format of an export; null for other accesses.'),
      withheld: withDescription(
        orNull(count()),
        'The number of values withheld from a pack; null for other accesses.',
      ),
    },
    filters: {
      ...OF_PERSON,
      kind: one('Includes only accesses of this kind.', equal('code'), LISTED_ACCESSES),
      ...OF_RECORD_AND_DAY,
    },
  },
} as const;

type Own = { readonly [Name in TrailName]: ValuesOf<(typeof TRAIL)[Name]['members']> };

export type TrailItem<Name extends TrailName> = Own[Name] & {
  readonly position: string;
  readonly recordedAt: string;
  readonly actor: Actor;
  readonly correlationId: string;
};

export interface TrailPage<Name extends TrailName> {
  readonly items: readonly TrailItem<Name>[];
  readonly nextCursor: string | null;
  /** The log position up to which the page is complete. */
  readonly position: string;
}

export type TrailFilters = Partial<
  { readonly [Name in TrailName]: FilterValues<(typeof TRAIL)[Name]['filters']> }[TrailName]
>;

const NUMBERS = { refusals: 0, accesses: 1 } as const;

/** Entries with the columns by which their lists are filtered and ordered. */
const TABLE = {
  name: 'audit_trail',
  columns: {
    /** The event's number in the log, so it is the same in every set of models and sorts in log order. */
    id: 'integer',
    /** The number of the list instead of its name, to keep the indexes small. */
    list: 'integer',
    day: 'text',
    subject: 'text',
    /** The code of a problem, or the kind of an access. */
    code: 'text',
    command: 'text or null',
    record: 'text or null',
    record_kind: 'text or null',
    /** The values of the entry's members, in order, as JSON. */
    item: 'text',
  },
  key: 'id',
  // One index for each filter, in the order of the list.
  indexes: [
    ['list', 'id'],
    ...['day', 'subject', 'code', 'command', 'record'].map((column) => ['list', column, 'id']),
  ],
} as const satisfies TableDefinition;

type TrailRow = RowOf<typeof TABLE.columns>;

/** The audit trail: one row for each refused attempt and each access. */
export const auditTrailProjection: Projection = {
  name: 'audit-trail',
  version: 3,
  tables: [TABLE],
  async apply({ db, sql }, { events, ordinal: first }) {
    const rows = events.flatMap((event, index) =>
      isTrailStream(event.streamId) ? [rowOf(event, entryOf(event), first + index)] : [],
    );
    await sql.upsert(db, TABLE, rows);
  },
};

type Entry = {
  readonly [Name in TrailName]: {
    readonly list: Name;
    readonly own: Own[Name];
  };
}[TrailName];

function rowOf(event: Envelope, { list, own }: Entry, id: number): TrailRow {
  const { position, recordedAt, effectiveOn: day, correlationId, actor } = event;
  const { subject, roles } = actor;
  const item = { ...{ position, recordedAt, actor: { subject, roles } }, ...own, correlationId };
  const [code, command] = 'kind' in own ? [own.kind, null] : [own.code, own.command];
  const { record, recordKind: record_kind } = own;
  const [stored, ofList] = [JSON.stringify(Object.values(item)), NUMBERS[list]];
  return { id, list: ofList, day, subject, code, command, record, record_kind, item: stored };
}

/**
 * Returns the entry of an event.
 * @throws Error if the event is not an event of the audit trail.
 */
function entryOf(stored: Envelope): Entry {
  const event = asTrailEvent(stored);
  switch (event.type) {
    case 'CommandRefused': {
      const { command, code, guard, record, kind, seenVersion } = event.data;
      const named = record === null ? null : (kind ?? recordOf(record).kind.name);
      return { list: 'refusals', own: { command, code, guard, record, recordKind: named, seenVersion } };
    }
    case 'AccessRecorded': {
      const { kind, streamId, version, format } = event.data;
      return { list: 'accesses', own: { kind, ...recordIn(streamId), version, format, withheld: null } };
    }
    case 'PackMade': {
      const { streamId, version, withheld } = event.data;
      const own = { kind: 'pack', ...recordIn(streamId), version, format: null, withheld: withheld.count };
      return { list: 'accesses', own };
    }
    default: {
      const { version, streamId, type } = stored;
      throw new Error(
        `Version ${version} of ${streamId} is a ${type}, which is not an entry of the audit trail`,
      );
    }
  }
}

/** Returns the record of a stream; both members are null if the stream belongs to no record. */
function recordIn(stream: string | null): Pick<Own['accesses'], 'record' | 'recordKind'> {
  const record = stream === null ? null : kinds.ofStream(stream);
  return { record: record?.id ?? null, recordKind: record?.kind.name ?? null };
}

/**
 * Returns one page of a list, newest first. New entries do not shift later pages.
 * @throws InvalidCursorError, ReadModelMissingError
 * @throws RangeError for a limit below 1.
 */
export async function queryTrail<Name extends TrailName>(
  database: ReadModelDatabase,
  list: Name,
  query: TrailFilters & PageRequest,
): Promise<TrailPage<Name>> {
  const readPage = pageReader({ newestBy: 'id' }, listKey(list, { ...query }), query);
  const { filters } = TRAIL[list];
  return readLive(database, async ({ db, sql }, position) => {
    const conditions = conditionsOf(filters, { ...query }, undefined);
    const page = await readPage(
      (db as Kysely<{ readonly audit_trail: TrailRow }>)
        .selectFrom('audit_trail')
        .select(['id', 'item'])
        .where('list', '=', NUMBERS[list])
        .where(sql.inTime('id'))
        .where((each) => each.and(conditions)),
    );
    const items = page.rows.map(({ item }) => itemOf(list, item));
    return { items, nextCursor: page.nextCursor, position };
  });
}

function itemOf<Name extends TrailName>(list: Name, stored: string): TrailItem<Name> {
  const values = JSON.parse(stored) as readonly unknown[];
  const names = ['position', 'recordedAt', 'actor', ...Object.keys(TRAIL[list].members), 'correlationId'];
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as TrailItem<Name>;
}

const listKey = (list: TrailName, filters: Readonly<Record<string, unknown>>) => ({
  filters: Object.keys(TRAIL[list].filters).map((name) => filters[name] ?? null),
});
