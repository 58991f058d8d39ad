import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface ButtonOptions extends MacroOptions {
  readonly children: Content;
  readonly id?: string | undefined;
  readonly name?: string | undefined;
  readonly value?: string | undefined;
  readonly type?: 'submit' | 'button' | 'reset' | undefined;
  /** Makes it a link that looks like a button. */
  readonly href?: string | undefined;
  readonly disabled?: boolean | undefined;
  readonly isStartButton?: boolean | undefined;
  readonly preventDoubleClick?: boolean | undefined;
}

/** A button, or a link that looks like one. */
export function Button(options: ButtonOptions): Element {
  const { children, name, value, type = 'submit', href, disabled = false, isStartButton = false } = options;
  const shared = {
    id: options.id,
    class: classNames('govuk-button', options.classes, isStartButton && 'govuk-button--start'),
    'data-module': 'govuk-button',
    ...options.attributes,
  };
  const inside = isStartButton ? <StartingWith>{children}</StartingWith> : children;
  if (href !== undefined)
    return (
      <a href={href} role="button" draggable={false} {...shared}>
        {inside}
      </a>
    );
  return (
    <button
      type={type}
      name={name}
      value={value}
      disabled={disabled}
      aria-disabled={disabled ? 'true' : undefined}
      data-prevent-double-click={options.preventDoubleClick}
      {...shared}
    >
      {inside}
    </button>
  );
}

/** The button is a flexbox, which would drop the spaces between markup that is not in an element of its own. */
const StartingWith = ({ children }: { readonly children: Content }): Element => (
  <>
    {typeof children === 'string' ? children : <span>{children}</span>}
    <svg
      class="govuk-button__start-icon"
      xmlns="http://www.w3.org/2000/svg"
      width="17.5"
      height="19"
      viewBox="0 0 33 40"
      aria-hidden="true"
      focusable="false"
    >
      <path fill="currentColor" d="M0 0h13l20 20-20 20H0l20-20z" />
    </svg>
  </>
);
