import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, MoreAttributes, OrContent } from './macro-options.ts';

interface SummarisedError {
  readonly content: Content;
  /** The field that it is about: `#statement`. */
  readonly href?: string | undefined;
  readonly attributes?: MoreAttributes | undefined;
}

export interface ErrorSummaryOptions extends MacroOptions {
  readonly title: Content;
  readonly description?: Content;
  readonly errorList?: readonly OrContent<SummarisedError>[] | undefined;
  readonly disableAutoFocus?: boolean | undefined;
}

/** What is wrong with a page's input, above it; the focus goes there. */
export function ErrorSummary(options: ErrorSummaryOptions): Element {
  const { title, description, errorList = [], disableAutoFocus, classes, attributes } = options;
  return (
    <div
      class={classNames('govuk-error-summary', classes)}
      data-module="govuk-error-summary"
      data-disable-auto-focus={disableAutoFocus}
      {...attributes}
    >
      {/* Not on the element that takes the focus, which would keep part of it from being read out. */}
      <div role="alert">
        <h2 class="govuk-error-summary__title">{title}</h2>
        <div class="govuk-error-summary__body">
          {description && <p>{description}</p>}
          {errorList.length > 0 && (
            <ul class="govuk-list govuk-error-summary__list">
              {errorList.map((error) => (
                <Summarised {...optionsOf<SummarisedError>(error)} />
              ))}
            </ul>
          )}
        </div>
      </div>
    </div>
  );
}

const Summarised = ({ content, href, attributes }: SummarisedError): Element => (
  <li>
    {href === undefined ? (
      content
    ) : (
      <a href={href} {...attributes}>
        {content}
      </a>
    )}
  </li>
);
