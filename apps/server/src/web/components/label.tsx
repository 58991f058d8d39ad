import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

interface LabelLooks extends MacroOptions {
  /** The label is the page's heading too, where a page asks one thing. */
  readonly isPageHeading?: boolean | undefined;
}

/** The label of a field, among the field's options. */
export interface LabelOptions extends LabelLooks {
  readonly content: Content;
}

export function Label(
  options: LabelLooks & { readonly for?: string | undefined; readonly children: Content },
): Element {
  const label = (
    <label class={classNames('govuk-label', options.classes)} for={options.for} {...options.attributes}>
      {options.children}
    </label>
  );
  return options.isPageHeading === true ? <h1 class="govuk-label-wrapper">{label}</h1> : label;
}
