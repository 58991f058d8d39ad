import type { FoldedEvent } from '#lifecycle/folded-event';
import type { Facts } from './facts.ts';
import { addressing, owning } from './parts.ts';
import type { Request } from '../../capabilities/persons.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/**
 * The effective dates of what an event decides on, replaces or takes back: it is not effective before them. None where it does
 * none of this. Moves are also kept in order by their regions.
 */
export function effectiveOnsOfEarlier(
  facts: Facts,
  { type, data }: RecordEvent<Pick<FoldedEvent, 'type' | 'data'>>,
): readonly string[] {
  const { deadlineId: id }: AnyData = data;
  const named = facts.deadlines.find((each) => each.id === id);
  const deadline = named?.dueSince;
  const request = facts.extensions.find(({ deadlineId }) => deadlineId === id)?.on;
  const proposal = facts.proposals.find((each) => each.id === id)?.proposedOn;
  switch (type) {
    case 'ClosureRequested':
      return datesOf(facts.submitted, data.considers);
    case 'OwnerAssigned':
      return owning.effectiveOnsOfEarlier(facts, { type });
    case 'RecipientAssigned':
      return addressing.effectiveOnsOfEarlier(facts, { type });
    case 'TextAmended':
      return known(
        data.text === undefined ? null : facts.textOn,
        data.title === undefined ? null : facts.titleOn,
      );
    case 'DeadlineSet':
    case 'DeadlineDismissed':
      return known(proposal);
    case 'ExtensionRequested':
      // On a day on which the record was closed, nothing could be asked of it.
      return known(deadline, named?.requestSettledOn, facts.reopenedOn);
    case 'DeadlineWithdrawn':
      return known(deadline);
    case 'DeadlineExtended':
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return known(request, deadline);
    case 'CorrectionRefused':
      return datesOf(facts.corrections, data.decides);
    default:
      return [];
  }
}

/** The dates of those requests that an event names. */
const datesOf = (
  requests: readonly Pick<Request, 'eventId' | 'on'>[],
  eventIds: readonly string[] = [],
): readonly string[] => requests.filter(({ eventId }) => eventIds.includes(eventId)).map(({ on }) => on);

const known = (...dates: readonly (string | null | undefined)[]): readonly string[] =>
  dates.filter((date) => date != null);
