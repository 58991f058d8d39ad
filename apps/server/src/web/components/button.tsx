import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

interface ButtonOptions extends MacroOptions {
  readonly children: Content;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  /** Renders a link that looks like a button. */
  readonly href?: string | undefined;
  readonly preventDoubleClick?: boolean | undefined;
}

export function Button({
  children,
  name,
  value,
  href,
  classes,
  attributes,
  ...more
}: ButtonOptions): Element {
  const shared = {
    class: classNames('govuk-button', classes),
    'data-module': 'govuk-button',
    ...attributes,
  };
  return href === undefined ? (
    <button
      type="submit"
      name={name}
      value={value}
      data-prevent-double-click={more.preventDoubleClick}
      {...shared}
    >
      {children}
    </button>
  ) : (
    <a href={href} role="button" draggable={false} {...shared}>
      {children}
    </a>
  );
}

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
