import { optionsOf } from './macro-options.ts';
import type { Content, Element, OrContent } from './macro-options.ts';

interface SummarisedError {
  readonly content: Content;
  /** A link to the field: `#statement`. */
  readonly href?: string | undefined;
}

/** The errors of a page, which receive the focus. */
export const ErrorSummary = ({
  title,
  errorList,
}: {
  readonly title: Content;
  readonly errorList: readonly OrContent<SummarisedError>[];
}): Element => (
  <div class="govuk-error-summary" data-module="govuk-error-summary">
    {/* Not on the focused element, because screen readers would read only part of it. */}
    <div role="alert">
      <h2 class="govuk-error-summary__title">{title}</h2>
      <div class="govuk-error-summary__body">
        <ul class="govuk-list govuk-error-summary__list">
          {errorList.map((error) => {
            const { content, href } = optionsOf<SummarisedError>(error);
            return <li>{href === undefined ? content : <a href={href}>{content}</a>}</li>;
          })}
        </ul>
      </div>
    </div>
  </div>
);
