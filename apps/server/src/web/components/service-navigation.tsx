import type { Content, Element } from './macro-options.ts';
export const ServiceNavigation = ({
  navigation,
}: {
  readonly navigation: readonly {
    readonly href: string;
    readonly content: Content;
    readonly active?: boolean;
  }[];
}): Element => (
  <div class="govuk-service-navigation" data-module="govuk-service-navigation">
    <div class="govuk-width-container">
      <div class="govuk-service-navigation__container">
        <nav aria-label="Menu" class="govuk-service-navigation__wrapper">
          <button
            type="button"
            class="govuk-service-navigation__toggle govuk-js-service-navigation-toggle"
            aria-controls="navigation"
            hidden
            aria-hidden="true"
          >
            Menu
          </button>
          <ul class="govuk-service-navigation__list" id="navigation">
            {navigation.map(({ href, content, active }) => (
              <li
                class={`govuk-service-navigation__item${active === true ? ' govuk-service-navigation__item--active' : ''}`}
              >
                <a
                  class="govuk-service-navigation__link"
                  href={href}
                  aria-current={active === true ? 'true' : undefined}
                >
                  {active === true ? (
                    <strong class="govuk-service-navigation__active-fallback">{content}</strong>
                  ) : (
                    content
                  )}
                </a>
              </li>
            ))}
          </ul>
        </nav>
      </div>
    </div>
  </div>
);
