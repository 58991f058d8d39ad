import type { Content, Element } from './macro-options.ts';

/** What happens if one does, or does not do, something. */
export const WarningText = ({ children }: { readonly children: Content }): Element => (
  <div class="govuk-warning-text">
    <span class="govuk-warning-text__icon" aria-hidden="true">
      !
    </span>{' '}
    <strong class="govuk-warning-text__text">
      <span class="govuk-visually-hidden">Warning</span> {children}
    </strong>
  </div>
);
