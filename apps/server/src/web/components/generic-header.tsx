import type { Content, Element } from './macro-options.ts';
export const GenericHeader = ({
  classes,
  logo,
  url,
}: {
  readonly classes?: string;
  readonly logo: Content;
  readonly url: string;
}): Element => (
  <div class={`govuk-generic-header ${classes ?? ''}`}>
    <div class="govuk-generic-header__container govuk-width-container">
      <div class="govuk-generic-header__logo">
        <a href={url} class="govuk-generic-header__homepage-link">
          {logo}
        </a>
      </div>
    </div>
  </div>
);
