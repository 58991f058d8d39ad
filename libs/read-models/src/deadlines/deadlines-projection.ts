import type { Kysely } from 'kysely';
import type { JsonObject } from '#event-sourcing/envelope';
import type { DatesCode, DueDate, Ledger } from '#lifecycle/summary';
import type { Projection } from '#projections/projection';
import {
  answeredBy,
  datesOf,
  decidingEvents,
  foldedOf,
  foldRecordRow,
  foldRows,
  isSame,
  lifecycleOf,
  RECORD_COLUMNS,
  settledColumn,
  summaryColumn,
} from '../record-row.ts';
import type { Folded, FoldedRecord, FoldedRow, ProjectedEvent, RowFold } from '../record-row.ts';
import type { RowOf, TableDefinition, TablesOf } from '#projections/tables';

/** Records and the state of their deadlines. */
const LEDGERS = {
  name: 'deadline_ledgers',
  columns: {
    ...RECORD_COLUMNS,
    /** 1 if the response is published, else 0. */
    answered: 'integer',
    /** The data that determines when deadlines cross thresholds, as JSON. */
    ledger: 'text',
    /** The first day on which a sweep must record an event; null if there is none. */
    sweep_on: 'text or null',
    /** Increases with every event that affects or reports the record's deadlines. */
    revision: 'integer',
    /** The time at which the last event that changed the row was stored. Redactions do not change it. */
    changed_at: 'text',
  },
  key: 'stream',
  indexes: [['sweep_on', 'stream']],
} as const satisfies TableDefinition;

/** The deadlines in force. A row is rewritten only if the deadline itself changes. */
const DEADLINES = {
  name: 'deadlines',
  columns: {
    id: 'text',
    stream: 'text',
    recipient: 'text or null',
    status: 'text',
    deadline_id: 'text',
    kind: 'text',
    due_on: 'text',
    first_due_on: 'text',
    /** 1 if the obligation is met, else 0. */
    settled: 'integer',
  },
  key: 'id',
  indexes: [
    ['due_on', 'id'],
    ['recipient', 'due_on', 'id'],
    ['settled', 'due_on', 'id'],
  ],
} as const satisfies TableDefinition;

export type LedgerRow = RowOf<typeof LEDGERS.columns>;
export type DeadlineRow = RowOf<typeof DEADLINES.columns>;
export type DeadlineTables = TablesOf<typeof LEDGERS | typeof DEADLINES>;

/** Every deadline in force by date, and the next day on which a sweep has something to record. */
export const deadlinesProjection: Projection = {
  name: 'deadlines',
  version: 10,
  tables: [LEDGERS, DEADLINES],
  async apply(generation, batch) {
    const { db, sql } = generation;
    const changed = await foldRows(generation, LEDGERS, decidingEvents(batch), FOLD);
    const [written, withdrawn] = [changed.flatMap(changedDeadlines), changed.flatMap(withdrawnDeadlines)];
    await sql.upsert(db, DEADLINES, written);
    if (withdrawn.length === 0) return;
    await (db as Kysely<DeadlineTables>)
      .deleteFrom('deadlines')
      .where('id', 'in', sql.listed(withdrawn))
      .execute();
  },
};

type FoldedLedger = Omit<Folded<LedgerRow>, keyof LedgerColumns> & { readonly ledger: Ledger };

type LedgerColumns = Pick<LedgerRow, 'ledger' | 'sweep_on' | 'revision'>;

/** Caches the columns of ledgers that no event has changed. */
const columnsOf = new WeakMap<Ledger, LedgerColumns>();

const FOLD: RowFold<LedgerRow, FoldedLedger> = {
  parse({ ledger: text, sweep_on, revision, ...row }) {
    const kept = JSON.parse(text) as JsonObject;
    const ledger = (lifecycleOf(row).code.dates as DatesCode).ledger.from(kept);
    columnsOf.set(ledger, { ledger: text, sweep_on, revision });
    return { ...foldedOf<Omit<LedgerRow, keyof LedgerColumns>>(row), ledger };
  },
  row(folded) {
    const { ledger, ...record } = folded;
    const columns = columnsOf.get(ledger) ?? {
      ledger: JSON.stringify(ledger),
      revision: ledger.revision,
      sweep_on: ledger.nextCrossingOn(),
    };
    columnsOf.set(ledger, columns);
    return { ...record, summary: summaryColumn(folded), ...columns };
  },
  fold: foldRecord,
};

/** Returns the record after an event; the same object if the event changes nothing. */
function foldRecord(before: FoldedLedger | undefined, event: ProjectedEvent): FoldedLedger {
  const dates = event.rules.code.dates as DatesCode;
  const ledger = (before?.ledger ?? dates.ledger.empty).after(event);
  const record = foldRecordRow(before, event);
  const answered = answeredBy(event);
  const own = { answered, ledger };
  if (before === undefined) return { ...record, ...own, changed_at: event.recordedAt };
  const isListedChange =
    ledger !== before.ledger ||
    answered !== before.answered ||
    isChanged(before, record) ||
    namesOwner(event);
  if (!isListedChange && record === before) return before;
  return { ...record, ...own, changed_at: isListedChange ? event.recordedAt : before.changed_at };
}

/** Returns whether anything that lists show with the record's deadlines changed. */
const isChanged = (before: FoldedRecord, after: FoldedRecord): boolean =>
  before.status !== after.status ||
  before.recipient !== after.recipient ||
  before.recipient_event !== after.recipient_event ||
  datesOf(before) !== datesOf(after);

const namesOwner = ({ texts }: ProjectedEvent): boolean => texts.some(({ kind }) => kind === 'owner');

type Changed = FoldedRow<FoldedLedger>;
type Ledgered = Pick<LedgerRow, 'stream' | 'recipient' | 'status' | 'closed' | 'answered'>;

const deadlineRow = (
  { stream, recipient, status, closed, answered }: Ledgered,
  { id, kind, dueOn, firstDueOn, claimedBy }: DueDate,
): DeadlineRow => ({
  id: `${stream}/${id}`,
  stream,
  recipient,
  status,
  deadline_id: id,
  kind,
  due_on: dueOn,
  first_due_on: firstDueOn,
  settled: claimedBy !== undefined ? 0 : settledColumn(kind, { answered, closed }),
});

const rowsBefore = ({ before }: Changed): Map<string, DeadlineRow> =>
  new Map(
    before === undefined ? [] : datesOf(before).map((each) => [each.id, deadlineRow(before, each)] as const),
  );

const isAsBefore = ({ before, after }: Changed): boolean =>
  before !== undefined &&
  datesOf(before) === datesOf(after) &&
  isSame(['recipient', 'status', 'closed', 'answered'], before, after);

function changedDeadlines(changed: Changed): DeadlineRow[] {
  if (isAsBefore(changed)) return [];
  const before = rowsBefore(changed);
  return datesOf(changed.after)
    .map((each) => ({ each, row: deadlineRow(changed.after, each) }))
    .filter(({ each, row }) => !isSame(DEADLINE_COLUMNS, before.get(each.id), row))
    .map(({ row }) => row);
}

const DEADLINE_COLUMNS = Object.keys(DEADLINES.columns) as (keyof DeadlineRow)[];

/** Returns the row ids of deadlines that are no longer in force. */
function withdrawnDeadlines(changed: Changed): string[] {
  if (isAsBefore(changed)) return [];
  const inForce = new Set(datesOf(changed.after).map(({ id }) => id));
  return [...rowsBefore(changed)].filter(([id]) => !inForce.has(id)).map(([, { id }]) => id);
}
