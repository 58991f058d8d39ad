import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent } from './macro-options.ts';

export interface LegendOptions {
  readonly content: Content;
  readonly classes?: string | undefined;
  /** The legend is the page's heading too, where a page asks one thing. */
  readonly isPageHeading?: boolean | undefined;
}

/** The fieldset of a group of fields, among the group's options. */
export interface FieldsetOptions extends MacroOptions {
  readonly legend?: OrContent<LegendOptions> | undefined;
  readonly role?: string | undefined;
  /** The ids of what describes the group. */
  readonly describedBy?: string | undefined;
}

export const Fieldset = (options: FieldsetOptions & { readonly children?: Content }): Element => (
  <fieldset
    class={classNames('govuk-fieldset', options.classes)}
    role={options.role as 'group' | undefined}
    aria-describedby={options.describedBy}
    {...options.attributes}
  >
    {options.legend !== undefined && <Legend {...optionsOf(options.legend)} />}
    {options.children}
  </fieldset>
);

const Legend = ({ content, classes, isPageHeading }: LegendOptions): Element => (
  <legend class={classNames('govuk-fieldset__legend', classes)}>
    {isPageHeading === true ? <h1 class="govuk-fieldset__heading">{content}</h1> : content}
  </legend>
);
