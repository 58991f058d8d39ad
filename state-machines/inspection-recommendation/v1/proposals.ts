import type { Guard, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Deadline, DeadlineProposal, IssuedDates } from '../../capabilities/deadlines.ts';
import { addDays, daysBetween } from '#lifecycle/plain-date';
import { responseDueOn } from '../../capabilities/deadlines.ts';
import { setLaterOne } from '../../capabilities/deadline-rules.ts';
import type { Facts } from './facts.ts';
import type { EventOf } from './record-event.ts';

/** Returns the pending proposal with an id; undefined if there is none. */
export const proposalNamed = (
  { facts }: LifecycleState<Facts>,
  deadlineId: string,
): DeadlineProposal | undefined => facts.proposals.find(({ id }) => id === deadlineId);

export const proposalWaiting: Guard<Facts> = {
  code: 'proposal-waiting',
  isMet: ({ facts }) => facts.proposals.length > 0,
  detail: () => 'No date from the text is waiting to be confirmed or dismissed',
};

export const proposalKnown: Rule<Facts, { readonly deadlineId: string }> = {
  code: 'deadline-unknown',
  isMet: (state, { deadlineId }) => proposalNamed(state, deadlineId) !== undefined,
  detail: ({ facts }) =>
    `No such date is pending. Pending: ${facts.proposals.map(({ id, suggestedOn }) => (suggestedOn === null ? id : `${id} (${suggestedOn})`)).join(', ')}`,
};

/** A period of months that begins on another day can be longer by as many days. */
const MONTHS_DIFFER_DAYS = 3;

/** Returns the last date that the text suggests, counted from the present publication date; null if it suggests none. */
function latestSuggested({ facts }: LifecycleState<Facts>, proposal: DeadlineProposal | undefined) {
  const { suggestedOn = null, countedFrom } = proposal ?? {};
  const [responseOn] = facts.issued?.dates ?? [];
  if (suggestedOn === null || countedFrom === undefined || responseOn === undefined) return suggestedOn;
  return addDays(suggestedOn, daysBetween(responseDueOn(countedFrom), responseOn) + MONTHS_DIFFER_DAYS);
}

/** Refuses a later date than the text suggests. */
export const notLaterThanSuggested: Rule<Facts, { readonly deadlineId: string; readonly dueOn: string }> = {
  code: 'not-later-than-suggested',
  kind: 'people',
  isMet: (state, { deadlineId, dueOn }) => {
    const latest = latestSuggested(state, proposalNamed(state, deadlineId));
    return latest === null || dueOn <= latest;
  },
  detail: (state, { deadlineId }) => {
    const latest = latestSuggested(state, proposalNamed(state, deadlineId)) ?? '';
    return `The text suggests ${latest}; a later date needs a second person. Confirm ${latest} and request an extension, or dismiss the date and let another person set one`;
  },
};

/** Refuses a dismissal by a person who set a later date, which alone would remain. */
export const noLaterDateSet: Rule<Facts, { readonly deadlineId: string }> = {
  code: 'not-the-setter',
  kind: 'people',
  isMet: (state, { deadlineId }, { actor }) => {
    const dueOn = proposalNamed(state, deadlineId)?.suggestedOn ?? null;
    return dueOn === null || !setLaterOne(state, { kind: 'action', dueOn }, actor.subject);
  },
  detail: () => 'You set a later date than this one; another person must dismiss it',
};

export function proposalFrom({ data, effectiveOn }: EventOf<'DeadlineProposed'>): DeadlineProposal {
  const { deadlineId, suggestedOn, rule, source } = data;
  return { id: deadlineId, suggestedOn, rule, source, proposedOn: effectiveOn };
}

/** Returns the dates of the issue, with another one if it was found in the issued text. */
export function issuedWith(
  issued: IssuedDates | null,
  source: Deadline['source'],
  on: string | null,
): IssuedDates | null {
  return issued === null || on === null || source?.eventId !== issued.eventId
    ? issued
    : { ...issued, dates: [...issued.dates, on] };
}
