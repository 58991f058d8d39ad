import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

/** A tag, among the options of what holds one. */
export interface TagOptions extends MacroOptions {
  readonly content: Content;
}

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
