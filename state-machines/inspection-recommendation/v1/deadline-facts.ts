import { claimedBy, withoutClaims } from './claims.ts';
import { lateOn, settledOn } from '../../capabilities/deadlines.ts';
import type { Deadline, DeadlineProposal, IssuedDates, WithdrawnDate } from '../../capabilities/deadlines.ts';
import { recorderOf, requestFrom } from '../../capabilities/persons.ts';
import { isSamePerson } from '../../access.ts';
import type { Request } from '../../capabilities/persons.ts';
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

/** A later date that somebody asked for. */
export interface PendingExtension extends Request {
  readonly deadlineId: string;
  readonly dueOn: string;
}

export const extensionFrom = (event: EventOf<'ExtensionRequested'>): PendingExtension => ({
  ...requestFrom(event),
  deadlineId: event.data.deadlineId,
  dueOn: event.data.dueOn,
});

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
  if (claim) return claimedBy(deadlines, kind, eventId);
  // What settles them takes the place of a claim that they were met.
  return settledOn(
    withoutClaims(deadlines, (each) => each.kind === kind),
    kind,
    effectiveOn,
  );
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

/** What somebody set themselves is theirs to take back; it is no other person's date. */
export function withdrawnAfter(
  {
    deadlines,
    withdrawn,
  }: { readonly deadlines: readonly Deadline[]; readonly withdrawn: readonly WithdrawnDate[] },
  event: EventOf<'DeadlineWithdrawn'>,
): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  const deadline = deadlines.find(({ id }) => id === event.data.deadlineId);
  if (by === null || deadline === undefined || isSamePerson(deadline.setBy?.subject ?? null, by))
    return withdrawn;
  const own = withdrawn.find((each) => isSamePerson(each.by, by));
  const dueOn = own !== undefined && own.dueOn < deadline.dueOn ? own.dueOn : deadline.dueOn;
  return [...withdrawn.filter((each) => each !== own), { by, dueOn }];
}

/** Once a second person has set a deadline, what the others withdrew is replaced by two. */
export function replaced(withdrawn: readonly WithdrawnDate[], event: RecordEvent): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  return by === null || withdrawn.length === 0
    ? withdrawn
    : withdrawn.filter((each) => isSamePerson(each.by, by));
}

/** The list without the item that is meant; the same list where there is none. */
export function withoutOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): readonly Item[] {
  const index = items.findIndex(isMeant);
  return index < 0 ? items : items.toSpliced(index, 1);
}
