import { classNames } from './macro-options.ts';
import type { Content, Element } from './macro-options.ts';

interface LinkOptions {
  readonly href: string;
  readonly classes?: string;
  readonly download?: boolean;
  readonly rel?: string;
  readonly target?: '_blank';
  readonly 'aria-current'?: 'page' | undefined;
  /** The rest of the text, for screen readers. */
  readonly about?: Content;
  readonly children: Content;
}

export const Link = ({ href, classes, about, children, ...more }: LinkOptions): Element => (
  <a class={classNames('govuk-link', classes)} href={href} {...more}>
    {children}
    {about !== undefined && <span class="govuk-visually-hidden">{about}</span>}
  </a>
);
