import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface GenericHeaderOptions extends MacroOptions {
  /** The service's name, or its mark. */
  readonly logo: Content;
  readonly url?: string | undefined;
  readonly containerClasses?: string | undefined;
}

/** The head of every page, without the crown, which only services on GOV.UK may show. */
export const GenericHeader = ({
  logo,
  url = '/',
  containerClasses = 'govuk-width-container',
  classes,
  attributes,
}: GenericHeaderOptions): Element => (
  <div class={classNames('govuk-generic-header', classes)} {...attributes}>
    <div class={classNames('govuk-generic-header__container', containerClasses)}>
      <div class="govuk-generic-header__logo">
        <a href={url} class="govuk-generic-header__homepage-link">
          {logo}
        </a>
      </div>
    </div>
  </div>
);
