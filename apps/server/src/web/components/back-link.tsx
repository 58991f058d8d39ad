import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface BackLinkOptions extends MacroOptions {
  readonly href: string;
  readonly children?: Content;
}

/** The way back to where one came from. */
export const BackLink = ({ href, classes, attributes, children }: BackLinkOptions): Element => (
  <a href={href} class={classNames('govuk-back-link', classes)} {...attributes}>
    {children ?? 'Back'}
  </a>
);
