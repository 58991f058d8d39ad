import { Button } from '../components/button.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { MARK_FIELD } from '../page-context.ts';
import { mayGive } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';

export type Proposal = ShownPage['seen']['record']['pending']['proposals'][number];

/** Dates of the text that wait to be confirmed or dismissed, each with what can be done about it. */
export function ProposalForms({
  shown,
  proposals,
}: {
  readonly shown: ShownPage;
  readonly proposals: readonly Proposal[];
}): Element {
  return (
    <>
      {proposals.map((proposal) => (
        <div class="docket-proposal" id={`proposal-${proposal.id}`} key={proposal.id}>
          <p class="govuk-body">
            {suggestion(proposal, shown.seen.record.text)} Until an inspector has confirmed it, it is no
            deadline.
            {proposal.source === null && ' Its words are no longer in the text.'}
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
    ? `${words} may name a deadline; which day is meant cannot be told.`
    : `${words} may name a deadline: ${longDate(suggestedOn)}.`;
}

function Choices({ shown, proposal }: { readonly shown: ShownPage; readonly proposal: Proposal }): Element {
  const { id, suggestedOn } = proposal;
  const mayConfirm = mayGive(shown, 'confirm-deadline');
  return (
    <div class="docket-choices">
      {mayConfirm && suggestedOn !== null && (
        <OneClick shown={shown} command="confirm-deadline" payload={{ deadlineId: id, dueOn: suggestedOn }}>
          Confirm {longDate(suggestedOn)}
        </OneClick>
      )}
      {mayGive(shown, 'dismiss-deadline') && (
        <OneClick shown={shown} command="dismiss-deadline" payload={{ deadlineId: id }} isSecondary>
          No deadline
          <span class="govuk-visually-hidden">{suggestedOn !== null && `: ${longDate(suggestedOn)}`}</span>
        </OneClick>
      )}
      {mayConfirm && (
        <a class="govuk-link" href={shown.addresses.command('confirm-deadline', { deadlineId: id })}>
          {suggestedOn === null ? 'Name the day' : 'Confirm another day'}
        </a>
      )}
    </div>
  );
}

/** A command of which nothing is left to be typed. */
function OneClick({
  shown,
  command,
  payload,
  isSecondary = false,
  children,
}: {
  readonly shown: ShownPage;
  readonly command: string;
  readonly payload: Readonly<Record<string, string>>;
  readonly isSecondary?: boolean;
  readonly children: Content;
}): Element {
  const { seen, addresses, mark, newKey } = shown;
  return (
    <form method="post" action={addresses.command(command)} class="docket-inline-form">
      <input type="hidden" name={MARK_FIELD} value={mark} />
      <input type="hidden" name="version" value={seen.record.version} />
      <input type="hidden" name="key" value={newKey()} />
      {Object.entries(payload).map(([name, value]) => (
        <input type="hidden" key={name} name={name} value={value} />
      ))}
      <Button classes={isSecondary ? 'govuk-button--secondary' : undefined} preventDoubleClick>
        {children}
      </Button>
    </form>
  );
}
