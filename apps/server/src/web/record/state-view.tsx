import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { STATUS_WORDS, wordsFor } from '../words.ts';
import type { ShownPage } from './shown-page.ts';

/** How a record stands, in a sentence or two: what somebody wants to know first. */
export const StateView = ({ shown }: { readonly shown: ShownPage }): Element => (
  <p class="govuk-body-l" id="state">
    {[statusOf(shown), ...(isOpen(shown) ? [nextDeadline(shown), whose(shown)] : [])].join(' ')}
  </p>
);

const isOpen = ({ seen }: ShownPage): boolean =>
  ['awaiting-review', 'being-progressed'].includes(seen.record.status);

/** Since when is known of the region that the status is of. */
function statusOf({ seen }: ShownPage): string {
  const { status } = seen.record;
  const stay = seen.chart.regions
    .flatMap(({ path, current }) => (current === status ? path.slice(-1) : []))
    .at(0);
  const words = wordsFor(STATUS_WORDS, status);
  return stay === undefined ? `${words}.` : `${words} since ${longDate(stay.from)}.`;
}

function nextDeadline({ seen: { record, day } }: ShownPage): string {
  const [next] = record.deadlines
    .filter(({ state }) => state !== 'settled')
    .map(({ dueOn }) => dueOn)
    .toSorted();
  return next === undefined ? 'Nothing is due.' : `Due on ${longDate(next)}, ${daysLeft(day, next)}.`;
}

function whose({ seen }: ShownPage): string {
  const { recipient, owner } = seen.record;
  const body = recipient === null ? 'No body is named' : `It is for ${bodyName(recipient)}`;
  return `${body}, and ${owner === null ? 'nobody owns it yet' : `${personName(owner)} owns it`}.`;
}
