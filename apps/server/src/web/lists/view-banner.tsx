import { InsetText } from '../components/inset-text.tsx';
import type { Element } from '../components/macro-options.ts';
import { longDate, longInstant } from '../dates.ts';

/** Says of what past a page tells, above everything of it. */
export const ViewBanner = ({
  view,
  today,
}: {
  readonly view: { readonly effectiveOn: string; readonly knownAt: string | null };
  /** Where the same is shown as it stands. */
  readonly today: string;
}): Element => (
  <InsetText classes="docket-view">
    <p class="govuk-body">
      <strong>{`As at the end of ${longDate(view.effectiveOn)}`}</strong>
      {view.knownAt === null ? ', as known now.' : `, as known on ${longInstant(view.knownAt)}.`}
    </p>
    <p class="govuk-body">
      <a class="govuk-link" href={today}>
        Show it as it stands now
      </a>
    </p>
  </InsetText>
);
