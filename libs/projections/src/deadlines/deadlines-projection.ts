import type { Kysely } from 'kysely';
import type { Deadline } from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import {
  emptyLedger,
  evolveLedger,
  nextCrossingOn,
} from '../../../../state-machines/inspection-recommendation/v1/thresholds.ts';
import type { DeadlineLedger } from '../../../../state-machines/inspection-recommendation/v1/thresholds.ts';
import type { Generation, Projection } from '../projection.ts';
import {
  foldRecommendation,
  RECOMMENDATION_COLUMNS,
  decidingEvents,
  recordsOf,
} from '../recommendation-row.ts';
import type { RecommendationEvent, RecommendationRow } from '../recommendation-row.ts';
import type { TableDefinition } from '../tables.ts';

/** A record, and what its deadlines have come to. */
export interface LedgerRow extends RecommendationRow {
  /** 1 when the response was published. */
  answered: number;
  /** What decides when thresholds are crossed, as JSON. */
  ledger: string;
  /** The day from which a sweep has something to record; null where it has nothing, as things stand. */
  sweep_on: string | null;
  /** When the last event was stored that changed any of this. */
  changed_at: string;
}

/** One deadline of a record. */
export interface DeadlineRow {
  id: string;
  record_id: string;
  recipient: string | null;
  status: string;
  deadline_id: string;
  kind: string;
  due_on: string;
  first_due_on: string;
  /** 1 when what it is for is done. */
  settled: number;
  /** Grows with every event that decides on the record's deadlines, or tells of them. */
  revision: number;
  changed_at: string;
}

export interface DeadlineTables {
  deadline_ledgers: LedgerRow;
  deadlines: DeadlineRow;
}

const LEDGERS: TableDefinition = {
  name: 'deadline_ledgers',
  columns: {
    ...RECOMMENDATION_COLUMNS,
    answered: 'integer',
    ledger: 'text',
    sweep_on: 'text or null',
    changed_at: 'text',
  },
  key: 'id',
  indexes: [['sweep_on', 'id']],
};

const DEADLINES: TableDefinition = {
  name: 'deadlines',
  columns: {
    id: 'text',
    record_id: 'text',
    recipient: 'text or null',
    status: 'text',
    deadline_id: 'text',
    kind: 'text',
    due_on: 'text',
    first_due_on: 'text',
    settled: 'integer',
    revision: 'integer',
    changed_at: 'text',
  },
  key: 'id',
  indexes: [
    ['due_on', 'id'],
    ['recipient', 'due_on', 'id'],
    ['settled', 'due_on', 'id'],
  ],
};

/** Every deadline by its date, and the day on which a sweep finds something to record of a record. */
export const deadlinesProjection: Projection = {
  name: 'deadlines',
  version: 2,
  tables: [LEDGERS, DEADLINES],
  async apply(generation, batch) {
    const events = decidingEvents(batch);
    if (events.length === 0) return;
    const before = await loadRows(generation, recordsOf(events));
    const after = new Map(before);
    for (const event of events) after.set(event.recordId, foldRow(after.get(event.recordId), event));
    const changed = [...after.values()].filter((row) => before.get(row.id) !== row);
    await generation.sql.upsert(generation.db, LEDGERS, changed);
    await generation.sql.upsert(generation.db, DEADLINES, changed.flatMap(deadlinesOf));
  },
};

async function loadRows({ db, sql }: Generation, ids: string[]): Promise<Map<string, LedgerRow>> {
  const rows = await (db as Kysely<DeadlineTables>)
    .selectFrom('deadline_ledgers')
    .selectAll()
    .where('id', 'in', sql.listed(ids))
    .execute();
  return new Map(rows.map((row) => [row.id, row]));
}

/** The row after an event; the same one where the event changes none of it, as comments do. */
function foldRow(before: LedgerRow | undefined, event: RecommendationEvent): LedgerRow {
  const known = before ? (JSON.parse(before.ledger) as DeadlineLedger) : emptyLedger;
  const ledger = evolveLedger(known, event);
  const row = {
    ...foldRecommendation(before, event),
    answered: event.state['response'] === 'published' ? 1 : 0,
    ledger: ledger === known && before ? before.ledger : JSON.stringify(ledger),
    sweep_on: ledger === known && before ? before.sweep_on : nextCrossingOn(ledger),
  };
  const isUnchanged = before !== undefined && COMPARED.every((column) => before[column] === row[column]);
  return isUnchanged ? before : { ...row, changed_at: event.recordedAt };
}

const COMPARED = (Object.keys(LEDGERS.columns) as (keyof LedgerRow)[]).filter(
  (column): column is Exclude<keyof LedgerRow, 'changed_at'> => column !== 'changed_at',
);

function deadlinesOf(row: LedgerRow): DeadlineRow[] {
  const { id: record_id, recipient, status, closed, answered, deadlines, changed_at } = row;
  const { entries, recorded } = JSON.parse(row.ledger) as DeadlineLedger;
  return (JSON.parse(deadlines) as Deadline[]).map(({ id, kind, dueOn, firstDueOn }) => ({
    id: `${record_id}/${id}`,
    record_id,
    recipient,
    status,
    deadline_id: id,
    kind,
    due_on: dueOn,
    first_due_on: firstDueOn,
    settled: kind === 'response' ? answered : closed,
    revision: entries.length + recorded.length,
    changed_at,
  }));
}
