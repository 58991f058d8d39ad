import type { RecordAtPoint } from '#use-cases/records/see-page';
import type { Element } from '../components/macro-options.ts';
import { daysLeft, longDate } from '../dates.ts';
import { DEADLINE_WORDS, REDACTED, wordsFor } from '../words.ts';
import { markedText } from './marked-text.ts';
import type { Marked, Segment } from './marked-text.ts';
import { isAllowed } from './shown-page.ts';
import type { ShownRecord } from './shown-page.ts';
import { lifecycles } from '#state-machines/lifecycles';
import { Link } from '../components/button.tsx';
import { OneClick } from './one-click.tsx';

type Deadline = RecordAtPoint['record']['deadlines'][number];
type Found = { readonly deadline: Deadline } | { readonly proposal: Proposal };

/** The text with its dates marked; proposed dates can be confirmed below their paragraph. */
export function TextView({ shown }: { readonly shown: ShownRecord }): Element {
  const { record, textEvent, day } = shown.seen;
  const text = record.text;
  if (text === null) return <p class="govuk-body">{REDACTED}</p>;
  const marks = marksOf(shown.seen, textEvent);
  const elsewhere = record.pending.proposals.filter(
    ({ id }) => !marks.some(({ found }) => 'proposal' in found && found.proposal.id === id),
  );
  return (
    <div class="docket-recommendation">
      {markedText(text, marks).map((paragraph) => (
        <div>
          <p class="govuk-body">
            {paragraph.map((segment) => (
              <SegmentView segment={segment} day={day} />
            ))}
          </p>
          <ProposalForms shown={shown} proposals={paragraph.flatMap(proposalsIn)} />
        </div>
      ))}
      <ProposalForms shown={shown} proposals={elsewhere} />
    </div>
  );
}

/** Ignores places in an earlier text. */
function marksOf({ record }: Pick<RecordAtPoint, 'record'>, textEvent: string): Marked<Found>[] {
  const found: readonly Found[] = [
    ...record.deadlines.map((deadline) => ({ deadline })),
    ...record.pending.proposals.map((proposal) => ({ proposal })),
  ];
  return found.flatMap((each) => {
    const source = 'deadline' in each ? each.deadline.source : each.proposal.source;
    return source?.eventId === textEvent ? [{ from: source.from, to: source.to, found: each }] : [];
  });
}

const proposalsIn = ({ found }: Segment<Found>): Proposal[] =>
  found.flatMap((each) => ('proposal' in each ? [each.proposal] : []));

function SegmentView({ segment, day }: { readonly segment: Segment<Found>; readonly day: string }): Element {
  const { text, found } = segment;
  if (found.length === 0) return <>{text}</>;
  const isProposed = found.some((each) => 'proposal' in each);
  return (
    <mark class={isProposed ? 'docket-found docket-found--proposed' : 'docket-found'}>
      {text}
      <span class="govuk-visually-hidden">{` (${found.map((each) => describeFound(each, day)).join('; ')})`}</span>
    </mark>
  );
}

function describeFound(found: Found, day: string): string {
  if ('proposal' in found) return 'a date to confirm';
  const { dueOn, state } = found.deadline;
  const left = state === 'settled' ? wordsFor(DEADLINE_WORDS, state).toLowerCase() : daysLeft(day, dueOn);
  return `deadline ${longDate(dueOn)}, ${left}`;
}

type Proposal = ShownRecord['seen']['record']['pending']['proposals'][number];

/** Dates from the text that await confirmation. */
function ProposalForms({
  shown,
  proposals,
}: {
  readonly shown: ShownRecord;
  readonly proposals: readonly Proposal[];
}): Element {
  return (
    <>
      {proposals.map((proposal) => (
        <div class="docket-proposal" id={`proposal-${proposal.id}`}>
          <p class="govuk-body">
            {suggestion(proposal, shown.seen.record.text)} It becomes a deadline when an inspector confirms
            it.
            {proposal.source === null && ' This wording is no longer in the text.'}
            {proposal.countedFrom !== undefined &&
              ` It was calculated from the publication date ${longDate(proposal.countedFrom)}, which has since been corrected. Check the date.`}
          </p>
          <Choices shown={shown} proposal={proposal} />
        </div>
      ))}
    </>
  );
}

function suggestion({ suggestedOn, source }: Proposal, text: string | null): string {
  const words = source === null ? 'The text' : `“${(text ?? '').slice(source.from, source.to)}”`;
  return suggestedOn === null
    ? `${words} may be a deadline, but the date is not clear.`
    : `${words} may be a deadline: ${longDate(suggestedOn)}.`;
}

function Choices({
  shown,
  proposal,
}: {
  readonly shown: ShownRecord;
  readonly proposal: Proposal;
}): Element | null {
  const { id, suggestedOn } = proposal;
  const { foundDates } = lifecycles.current(shown.seen.record.lifecycle.name).words;
  if (foundDates === undefined) return null;
  const { confirm, dismiss } = foundDates;
  const mayConfirm = isAllowed(shown, confirm);
  return (
    <div class="docket-choices">
      {mayConfirm && suggestedOn !== null && (
        <OneClick shown={shown} command={confirm} payload={{ deadlineId: id, dueOn: suggestedOn }}>
          Confirm {longDate(suggestedOn)}
        </OneClick>
      )}
      {isAllowed(shown, dismiss) && (
        <OneClick shown={shown} command={dismiss} payload={{ deadlineId: id }} isSecondary>
          Dismiss the date
          <span class="govuk-visually-hidden">{suggestedOn !== null && `: ${longDate(suggestedOn)}`}</span>
        </OneClick>
      )}
      {mayConfirm && (
        <Link href={shown.addresses.command(confirm, { deadlineId: id })}>
          {suggestedOn === null ? 'Set the deadline' : 'Confirm a different date'}
        </Link>
      )}
    </div>
  );
}
