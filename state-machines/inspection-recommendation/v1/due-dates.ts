import type { Envelope } from '#event-sourcing/envelope';
import type { DecisionContext, Rule } from '#lifecycle/decide';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { addDays } from '#lifecycle/plain-date';
import { DATES_IN_TEXT } from '../../capabilities/dates-in-text.ts';
import type { Facts } from './facts.ts';
import type { ConfirmDeadlinePayload } from './payloads.ts';
import { asRecordEvents } from './record-event.ts';
import { withoutRedacted } from '../../capabilities/redacted.ts';

type State = LifecycleState<Facts>;
type Reading = Pick<DecisionContext<Facts>, 'history' | 'services'>;

/** The text as issued, for the dates that it names. */
export const issuedText = (_: unknown, events: readonly Envelope[]): string[] =>
  asRecordEvents(events).flatMap(({ type, eventId }) => (type === 'RecommendationIssued' ? [eventId] : []));

/** The dates that follow from what was issued, or that its text names, whatever it says of them; none before publication. */
function datesAsIssued({ facts, firstOn }: State, { history, services }: Reading): string[] {
  const named = asRecordEvents(withoutRedacted(history)).flatMap((event) => {
    if (event.type !== 'RecommendationIssued') return [];
    const { text, report } = event.data;
    return datesSincePublication(
      services.get(DATES_IN_TEXT).named(text ?? ''),
      report?.publishedOn ?? firstOn,
    );
  });
  return [...(facts.issued?.dates ?? []), ...named];
}

export const datesSincePublication = (dates: readonly string[], publishedOn: string): string[] =>
  dates.filter((date) => date >= publishedOn);

/** A date before today makes a body overdue on the day of entry: it must follow from what was issued. */
export const pastDueAsIssued: Rule<Facts, { readonly dueOn: string }> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  holds: (state, { dueOn }, context) =>
    dueOn >= context.today || datesAsIssued(state, context).includes(dueOn),
  detail: (state, { dueOn }, context) => pastDueProblem(dueOn, datesAsIssued(state, context)),
};

/** Why a date before today is refused, and which are taken. */
export function pastDueProblem(dueOn: string, dates: readonly string[]): string {
  const taken = dates.length === 0 ? '' : ` (${[...new Set(dates)].sort().join(', ')})`;
  return (
    `${dueOn} has passed. A past deadline must be a date that the text as issued names or suggests, or ` +
    `55 days after publication${taken}; use today or a later date`
  );
}

const FIRST_PUBLICATION = '1900-01-01';
const PUBLICATION_DAYS_AHEAD = 90;

/** Why a date of publication is refused, as on entry so in a correction; null where it is not. */
export function publicationProblem(publishedOn: string, today: string): string | null {
  const last = addDays(today, PUBLICATION_DAYS_AHEAD);
  return publishedOn >= FIRST_PUBLICATION && publishedOn <= last
    ? null
    : `A report is published between ${FIRST_PUBLICATION} and ${last}, ${PUBLICATION_DAYS_AHEAD} days from today; ${publishedOn} is not`;
}

/** A proposal is what the text says, also where that day has passed. */
export const dueFromIssueOn: Rule<Facts, ConfirmDeadlinePayload> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  holds: ({ firstOn }, { dueOn }) => dueOn >= firstOn,
  detail: ({ firstOn }, { dueOn }) => `dueOn ${dueOn} is earlier than the issue, on ${firstOn}`,
};
