import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, MoreAttributes, OrContent } from './macro-options.ts';

interface Breadcrumb {
  readonly content: Content;
  /** Where it leads; without, it is the page itself. */
  readonly href?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

export interface BreadcrumbsOptions extends MacroOptions {
  readonly items: readonly OrContent<Breadcrumb>[];
  readonly collapseOnMobile?: boolean | undefined;
  readonly labelText?: string | undefined;
}

/** Where a page stands, with the way back. */
export const Breadcrumbs = (options: BreadcrumbsOptions): Element => (
  <nav
    class={classNames(
      'govuk-breadcrumbs',
      options.classes,
      options.collapseOnMobile === true && 'govuk-breadcrumbs--collapse-on-mobile',
    )}
    aria-label={options.labelText ?? 'Breadcrumb'}
    {...options.attributes}
  >
    <ol class="govuk-breadcrumbs__list">
      {options.items.map((item) => (
        <Crumb {...optionsOf<Breadcrumb>(item)} />
      ))}
    </ol>
  </nav>
);

const Crumb = ({ content, href, attributes }: Breadcrumb): Element =>
  href === undefined ? (
    <li class="govuk-breadcrumbs__list-item" aria-current="page">
      {content}
    </li>
  ) : (
    <li class="govuk-breadcrumbs__list-item">
      <a class="govuk-breadcrumbs__link" href={href} {...attributes}>
        {content}
      </a>
    </li>
  );
