import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

interface DetailsOptions extends MacroOptions {
  readonly summary: Content;
  readonly children: Content;
  readonly id?: string | undefined;
  readonly open?: boolean | undefined;
}

export const Details = ({ id, summary, open, classes, attributes, children }: DetailsOptions): Element => (
  <details id={id} class={classNames('govuk-details', classes)} open={open} {...attributes}>
    <summary class="govuk-details__summary">
      <span class="govuk-details__summary-text">{summary}</span>
    </summary>
    <div class="govuk-details__text">{children}</div>
  </details>
);
