import type { Envelope } from '#event-sourcing/envelope';
import type { Projection } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import { asAccessEvent, isAccessStream } from '#state-machines/access-events';
import type { AccessEvent, CountedAccesses } from '#state-machines/access-events';
import { kinds } from '#state-machines/record-streams';
import { countsOf, ROWS_OF_EVENT, stampOf } from '../recorded-rows.ts';
import type { RecordedRow } from '../recorded-rows.ts';

/** Something that was given out, or how much more there was to one person of one kind. */
export interface AccessRow extends RecordedRow {
  kind: string;
  record: string | null;
  /** The name of the record's kind. */
  record_kind: string | null;
  version: number | null;
  format: string | null;
  withheld: number | null;
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
    record_kind: 'text or null',
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
  version: 2,
  tables: [ACCESSES],
  async apply({ db, sql }, { events, ordinal }) {
    const rows = events.flatMap((event, index) => rowsOf(event, ordinal + index));
    await sql.upsert(db, ACCESSES, rows);
  },
};

function rowsOf(event: Envelope, ordinal: number): AccessRow[] {
  if (!isAccessStream(event.streamId)) return [];
  const id = ordinal * ROWS_OF_EVENT;
  const access = asAccessEvent(event);
  if (access.type === 'AccessesCounted') return countRows(event, access.data, id);
  return [{ ...stampOf(event), ...givenIn(access), id, count: 1 }];
}

/** The record whose stream it is; null for a stream of something else. */
function recordIn(stream: string | null): Pick<AccessRow, 'record' | 'record_kind'> {
  const record = stream === null ? null : kinds.ofStream(stream);
  return { record: record?.id ?? null, record_kind: record?.kind.name ?? null };
}

/** @throws Error for an event that is none of these. */
function givenIn(event: Exclude<AccessEvent, { readonly type: 'AccessesCounted' }>) {
  const { actor, correlationId, type, data } = event;
  const to = { subject: actor.subject, roles: JSON.stringify(actor.roles), correlation_id: correlationId };
  switch (type) {
    case 'AccessRecorded': {
      const { kind, version, format, streamId } = data;
      return { ...to, kind, version, format, ...recordIn(streamId), withheld: null };
    }
    case 'PackMade': {
      const { streamId, version, withheld } = data;
      return { ...to, kind: 'pack', version, format: null, ...recordIn(streamId), withheld: withheld.count };
    }
    default: {
      const { version, streamId, type: other }: Envelope = event;
      throw new Error(`Version ${version} of ${streamId} is a ${other}, which is no access`);
    }
  }
}

/** @throws Error for more kinds than there is room for. */
function countRows(event: Envelope, { subject, kinds }: CountedAccesses, id: number): AccessRow[] {
  return countsOf(event, kinds, 'kinds').map(([kind, count], index) => ({
    ...stampOf(event),
    id: id + index,
    subject,
    roles: '[]',
    kind,
    record: null,
    record_kind: null,
    version: null,
    format: null,
    withheld: null,
    count,
    correlation_id: null,
  }));
}
