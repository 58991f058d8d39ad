import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export const InsetText = ({ children }: { readonly children: Content }): Element => (
  <div class="govuk-inset-text">{children}</div>
);

export const Tag = ({
  classes,
  children,
}: Pick<MacroOptions, 'classes'> & { readonly children: Content }): Element => (
  <strong class={classNames('govuk-tag', classes)}>{children}</strong>
);

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
