import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

interface ErrorMessageWords extends MacroOptions {
  /** What those hear first who do not see the colour; empty for nothing. */
  readonly visuallyHiddenText?: string | undefined;
}

/** What is wrong with a field, among the field's options. */
export interface ErrorMessageOptions extends ErrorMessageWords {
  readonly content: Content;
}

/** What is wrong with a field, in words. */
export function ErrorMessage(
  options: ErrorMessageWords & { readonly id?: string | undefined; readonly children: Content },
): Element {
  const { id, classes, attributes, visuallyHiddenText = 'Error', children } = options;
  return (
    <p id={id} class={classNames('govuk-error-message', classes)} {...attributes}>
      {visuallyHiddenText !== '' && (
        <>
          <span class="govuk-visually-hidden">{visuallyHiddenText}:</span>{' '}
        </>
      )}
      {children}
    </p>
  );
}
