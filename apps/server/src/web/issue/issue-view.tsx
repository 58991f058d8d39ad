import { PROPOSAL_RULES } from '#deadlines/found-deadline';
import type { FoundDeadline } from '#deadlines/found-deadline';
import type { RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate } from '../dates.ts';
import { ACTION_FIELD, ActionForm, Refused } from '../forms/action-form.tsx';
import { dateOf } from '../forms/fields.ts';
import type { Shown } from '../forms/form-errors.ts';
import { issueFields } from './issue-fields.ts';
import type { UnknownBody } from '../forms/unknown-bodies.ts';
import { listPath } from '../list-paths.ts';
import { issueTitle } from '../words.ts';

/** The button that lists the dates in the text. */
export const LOOK = 'look';

interface IssueOptions extends Shown {
  readonly kind: RecordKind;
  readonly found: readonly FoundDeadline[] | null;
  /** Bodies that were entered and are unknown. */
  readonly unknown: readonly UnknownBody[];
  readonly formKey: string | null;
}

export function IssueView({ kind, found, unknown, values, errors, formKey }: IssueOptions): Element {
  const fields = issueFields(kind, unknown);
  const { datesInText } = lifecycles.current(kind.name).words;
  return (
    <div class="govuk-grid-row">
      <div class="govuk-grid-column-two-thirds">
        <Refused errors={errors} fields={fields} />
        <h1 class="govuk-heading-l">{issueTitle(kind)}</h1>
        {found !== null && datesInText !== undefined && (
          <DatesInText
            found={found}
            text={values.text(datesInText.text).replaceAll('\r\n', '\n')}
            isPublicationKnown={dateOf(values, datesInText.publishedOn) !== undefined}
          />
        )}
        <ActionForm
          action={`${listPath(kind)}/new`}
          formKey={formKey}
          fields={fields}
          values={values}
          errors={errors}
          button={issueTitle(kind)}
          more={
            datesInText && (
              <Button name={ACTION_FIELD} value={LOOK} classes="govuk-button--secondary">
                Find dates in the text
              </Button>
            )
          }
        />
      </div>
    </div>
  );
}

const DatesInText = ({
  found,
  text,
  isPublicationKnown,
}: {
  readonly found: readonly FoundDeadline[];
  readonly isPublicationKnown: boolean;
  readonly text: string;
}): Element => (
  <section class="govuk-inset-text" id="dates" aria-labelledby="dates-heading">
    <h2 class="govuk-heading-m" id="dates-heading">
      Dates in the text
    </h2>
    {found.length === 0 ? (
      <p class="govuk-body">No deadline was found in the text.</p>
    ) : (
      <ul class="govuk-list">
        {found.map((deadline) => (
          <li key={deadline.span.from}>
            “{text.slice(deadline.span.from, deadline.span.to)}”: {whatBecomes(deadline)}
          </li>
        ))}
      </ul>
    )}
    {!isPublicationKnown && found.length > 0 && (
      <p class="govuk-body">
        Enter the date when the report was published, to see which dates become deadlines.
      </p>
    )}
    <p class="govuk-body">Nothing has been issued yet.</p>
  </section>
);

const whatBecomes = (deadline: FoundDeadline): string =>
  deadline.kind === 'exact'
    ? `the deadline ${longDate(deadline.dueOn)}`
    : `proposed${deadline.suggestedOn === null ? '' : `, as ${longDate(deadline.suggestedOn)}`} (${PROPOSAL_RULES[deadline.rule]}); an inspector must confirm or dismiss it`;
