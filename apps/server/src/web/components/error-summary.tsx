import { optionsOf } from './macro-options.ts';
import type { Content, Element, OrContent } from './macro-options.ts';

interface SummarisedError {
  readonly content: Content;
  /** The field that it is about: `#statement`. */
  readonly href?: string | undefined;
}

/** What is wrong with a page's input, above it; the focus goes there. */
export const ErrorSummary = ({
  title,
  errorList,
}: {
  readonly title: Content;
  readonly errorList: readonly OrContent<SummarisedError>[];
}): Element => (
  <div class="govuk-error-summary" data-module="govuk-error-summary">
    {/* Not on the element that takes the focus, which would keep part of it from being read out. */}
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
