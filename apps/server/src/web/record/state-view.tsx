import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { bodyName, personName } from '../names.ts';
import { partsOf } from '../kind-parts.ts';
import type { KindParts } from '../kind-parts.ts';
import { upperFirst } from '#lifecycle/words';
import { dueOfWords, referenceOf, stateTitle } from '../words.ts';
import { regionSentences } from './facts-view.tsx';
import type { ShownRecord } from './shown-page.ts';
import { CLAIMED_WORDS, isClaimed, isOpen, isOwn, nextDeadlines, statusSince } from './shown-page.ts';

export function StateView({ shown }: { readonly shown: ShownRecord }): Element {
  const parts = partsOf(shown.seen.record.lifecycle.name);
  return (
    <p class="govuk-body-l" id="state">
      {[
        statusOf(shown),
        ...(shown.seen.record.says === undefined ? [] : regionSentences(shown)),
        ...(isClaimed(shown) ? [CLAIMED_WORDS] : []),
        ...(parts.dates ? dueSentences(shown) : []),
        ...(isOpen(shown) && (parts.body || parts.owner) ? [whose(shown, parts)] : []),
      ].join(' ')}
    </p>
  );
}

function statusOf(shown: ShownRecord): string {
  const since = statusSince(shown);
  const words = stateTitle(shown.seen.record.status);
  return since === null ? `${words}.` : `${words} since ${longDate(since)}.`;
}

/** Other kinds of deadlines, such as responses, also apply to closed records. */
function dueSentences(shown: ShownRecord): readonly string[] {
  const { record, day } = shown.seen;
  const next = nextDeadlines(shown);
  const own = next.find(isOwn);
  const others = next.filter((each) => each !== own);
  const inWords = (dueOn: string): string => `${longDate(dueOn)}, ${daysLeft(day, dueOn)}`;
  const none = others.length === 0 ? 'Nothing is due.' : 'It has no deadline of its own.';
  return [
    ...(isOpen(shown) ? [own === undefined ? none : `Due on ${inWords(own.dueOn)}.`] : []),
    ...others.map(({ kind, dueOn }) => {
      const what = dueOfWords(referenceOf(record).kind, kind);
      return dueOn < day
        ? `${what} was due on ${longDate(dueOn)} and is ${daysLeft(day, dueOn)}.`
        : `${what} is due on ${inWords(dueOn)}.`;
    }),
  ];
}

function whose({ seen }: ShownRecord, parts: KindParts): string {
  const { recipient, owner } = seen.record;
  const body = recipient === null ? 'No body is set' : `It is for ${bodyName(recipient)}`;
  const person = owner === null ? 'it has no owner yet' : `${personName(owner)} owns it`;
  if (!parts.owner) return `${body}.`;
  return parts.body ? `${body}, and ${person}.` : `${upperFirst(person)}.`;
}
