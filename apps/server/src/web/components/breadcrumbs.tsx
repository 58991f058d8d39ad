import type { Content, Element } from './macro-options.ts';
export const Breadcrumbs = ({
  items,
}: {
  readonly items: readonly { readonly text: Content; readonly href: string }[];
}): Element => (
  <nav class="govuk-breadcrumbs" aria-label="Breadcrumb">
    <ol class="govuk-breadcrumbs__list">
      {items.map(({ text, href }) => (
        <li class="govuk-breadcrumbs__list-item">
          <a class="govuk-breadcrumbs__link" href={href}>
            {text}
          </a>
        </li>
      ))}
    </ol>
  </nav>
);
