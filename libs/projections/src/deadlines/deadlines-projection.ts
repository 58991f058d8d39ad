import type { Deadline } from '../../../../state-machines/inspection-recommendation/v1/deadlines.ts';
import {
  emptyLedger,
  evolveLedger,
  nextCrossingOn,
} from '../../../../state-machines/inspection-recommendation/v1/thresholds.ts';
import type { DeadlineLedger } from '../../../../state-machines/inspection-recommendation/v1/thresholds.ts';
import type { Projection } from '../projection.ts';
import {
  decidingEvents,
  foldRecommendation,
  foldRows,
  isSame,
  RECOMMENDATION_COLUMNS,
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
    const changed = await foldRows(generation, LEDGERS, decidingEvents(batch), foldRow);
    await generation.sql.upsert(generation.db, DEADLINES, changed.flatMap(deadlinesOf));
  },
};

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
  const folded = { ...row, changed_at: event.recordedAt };
  return before !== undefined && isSame(COMPARED, before, folded) ? before : folded;
}

const COMPARED = (Object.keys(LEDGERS.columns) as (keyof LedgerRow)[]).filter(
  (column) => column !== 'changed_at',
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
