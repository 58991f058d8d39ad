import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface WarningTextOptions extends MacroOptions {
  readonly children: Content;
  /** What those hear who do not see the sign. */
  readonly iconFallbackText?: string | undefined;
}

/** What happens if one does, or does not do, something. */
export const WarningText = (options: WarningTextOptions): Element => (
  <div class={classNames('govuk-warning-text', options.classes)} {...options.attributes}>
    <span class="govuk-warning-text__icon" aria-hidden="true">
      !
    </span>{' '}
    <strong class="govuk-warning-text__text">
      <span class="govuk-visually-hidden">{options.iconFallbackText ?? 'Warning'}</span> {options.children}
    </strong>
  </div>
);
