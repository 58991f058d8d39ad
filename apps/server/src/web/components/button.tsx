import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface ButtonOptions extends MacroOptions {
  readonly content: Content;
  readonly name?: string;
  readonly value?: string;
  readonly type?: 'submit' | 'button' | 'reset';
  /** Makes it a link that looks like a button. */
  readonly href?: string;
  readonly disabled?: boolean;
  readonly isStartButton?: boolean;
  readonly preventDoubleClick?: boolean;
}

/** A button, or a link that looks like one. */
export function Button(options: ButtonOptions): Element {
  const { content, name, value, type = 'submit', href, disabled = false, isStartButton = false } = options;
  const shared = {
    id: options.id,
    class: classNames('govuk-button', options.classes, isStartButton && 'govuk-button--start'),
    'data-module': 'govuk-button',
    ...options.attributes,
  };
  const inside = (
    <>
      {content}
      {isStartButton && <StartIcon />}
    </>
  );
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

const StartIcon = (): Element => (
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
);
