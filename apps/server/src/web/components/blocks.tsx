import { classNames, optionsOf } from './macro-options.ts';
import type { Content, Element, MacroOptions, OrContent, Maybe } from './macro-options.ts';

export const InsetText = ({ children }: { readonly children: Content }): Element => (
  <div class="govuk-inset-text">{children}</div>
);

export const Tag = ({
  classes,
  children,
}: Pick<MacroOptions, 'classes'> & { readonly children: Content }): Element => (
  <strong class={classNames('govuk-tag', classes)}>{children}</strong>
);

export const WarningText = ({ children }: { readonly children: Content }): Element => (
  <div class="govuk-warning-text">
    <span class="govuk-warning-text__icon" aria-hidden="true">
      !
    </span>{' '}
    <strong class="govuk-warning-text__text">
      <span class="govuk-visually-hidden">Warning</span> {children}
    </strong>
  </div>
);

interface NotificationBannerOptions extends MacroOptions {
  readonly children: Content;
  readonly type?: 'success' | undefined;
  /** Defaults to `Important`, or `Success`. */
  readonly title?: Content;
  readonly role?: 'alert' | undefined;
}

const TITLE_ID = 'govuk-notification-banner-title';

export function NotificationBanner(options: NotificationBannerOptions): Element {
  const { children, type, title, role, classes, attributes } = options;
  const isSuccess = type === 'success';
  return (
    <div
      class={classNames(
        'govuk-notification-banner',
        isSuccess && 'govuk-notification-banner--success',
        classes,
      )}
      // Success is announced at once; other banners are landmarks.
      role={role ?? (isSuccess ? 'alert' : 'region')}
      aria-labelledby={TITLE_ID}
      data-module="govuk-notification-banner"
      {...attributes}
    >
      <div class="govuk-notification-banner__header">
        <h2 class="govuk-notification-banner__title" id={TITLE_ID}>
          {title ?? (isSuccess ? 'Success' : 'Important')}
        </h2>
      </div>
      <div class="govuk-notification-banner__content">{children}</div>
    </div>
  );
}

interface SummarisedError {
  readonly content: Content;
  /** A link to the field: `#statement`. */
  readonly href?: string | undefined;
}

/** The errors of a page, which receive the focus; null if there are none. */
export const ErrorSummary = ({
  title = 'There is a problem',
  errorList,
}: {
  readonly title?: Content;
  readonly errorList: readonly OrContent<SummarisedError>[];
}): Element | null =>
  errorList.length === 0 ? null : (
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

interface DetailsOptions extends MacroOptions {
  readonly summary: Content;
  readonly children: Content;
  readonly id?: string | undefined;
  readonly open?: boolean | undefined;
}

export const Details = ({ id, summary, open, classes, attributes, children }: DetailsOptions): Element => (
  <details id={id} class={classNames('govuk-details', classes)} open={open} {...attributes}>
    <summary class="govuk-details__summary">
      <span class="govuk-details__summary-text">{summary}</span>
    </summary>
    <div class="govuk-details__text">{children}</div>
  </details>
);

export interface SummaryRow {
  readonly key: Content;
  readonly value?: Content;
}

export const SummaryList = ({
  rows,
  classes,
}: Pick<MacroOptions, 'classes'> & { readonly rows: readonly Maybe<SummaryRow>[] }): Element => (
  <dl class={classNames('govuk-summary-list', classes)}>
    {rows.map(
      (row) =>
        row && (
          <div class="govuk-summary-list__row">
            <dt class="govuk-summary-list__key">{row.key}</dt>
            <dd class="govuk-summary-list__value">{row.value}</dd>
          </div>
        ),
    )}
  </dl>
);

/** A section of a page. */
export const Part = (props: {
  readonly id: string;
  readonly heading: string;
  readonly children: Content;
}): Element => (
  <section aria-labelledby={props.id}>
    <h2 class="govuk-heading-m" id={props.id}>
      {props.heading}
    </h2>
    {props.children}
  </section>
);
