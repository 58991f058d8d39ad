import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

/** The hint of a field, among the field's options. */
export interface HintOptions extends MacroOptions {
  readonly content: Content;
}

/** Help with a field, which names it by `aria-describedby`. */
export const Hint = ({
  id,
  classes,
  attributes,
  children,
}: MacroOptions & { readonly id?: string | undefined; readonly children: Content }): Element => (
  <div id={id} class={classNames('govuk-hint', classes)} {...attributes}>
    {children}
  </div>
);
