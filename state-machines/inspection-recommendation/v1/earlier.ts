import type { FoldedEvent } from '#lifecycle/folded-event';
import type { Facts } from './facts.ts';
import { closureCapability } from './closure-capability.ts';
import { deadlineCapability } from './deadline-capability.ts';
import { recipientCapability, ownerCapability } from './parts.ts';
import type { Request } from '../../capabilities/persons.ts';
import type { AnyData, RecordEvent } from './record-event.ts';

/**
 * Returns the effective dates of the events that an event decides on, replaces or withdraws, before which it cannot be
 * effective. Regions also keep moves in order.
 */
export function effectiveOnsOfEarlier(
  facts: Facts,
  { type, data }: RecordEvent<Pick<FoldedEvent, 'type' | 'data'>>,
): readonly string[] {
  const { deadlineId: id }: AnyData = data;
  const proposal = facts.proposals.find((each) => each.id === id)?.proposedOn;
  switch (type) {
    case 'ClosureRequested':
      return closureCapability.effectiveOnsOfEarlier(facts, { type, data });
    case 'OwnerAssigned':
      return ownerCapability.effectiveOnsOfEarlier(facts, { type });
    case 'RecipientAssigned':
      return recipientCapability.effectiveOnsOfEarlier(facts, { type });
    case 'TextAmended':
      return known(
        data.text === undefined ? null : facts.textOn,
        data.title === undefined ? null : facts.titleOn,
      );
    case 'DeadlineSet':
    case 'DeadlineDismissed':
      return known(proposal);
    case 'CorrectionRefused':
      return datesOf(facts.corrections, data.decides);
    default:
      return deadlineCapability.effectiveOnsOfEarlier(facts, { type, data });
  }
}

/** Returns the effective dates of the requests that an event lists. */
const datesOf = (
  requests: readonly Pick<Request, 'eventId' | 'on'>[],
  eventIds: readonly string[] = [],
): readonly string[] => requests.filter(({ eventId }) => eventIds.includes(eventId)).map(({ on }) => on);

const known = (...dates: readonly (string | null | undefined)[]): readonly string[] =>
  dates.filter((date) => date != null);
