import type { Content, Element } from './macro-options.ts';
export const SkipLink = ({
  href,
  content,
}: {
  readonly href: string;
  readonly content: Content;
}): Element => (
  <a href={href} class="govuk-skip-link" data-module="govuk-skip-link">
    {content}
  </a>
);
