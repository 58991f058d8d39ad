import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe } from './macro-options.ts';

export interface SummaryRow {
  readonly key: Content;
  readonly value?: Content;
}

export const SummaryList = ({
  rows,
  classes,
}: Pick<MacroOptions, 'classes'> & { readonly rows: readonly Maybe<SummaryRow>[] }): Element => (
  <dl class={classNames('govuk-summary-list', classes)}>
    {rows.map(
      (row) =>
        row && (
          <div class="govuk-summary-list__row">
            <dt class="govuk-summary-list__key">{row.key}</dt>
            <dd class="govuk-summary-list__value">{row.value}</dd>
          </div>
        ),
    )}
  </dl>
);
