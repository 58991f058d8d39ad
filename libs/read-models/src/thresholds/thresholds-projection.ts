import { londonDate } from '#state-machines/london';
import type { Crossed } from '#lifecycle/summary';
import type { Projection } from '#projections/projection';
import {
  answeredBy,
  datesOf,
  decidingEvents,
  foldedOf,
  foldRecordRow,
  foldRows,
  RECORD_COLUMNS,
  settledColumn,
  summaryColumn,
} from '../record-row.ts';
import type { Folded, FoldedRecord, ProjectedEvent, RecordRow, RowFold } from '../record-row.ts';
import type { TableDefinition } from '#projections/tables';

/** A record, and which of its dates have escalated. */
interface ThresholdRecordRow extends RecordRow {
  /** The day on which it came into the system, in London. */
  came_in_on: string;
  /** 1 when the response was published. */
  answered: number;
  /** The last escalation of each deadline, as JSON. */
  escalations: string;
  /** The earliest day on which something escalated that is still open and overdue; null where nothing is. */
  escalated_on: string | null;
}

/** A threshold that an event tells of. */
export interface ThresholdRow {
  /** The event. */
  id: string;
  /** Its position, so padded that texts compare as positions do. */
  position: string;
  type: string;
  /** How near the date was. */
  nearness: Crossed['nearness'];
  recorded_at: string;
  stream: string;
  recipient: string | null;
  came_in_on: string;
  deadline_id: string;
  date_version: number;
  kind: string;
  due_on: string;
  effective_on: string;
}

export interface ThresholdTables {
  threshold_records: ThresholdRecordRow;
  thresholds: ThresholdRow;
}

const RECORDS: TableDefinition = {
  name: 'threshold_records',
  columns: {
    ...RECORD_COLUMNS,
    came_in_on: 'text',
    answered: 'integer',
    escalations: 'text',
    escalated_on: 'text or null',
  },
  key: 'stream',
  indexes: [['escalated_on', 'stream']],
};

const CROSSED: TableDefinition = {
  name: 'thresholds',
  columns: {
    id: 'text',
    position: 'text',
    type: 'text',
    nearness: 'text',
    recorded_at: 'text',
    stream: 'text',
    recipient: 'text or null',
    came_in_on: 'text',
    deadline_id: 'text',
    date_version: 'integer',
    kind: 'text',
    due_on: 'text',
    effective_on: 'text',
  },
  key: 'id',
  indexes: [['position']],
};

/** A date that has escalated; it is overdue for as long as it is the deadline's own and nothing settled it. */
export interface Escalation {
  readonly deadlineId: string;
  readonly dateVersion: number;
  readonly kind: string;
  readonly dueOn: string;
  /** The day on which it escalated. */
  readonly on: string;
}

/** No position of any store has more digits: those of KurrentDB are numbers of 128 bits. */
const POSITION_DIGITS = 40;
export const paddedPosition = (position: string): string => position.padStart(POSITION_DIGITS, '0');

/** Where the log tells of thresholds, and what is still escalated: what people are told of, and reminded of. */
export const thresholdsProjection: Projection = {
  name: 'thresholds',
  version: 6,
  tables: [RECORDS, CROSSED],
  async apply(generation, batch) {
    const crossed: ThresholdRow[] = [];
    await foldRows(generation, RECORDS, decidingEvents(batch), {
      ...FOLD,
      fold(before, event) {
        const folded = foldRecord(before, event);
        const threshold = thresholdOf(folded, event);
        if (threshold !== null) crossed.push(threshold);
        return folded;
      },
    });
    await generation.sql.upsert(generation.db, CROSSED, crossed);
  },
};

/** Null for an event that tells of no threshold. */
function thresholdOf(
  { recipient, came_in_on }: FoldedThresholds,
  event: ProjectedEvent,
): ThresholdRow | null {
  const crossed = crossedBy(event);
  if (crossed === null) return null;
  const { id: deadlineId, dateVersion, kind, dueOn, nearness } = crossed;
  return {
    id: event.eventId,
    position: paddedPosition(event.position),
    type: event.type,
    nearness,
    recorded_at: event.recordedAt,
    stream: event.streamId,
    recipient,
    came_in_on,
    deadline_id: deadlineId,
    date_version: dateVersion,
    kind,
    due_on: dueOn,
    effective_on: event.effectiveOn,
  };
}

function crossedBy(event: ProjectedEvent): Crossed | null {
  const news = event.rules.code.dates?.news(event) ?? null;
  return news?.is === 'crossed' ? news : null;
}

type FoldedThresholds = Omit<Folded<ThresholdRecordRow>, 'escalations' | 'escalated_on'> & {
  /** The last escalation of each deadline. */
  readonly escalations: ReadonlyMap<string, Escalation>;
};

const FOLD: RowFold<ThresholdRecordRow, FoldedThresholds> = {
  parse({ escalated_on: _, ...row }) {
    const escalations = JSON.parse(row.escalations) as Escalation[];
    const folded = foldedOf<Omit<ThresholdRecordRow, 'escalated_on'>>(row);
    return { ...folded, escalations: new Map(escalations.map((each) => [each.deadlineId, each])) };
  },
  fold: foldRecord,
  row(folded) {
    const escalations = [...folded.escalations.values()];
    const [first = null] = standing({ ...folded, escalations })
      .map(({ on }) => on)
      .sort();
    const columns = { summary: summaryColumn(folded), escalations: JSON.stringify(escalations) };
    return { ...folded, ...columns, escalated_on: first };
  },
};

/** The record after an event; the same one where the event changes nothing of it. Its escalations are folded in place. */
function foldRecord(before: FoldedThresholds | undefined, event: ProjectedEvent): FoldedThresholds {
  const record = foldRecordRow(before, event);
  const answered = answeredBy(event);
  const crossed = crossedBy(event);
  const isEscalated = crossed?.nearness === 'long-over';
  if (before !== undefined && record === before && before.answered === answered && !isEscalated)
    return before;
  const escalations = (before?.escalations ?? new Map()) as Map<string, Escalation>;
  if (isEscalated) {
    const { id: deadlineId, dateVersion, kind, dueOn } = crossed;
    // The last to escalate is the last in the row.
    escalations.delete(deadlineId);
    escalations.set(deadlineId, { deadlineId, dateVersion, kind, dueOn, on: event.effectiveOn });
  }
  const came_in_on = before?.came_in_on ?? londonDate(event.recordedAt);
  return { ...record, came_in_on, answered, escalations };
}

type Standing = Pick<ThresholdRecordRow, 'closed' | 'answered'> &
  Pick<FoldedRecord, 'stream' | 'summary'> & { readonly escalations: readonly Escalation[] };

/** The escalations that still stand: the date is in force, the deadline's own, and what it is for is not done. */
export function standing(record: Standing): Escalation[] {
  const { closed, answered, escalations } = record;
  if (escalations.length === 0) return [];
  const inForce = new Map(datesOf(record).map(({ id, dueOn }) => [id, dueOn]));
  return escalations.filter(
    ({ deadlineId, kind, dueOn }) =>
      inForce.get(deadlineId) === dueOn && settledColumn(kind, { answered, closed }) === 0,
  );
}
