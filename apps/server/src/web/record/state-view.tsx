import { summaryBy } from '#read-models/record-row';
import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { partsOf } from '../kind-parts.ts';
import type { KindParts } from '../kind-parts.ts';
import { upperFirst } from '#lifecycle/words';
import { dueOfWords, referenceOf, stateTitle } from '../words.ts';
import { claimedWords, isClaimed } from './facts-view.tsx';
import { regionSentences } from './own-facts.tsx';
import type { ShownRecord } from './shown-page.ts';

/** How a record stands, in a sentence or two: what somebody wants to know first. */
export function StateView({ shown }: { readonly shown: ShownRecord }): Element {
  const parts = partsOf(shown.seen.record.lifecycle.name);
  return (
    <p class="govuk-body-l" id="state">
      {[
        statusOf(shown),
        ...(shown.seen.record.says === undefined ? [] : regionSentences(shown)),
        ...(isClaimed(shown, 'action') ? [claimedWords(shown)] : []),
        ...(isOpen(shown) && parts.dates ? [nextDeadline(shown)] : []),
        ...others(shown),
        ...(isOpen(shown) && (parts.body || parts.owner) ? [whose(shown, parts)] : []),
      ].join(' ')}
    </p>
  );
}

const isOpen = ({ seen: { record } }: ShownRecord): boolean =>
  !summaryBy(lifecycles.current(record.lifecycle.name)).isClosed(record.state);

/** Since when is known of the region that the status is of. */
function statusOf({ seen }: ShownRecord): string {
  const { status } = seen.record;
  const stay = seen.chart.regions
    .flatMap(({ path, current }) => (current === status ? path.slice(-1) : []))
    .at(0);
  const words = stateTitle(status);
  return stay === undefined ? `${words}.` : `${words} since ${longDate(stay.from)}.`;
}

/** Of the record itself. */
function nextDeadline(shown: ShownRecord): string {
  const next = nextOf(shown, 'action');
  if (next !== null) return `Due on ${next}.`;
  return others(shown).length === 0 ? 'Nothing is due.' : 'It has no deadline itself.';
}

/** Something else, as a response, is due of what is closed, too. */
function others(shown: ShownRecord): string[] {
  const { record } = shown.seen;
  const due = new Set(record.deadlines.map(({ kind }) => kind).filter((kind) => kind !== 'action'));
  return [...due].flatMap((kind) => {
    const next = nextOf(shown, kind);
    return next === null ? [] : [`${dueOfWords(referenceOf(record).kind, kind)} is due on ${next}.`];
  });
}

function nextOf({ seen: { record, day } }: ShownRecord, kind: string): string | null {
  const [next] = record.deadlines
    .filter((deadline) => deadline.kind === kind && deadline.state !== 'settled')
    .map(({ dueOn }) => dueOn)
    .toSorted();
  return next === undefined ? null : `${longDate(next)}, ${daysLeft(day, next)}`;
}

function whose({ seen }: ShownRecord, parts: KindParts): string {
  const { recipient, owner } = seen.record;
  const body = recipient === null ? 'No body is named' : `It is for ${bodyName(recipient)}`;
  const person = owner === null ? 'nobody owns it yet' : `${personName(owner)} owns it`;
  if (!parts.owner) return `${body}.`;
  return parts.body ? `${body}, and ${person}.` : `${upperFirst(person)}.`;
}
