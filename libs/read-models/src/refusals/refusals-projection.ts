import type { Envelope } from '#event-sourcing/envelope';
import { asRefusalEvent, isRefusalStream } from '#state-machines/refusal-events';
import type { CountedRefusals, RefusedAttempt } from '#state-machines/refusal-events';
import type { Projection } from '#projections/projection';
import type { TableDefinition } from '#projections/tables';
import { recordOf } from '#state-machines/record-streams';
import { countsOf, ROWS_OF_EVENT, stampOf } from '../recorded-rows.ts';
import type { RecordedRow } from '../recorded-rows.ts';

/** A refused attempt, or how many more there were of one person with one code. */
export interface RefusalRow extends RecordedRow {
  command: string | null;
  code: string;
  guard: string | null;
  record: string | null;
  /** The name of the record's kind. */
  record_kind: string | null;
  seen_version: number | null;
}

const REFUSALS: TableDefinition = {
  name: 'refusals',
  columns: {
    id: 'integer',
    position: 'text',
    recorded_at: 'text',
    day: 'text',
    subject: 'text or null',
    roles: 'text',
    command: 'text or null',
    code: 'text',
    guard: 'text or null',
    record: 'text or null',
    record_kind: 'text or null',
    seen_version: 'integer or null',
    count: 'integer',
    correlation_id: 'text or null',
  },
  key: 'id',
  // For what the list is narrowed by, with its order behind.
  indexes: [
    ['day', 'id'],
    ['subject', 'id'],
    ['command', 'id'],
    ['code', 'id'],
    ['record', 'id'],
  ],
};

/** A row for each refused attempt, and for each code of those that were only counted. */
export const refusalsProjection: Projection = {
  name: 'refusals',
  version: 2,
  tables: [REFUSALS],
  async apply({ db, sql }, { events, ordinal }) {
    const rows = events.flatMap((event, index) => rowsOf(event, ordinal + index));
    await sql.upsert(db, REFUSALS, rows);
  },
};

function rowsOf(event: Envelope, ordinal: number): RefusalRow[] {
  if (!isRefusalStream(event.streamId)) return [];
  const id = ordinal * ROWS_OF_EVENT;
  const { type, data } = asRefusalEvent(event);
  switch (type) {
    case 'CommandRefused':
      return [attemptRow(event, data, id)];
    case 'RefusalsCounted':
      return countRows(event, data, id);
    default:
      throw new Error(
        `Version ${event.version} of ${event.streamId} is a ${event.type}, which is no refusal`,
      );
  }
}

function attemptRow(event: Envelope, attempt: RefusedAttempt, id: number): RefusalRow {
  const { command, code, guard, record, kind, seenVersion } = attempt;
  const { subject, roles } = event.actor;
  return {
    ...stampOf(event),
    id,
    subject,
    roles: JSON.stringify(roles),
    command,
    code,
    guard,
    record,
    record_kind: record === null ? null : (kind ?? recordOf(record).kind.name),
    seen_version: seenVersion,
    count: 1,
    correlation_id: event.correlationId,
  };
}

/** @throws Error for more codes than there is room for. */
function countRows(event: Envelope, { subject, codes }: CountedRefusals, id: number): RefusalRow[] {
  return countsOf(event, codes, 'codes').map(([code, count], index) => ({
    ...stampOf(event),
    id: id + index,
    subject,
    roles: '[]',
    command: null,
    code,
    guard: null,
    record: null,
    record_kind: null,
    seen_version: null,
    count,
    correlation_id: null,
  }));
}
