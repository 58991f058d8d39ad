import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, Maybe, MoreAttributes, OrContent } from './macro-options.ts';

export interface NavigationItem {
  readonly content: Content;
  readonly href?: string | undefined;
  /** It is this page. */
  readonly current?: boolean | undefined;
  /** This page is below it. */
  readonly active?: boolean | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

interface EndSlot {
  readonly content: Content;
  /** Beside the navigation, in place of below it. */
  readonly align?: 'inline' | undefined;
}

export interface ServiceNavigationOptions extends MacroOptions {
  readonly serviceName?: string | undefined;
  readonly serviceUrl?: string | undefined;
  readonly navigation?: readonly Maybe<OrContent<NavigationItem>>[] | undefined;
  readonly navigationClasses?: string | undefined;
  readonly navigationId?: string | undefined;
  readonly navigationLabel?: string | undefined;
  readonly menuButtonText?: string | undefined;
  readonly menuButtonLabel?: string | undefined;
  /** Behind a button on a narrow screen; so are two items or more, where nothing else is said. */
  readonly collapseNavigationOnMobile?: boolean | undefined;
  readonly ariaLabel?: string | undefined;
  readonly slots?:
    | {
        readonly start?: Content;
        readonly end?: OrContent<EndSlot> | undefined;
        readonly navigationStart?: Content;
        readonly navigationEnd?: Content;
      }
    | undefined;
}

/** The service's name with the ways into its parts. */
export function ServiceNavigation(options: ServiceNavigationOptions): Element {
  const { serviceName, slots = {}, classes, attributes } = options;
  const end = optionsOf<EndSlot>(slots.end ?? '');
  const inside = (
    <div
      class={classNames(
        'govuk-width-container',
        end.align === 'inline' && 'govuk-service-navigation__inlining-container',
      )}
    >
      {slots.start}
      <div class="govuk-service-navigation__container">
        {serviceName !== undefined && <ServiceName {...options} />}
        <Navigation {...options} />
      </div>
      {end.content}
    </div>
  );
  const shared = {
    class: classNames('govuk-service-navigation', classes),
    'data-module': 'govuk-service-navigation',
    ...attributes,
  };
  // With more than the navigation in it, it is a landmark of its own.
  if (serviceName === undefined && !slots.start && !end.content) return <div {...shared}>{inside}</div>;
  return (
    <section aria-label={options.ariaLabel ?? 'Service information'} {...shared}>
      {inside}
    </section>
  );
}

const ServiceName = ({ serviceName, serviceUrl }: ServiceNavigationOptions): Element => (
  <span class="govuk-service-navigation__service-name">
    {serviceUrl === undefined ? (
      <span class="govuk-service-navigation__text">{serviceName}</span>
    ) : (
      <a href={serviceUrl} class="govuk-service-navigation__link">
        {serviceName}
      </a>
    )}
  </span>
);

function Navigation(options: ServiceNavigationOptions): Element | null {
  const { navigationId = 'navigation', navigationClasses, menuButtonText = 'Menu', slots } = options;
  const items = (options.navigation ?? []).filter((item): item is OrContent<NavigationItem> => !!item);
  if (items.length === 0 && !slots?.navigationStart && !slots?.navigationEnd) return null;
  return (
    <nav
      class={classNames('govuk-service-navigation__wrapper', navigationClasses)}
      aria-label={options.navigationLabel ?? menuButtonText}
    >
      {(options.collapseNavigationOnMobile ?? items.length > 1) && (
        <button
          type="button"
          class="govuk-service-navigation__toggle govuk-js-service-navigation-toggle"
          aria-controls={navigationId}
          aria-label={options.menuButtonLabel === menuButtonText ? undefined : options.menuButtonLabel}
          hidden
          aria-hidden="true"
        >
          {menuButtonText}
        </button>
      )}
      <ul class="govuk-service-navigation__list" id={navigationId}>
        {slots?.navigationStart}
        {items.map((item) => (
          <Item {...optionsOf<NavigationItem>(item)} />
        ))}
        {slots?.navigationEnd}
      </ul>
    </nav>
  );
}

function Item({ content, href, current = false, active = current, attributes }: NavigationItem): Element {
  // Strong, so that it is told apart where somebody's own colours hide the bar.
  const inside = active ? (
    <strong class="govuk-service-navigation__active-fallback">{content}</strong>
  ) : (
    content
  );
  const here = current ? 'page' : active ? 'true' : undefined;
  return (
    <li
      class={classNames('govuk-service-navigation__item', active && 'govuk-service-navigation__item--active')}
    >
      {href === undefined ? (
        <span class="govuk-service-navigation__text" aria-current={here}>
          {inside}
        </span>
      ) : (
        <a class="govuk-service-navigation__link" href={href} aria-current={here} {...attributes}>
          {inside}
        </a>
      )}
    </li>
  );
}
