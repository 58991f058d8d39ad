import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

/** The status of something, in a word or two. */
export const Tag = ({
  classes,
  children,
}: Pick<MacroOptions, 'classes'> & { readonly children: Content }): Element => (
  <strong class={classNames('govuk-tag', classes)}>{children}</strong>
);
