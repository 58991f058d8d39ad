import type { Envelope } from '#event-sourcing/envelope';
import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { addDays } from '#lifecycle/plain-date';
import { datesInTextOf } from '../../capabilities/dates-in-text.ts';
import type { Facts } from './facts.ts';
import type { ConfirmDeadlinePayload } from './payloads.ts';
import { asRecordEvents } from './record-event.ts';
import { withoutRedacted } from '../../capabilities/redacted.ts';

type State = LifecycleState<Facts>;
type Reading = Pick<DecisionContext<Facts>, 'history' | 'services'>;

/** Returns the id of the event with the issued text, whose dates are needed. */
export const issuedText = (_: unknown, events: readonly Envelope[]): string[] =>
  asRecordEvents(events).flatMap(({ type, eventId }) => (type === 'RecommendationIssued' ? [eventId] : []));

/** Returns the dates that follow from the issued text or occur in it, in any context; none before publication. */
function datesAsIssued({ facts, firstOn }: State, { history, services }: Reading): string[] {
  const named = asRecordEvents(withoutRedacted(history)).flatMap((event) => {
    if (event.type !== 'RecommendationIssued') return [];
    const { text, report } = event.data;
    return datesSincePublication(
      datesInTextOf(services).exactDates(text ?? ''),
      report?.publishedOn ?? firstOn,
    );
  });
  return [...(facts.issued?.dates ?? []), ...named];
}

export const datesSincePublication = (dates: readonly string[], publishedOn: string): string[] =>
  dates.filter((date) => date >= publishedOn);

/** Requires a date before today to follow from the issued text, because it makes a body overdue on the day of entry. */
export const pastDueAsIssued: Rule<Facts, { readonly dueOn: string }> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  isMet: (state, { dueOn }, context) =>
    dueOn >= context.today || datesAsIssued(state, context).includes(dueOn),
  detail: (state, { dueOn }, context) => pastDueProblem(dueOn, datesAsIssued(state, context)),
};

/** Returns the reason why a date before today is refused, with the allowed ones. */
export function pastDueProblem(dueOn: string, dates: readonly string[]): string {
  const allowed = dates.length === 0 ? '' : ` (${[...new Set(dates)].sort().join(', ')})`;
  return (
    `${dueOn} has passed. A past deadline must be a date in the issued text, a date suggested by it, or ` +
    `55 days after publication${allowed}; use today or a later date`
  );
}

const FIRST_PUBLICATION = '1900-01-01';
const PUBLICATION_DAYS_AHEAD = 90;

/** Returns the reason why a publication date is refused, on entry or in a correction; null if it is allowed. */
export function publicationProblem(publishedOn: string, today: string): string | null {
  const last = addDays(today, PUBLICATION_DAYS_AHEAD);
  return publishedOn >= FIRST_PUBLICATION && publishedOn <= last
    ? null
    : `The publication date must be between ${FIRST_PUBLICATION} and ${last} (${PUBLICATION_DAYS_AHEAD} days from today); ${publishedOn} is not`;
}

/** Allows a proposed date to have passed, because it comes from the text. */
export const dueFromIssueOn: Rule<Facts, ConfirmDeadlinePayload> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  isMet: ({ firstOn }, { dueOn }) => dueOn >= firstOn,
  detail: ({ firstOn }, { dueOn }) =>
    `The deadline must be on or after the date of issue, ${firstOn}; ${dueOn} is earlier`,
};
