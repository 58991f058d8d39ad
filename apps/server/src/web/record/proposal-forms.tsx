import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { OneClick } from './one-click.tsx';
import { isAllowed } from './shown-page.ts';
import type { ShownRecord } from './shown-page.ts';

export type Proposal = ShownRecord['seen']['record']['pending']['proposals'][number];

/** Dates from the text that await confirmation. */
export function ProposalForms({
  shown,
  proposals,
}: {
  readonly shown: ShownRecord;
  readonly proposals: readonly Proposal[];
}): Element {
  return (
    <>
      {proposals.map((proposal) => (
        <div class="docket-proposal" id={`proposal-${proposal.id}`} key={proposal.id}>
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
