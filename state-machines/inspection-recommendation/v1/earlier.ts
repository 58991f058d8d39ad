import type { FoldedEvent } from '#lifecycle/lifecycle-definition';
import type { Facts } from './facts.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/**
 * The effective date of what a note decides on, replaces or takes back: it is not effective before that. Null where it does
 * none of this. Moves are kept in order by their regions.
 */
export function effectiveOnOfEarlier(
  facts: Facts,
  { type, data }: RecordEvent<Pick<FoldedEvent, 'type' | 'data'>>,
): string | null {
  const { deadlineId: id }: AnyData = data;
  const named = facts.deadlines.find((each) => each.id === id);
  const deadline = named?.dueSince;
  const request = facts.extensions.find(({ deadlineId }) => deadlineId === id)?.on;
  const proposal = facts.proposals.find((each) => each.id === id)?.proposedOn;
  switch (type) {
    case 'OwnerAssigned':
      return facts.ownerOn;
    case 'RecipientAssigned':
      return facts.recipientOn;
    case 'TextAmended':
      return latest(
        data.text === undefined ? null : facts.textOn,
        data.title === undefined ? null : facts.titleOn,
      );
    case 'DeadlineSet':
    case 'DeadlineDismissed':
      return latest(proposal);
    case 'ExtensionRequested':
      // On a day on which the record was closed, nothing could be asked of it.
      return latest(deadline, named?.requestSettledOn, facts.reopenedOn);
    case 'DeadlineWithdrawn':
      return latest(deadline);
    case 'DeadlineExtended':
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return latest(request, deadline);
    default:
      return null;
  }
}

const latest = (...dates: readonly (string | null | undefined)[]): string | null =>
  dates.reduce<string | null>(
    (last, date) => (date != null && (last === null || date > last) ? date : last),
    null,
  );
