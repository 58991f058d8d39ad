import type { Deadline } from '#state-machines/capabilities/deadlines';
import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { partsOf } from '../kind-parts.ts';
import { OPEN_STATUSES, stateTitle } from '../words.ts';
import { CLAIMED, isClaimed } from './facts-view.tsx';
import type { ShownRecord } from './shown-page.ts';

/** How a record stands, in a sentence or two: what somebody wants to know first. */
export function StateView({ shown }: { readonly shown: ShownRecord }): Element {
  const parts = partsOf(shown.seen.record.lifecycle.name);
  return (
    <p class="govuk-body-l" id="state">
      {[
        statusOf(shown),
        ...(isClaimed(shown, 'action') ? [CLAIMED] : []),
        ...(isOpen(shown) && parts.dates ? [nextDeadline(shown)] : []),
        ...response(shown),
        ...(isOpen(shown) && parts.body ? [whose(shown)] : []),
      ].join(' ')}
    </p>
  );
}

const isOpen = ({ seen: { record } }: ShownRecord): boolean => OPEN_STATUSES.includes(record.status);

/** Since when is known of the region that the status is of. */
function statusOf({ seen }: ShownRecord): string {
  const { status } = seen.record;
  const stay = seen.chart.regions
    .flatMap(({ path, current }) => (current === status ? path.slice(-1) : []))
    .at(0);
  const words = stateTitle(status);
  return stay === undefined ? `${words}.` : `${words} since ${longDate(stay.from)}.`;
}

/** Of the recommendation itself. */
function nextDeadline(shown: ShownRecord): string {
  const next = nextOf(shown, 'action');
  if (next !== null) return `Due on ${next}.`;
  return nextOf(shown, 'response') === null ? 'Nothing is due.' : 'It has no deadline itself.';
}

/** A response is due of what is closed, too. */
function response(shown: ShownRecord): string[] {
  const next = nextOf(shown, 'response');
  return next === null ? [] : [`The response is due on ${next}.`];
}

function nextOf({ seen: { record, day } }: ShownRecord, kind: Deadline['kind']): string | null {
  const [next] = record.deadlines
    .filter((deadline) => deadline.kind === kind && deadline.state !== 'settled')
    .map(({ dueOn }) => dueOn)
    .toSorted();
  return next === undefined ? null : `${longDate(next)}, ${daysLeft(day, next)}`;
}

function whose({ seen }: ShownRecord): string {
  const { recipient, owner } = seen.record;
  const body = recipient === null ? 'No body is named' : `It is for ${bodyName(recipient)}`;
  return `${body}, and ${owner === null ? 'nobody owns it yet' : `${personName(owner)} owns it`}.`;
}
