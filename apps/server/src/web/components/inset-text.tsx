import type { Content, Element } from './macro-options.ts';

/** Text that is set apart from what is around it. */
export const InsetText = ({ children }: { readonly children: Content }): Element => (
  <div class="govuk-inset-text">{children}</div>
);
