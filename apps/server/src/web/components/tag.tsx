import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

/** The status of something, in a word or two. */
export const Tag = ({
  classes,
  attributes,
  children,
}: MacroOptions & { readonly children: Content }): Element => (
  <strong class={classNames('govuk-tag', classes)} {...attributes}>
    {children}
  </strong>
);
