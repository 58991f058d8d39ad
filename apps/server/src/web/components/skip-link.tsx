import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface SkipLinkOptions extends MacroOptions {
  readonly href?: string | undefined;
  readonly children: Content;
}

/** Past the navigation, for those who use a keyboard; shown when it has the focus. */
export const SkipLink = ({ href = '#content', classes, attributes, children }: SkipLinkOptions): Element => (
  <a href={href} class={classNames('govuk-skip-link', classes)} data-module="govuk-skip-link" {...attributes}>
    {children}
  </a>
);
