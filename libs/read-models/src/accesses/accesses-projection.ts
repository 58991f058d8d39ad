import type { Envelope } from '#event-sourcing/envelope';
import type { Projection } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import { asAccessEvent, isAccessStream } from '#state-machines/access-events';
import type { AccessEvent, CountedAccesses } from '#state-machines/access-events';
import { recordIdOf } from '#state-machines/record-streams';

/** Something that was given out, or how much more there was to one person of one kind. */
export interface AccessRow {
  /** From the event's number in the log: the same in every generation, and in the log's order. */
  id: number;
  position: string;
  recorded_at: string;
  /** The date in London. */
  day: string;
  /** Null in a count of many people. */
  subject: string | null;
  /** As JSON. */
  roles: string;
  kind: string;
  record: string | null;
  version: number | null;
  format: string | null;
  withheld: number | null;
  count: number;
  /** Null in a count. */
  correlation_id: string | null;
}

export interface AccessesTables {
  accesses: AccessRow;
}

const ACCESSES: TableDefinition = {
  name: 'accesses',
  columns: {
    id: 'integer',
    position: 'text',
    recorded_at: 'text',
    day: 'text',
    subject: 'text or null',
    roles: 'text',
    kind: 'text',
    record: 'text or null',
    version: 'integer or null',
    format: 'text or null',
    withheld: 'integer or null',
    count: 'integer',
    correlation_id: 'text or null',
  },
  key: 'id',
  // For what the list is narrowed by, with its order behind.
  indexes: [
    ['day', 'id'],
    ['subject', 'id'],
    ['kind', 'id'],
    ['record', 'id'],
  ],
};

/** A row for each time that something was given out, packs included, and for each kind of what was only counted. */
export const accessesProjection: Projection = {
  name: 'accesses',
  version: 1,
  tables: [ACCESSES],
  async apply({ db, sql }, { events, ordinal }) {
    const rows = events.flatMap((event, index) => rowsOf(event, ordinal + index));
    await sql.upsert(db, ACCESSES, rows);
  },
};

/** More than there are kinds; ids leave room for so many rows of one event. */
const ROWS_OF_EVENT = 100;

function rowsOf(event: Envelope, ordinal: number): AccessRow[] {
  if (!isAccessStream(event.streamId)) return [];
  const id = ordinal * ROWS_OF_EVENT;
  const access = asAccessEvent(event);
  if (access.type === 'AccessesCounted') return countRows(event, access.data, id);
  return [{ ...stampOf(event), ...givenIn(access), id, count: 1 }];
}

/** @throws Error for an event that is none of these. */
function givenIn(event: Exclude<AccessEvent, { readonly type: 'AccessesCounted' }>) {
  const { actor, correlationId, type, data } = event;
  const to = { subject: actor.subject, roles: JSON.stringify(actor.roles), correlation_id: correlationId };
  switch (type) {
    case 'AccessRecorded': {
      const { kind, version, format, streamId } = data;
      return { ...to, kind, version, format, record: streamId && recordIdOf(streamId), withheld: null };
    }
    case 'PackMade': {
      const { streamId, version, withheld } = data;
      const record = recordIdOf(streamId);
      return { ...to, kind: 'pack', version, format: null, record, withheld: withheld.count };
    }
    default: {
      const { version, streamId, type: other }: Envelope = event;
      throw new Error(`Version ${version} of ${streamId} is a ${other}, which is no access`);
    }
  }
}

/** @throws Error for more kinds than there is room for. */
function countRows(event: Envelope, { subject, kinds }: CountedAccesses, id: number): AccessRow[] {
  const counts = Object.entries(kinds).sort(([a], [b]) => (a < b ? -1 : 1));
  if (counts.length > ROWS_OF_EVENT) {
    throw new Error(`Version ${event.version} of ${event.streamId} counts more than ${ROWS_OF_EVENT} kinds`);
  }
  return counts.map(([kind, count], index) => ({
    ...stampOf(event),
    id: id + index,
    subject,
    roles: '[]',
    kind,
    record: null,
    version: null,
    format: null,
    withheld: null,
    count,
    correlation_id: null,
  }));
}

const stampOf = ({ position, recordedAt, effectiveOn }: Envelope) => ({
  position,
  recorded_at: recordedAt,
  day: effectiveOn,
});
