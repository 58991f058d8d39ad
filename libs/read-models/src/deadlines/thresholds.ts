import type { Crossed } from '#lifecycle/summary';
import { paddedPosition } from '#projections/position';
import type { RowOf, TableDefinition } from '#projections/tables';
import { datesOf, settledColumn } from '../record-row.ts';
import type { FoldedRecord, ProjectedEvent } from '../record-row.ts';

/** The thresholds that events report as crossed. */
export const THRESHOLDS = {
  name: 'crossed_thresholds',
  columns: {
    /** The event's id. */
    id: 'text',
    /** The position, padded so that positions sort as text in log order. */
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
} as const satisfies TableDefinition;

export interface ThresholdRow extends RowOf<typeof THRESHOLDS.columns> {
  nearness: Crossed['nearness'];
}

/** An escalated deadline. It stays overdue while its date is in force and not settled. */
export interface Escalation {
  readonly deadlineId: string;
  readonly dateVersion: number;
  readonly kind: string;
  readonly dueOn: string;
  /** The day of the escalation. */
  readonly on: string;
}

/** Returns the threshold that an event reports as crossed; null if it reports none. */
export function crossedBy(event: ProjectedEvent): Crossed | null {
  const news = event.rules.code.dates?.news(event) ?? null;
  return news?.is === 'crossed' ? news : null;
}

/** Returns whether people are notified of a threshold: not if the date had passed when the record was first stored. */
export const isThresholdNews = (
  { nearness, dueOn }: Pick<Crossed, 'nearness' | 'dueOn'>,
  effectiveOn: string,
  cameInOn: string,
): boolean => cameInOn <= (nearness === 'near' ? dueOn : effectiveOn);

export const thresholdRow = (
  { recipient, came_in_on }: Pick<ThresholdRow, 'recipient' | 'came_in_on'>,
  event: ProjectedEvent,
  { id, dateVersion, kind, dueOn, nearness }: Crossed,
): ThresholdRow => ({
  id: event.eventId,
  position: paddedPosition(event.position),
  type: event.type,
  nearness,
  recorded_at: event.recordedAt,
  stream: event.streamId,
  recipient,
  came_in_on,
  deadline_id: id,
  date_version: dateVersion,
  kind,
  due_on: dueOn,
  effective_on: event.effectiveOn,
});

/** The latest escalation of each deadline, in order of escalation. */
export type Escalations = Map<string, Escalation>;

/** Adds the event's escalation to the map, without a copy because a record can have thousands. */
export function escalate(
  escalations: Escalations,
  { effectiveOn }: Pick<ProjectedEvent, 'effectiveOn'>,
  { id: deadlineId, dateVersion, kind, dueOn }: Crossed,
): void {
  escalations.delete(deadlineId);
  escalations.set(deadlineId, { deadlineId, dateVersion, kind, dueOn, on: effectiveOn });
}

interface Escalated extends Pick<FoldedRecord, 'stream' | 'summary' | 'closed'> {
  readonly answered: number;
  readonly escalations: readonly Escalation[];
}

/** Returns the escalations that are still overdue: the date is in force, unchanged and not settled. */
export function openEscalations(record: Escalated): Escalation[] {
  const { closed, answered, escalations } = record;
  if (escalations.length === 0) return [];
  const inForce = new Map(datesOf(record).map(({ id, dueOn }) => [id, dueOn]));
  return escalations.filter(
    ({ deadlineId, kind, dueOn }) =>
      inForce.get(deadlineId) === dueOn && settledColumn(kind, { answered, closed }) === 0,
  );
}
