import { claimedBy } from './claims.ts';
import { lateOn, settledOn } from './deadlines.ts';
import type { Deadline, DeadlineProposal, IssuedDates } from './deadlines.ts';
import { recorderOf } from './persons.ts';
import type { AnyData, EventOf, RecordEvent } from './record-event.ts';

export function deadlineFrom(event: EventOf<'DeadlineSet'>): Deadline {
  const { data, effectiveOn, recordedAt } = event;
  const { deadlineId, kind, dueOn, source } = data;
  const subject = recorderOf(event);
  const setBy = subject === null ? null : { subject, at: recordedAt };
  const dates = { dueOn, firstDueOn: dueOn, dueSince: effectiveOn };
  return { id: deadlineId, kind, ...dates, setBy, ...(source !== undefined && { source }) };
}

export function proposalFrom({ data, effectiveOn }: EventOf<'DeadlineProposed'>): DeadlineProposal {
  const { deadlineId, suggestedOn, rule, source } = data;
  return { id: deadlineId, suggestedOn, rule, source, proposedOn: effectiveOn };
}

export function extended(
  deadlines: readonly Deadline[],
  { data, effectiveOn }: EventOf<'DeadlineExtended'>,
): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data.deadlineId);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  const after = { dueOn: data.dueOn, dueSince: effectiveOn };
  return deadlines.with(index, { ...lateOn(deadline, effectiveOn), ...after });
}

/** The next request is not effective before the one before it is settled. */
export function requestSettled(
  deadlines: readonly Deadline[],
  { data, effectiveOn }: EventOf<'ExtensionRefused' | 'ExtensionWithdrawn'>,
): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data.deadlineId);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  const { requestSettledOn: before = effectiveOn } = deadline;
  return deadlines.with(index, {
    ...deadline,
    requestSettledOn: before > effectiveOn ? before : effectiveOn,
  });
}

/** The deadlines after what settles them, or claims that they were met. */
export function settledBy(
  deadlines: readonly Deadline[],
  { eventId, data, effectiveOn }: RecordEvent,
  kind: Deadline['kind'],
): readonly Deadline[] {
  const { claim }: AnyData = data;
  return claim ? claimedBy(deadlines, kind, eventId) : settledOn(deadlines, kind, effectiveOn);
}

/** The dates of the issue with one more, where it was found in the text as issued. */
export function issuedWith(
  issued: IssuedDates | null,
  source: Deadline['source'],
  on: string | null,
): IssuedDates | null {
  return issued === null || on === null || source?.eventId !== issued.eventId
    ? issued
    : { ...issued, dates: [...issued.dates, on] };
}
