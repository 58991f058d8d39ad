import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

export interface NotificationBannerOptions extends MacroOptions {
  /** A string is shown as the banner's one line; markup as it is. */
  readonly children: Content;
  readonly type?: 'success' | undefined;
  /** `Important`, or `Success`, where nothing else is said. */
  readonly title?: Content;
  readonly titleHeadingLevel?: 1 | 2 | 3 | 4 | 5 | 6 | undefined;
  readonly titleId?: string | undefined;
  readonly role?: 'alert' | 'region' | 'banner' | undefined;
  readonly disableAutoFocus?: boolean | undefined;
}

/** News that is not about what the page is for: what was just done, or what stands against it. */
export function NotificationBanner(options: NotificationBannerOptions): Element {
  const { children, type, titleHeadingLevel = 2, titleId = 'govuk-notification-banner-title' } = options;
  const isSuccess = type === 'success';
  const Heading = `h${titleHeadingLevel}` as const;
  return (
    <div
      class={classNames(
        'govuk-notification-banner',
        isSuccess && 'govuk-notification-banner--success',
        options.classes,
      )}
      // What was done is said at once; the rest is a landmark that can be found.
      role={options.role ?? (isSuccess ? 'alert' : 'region')}
      aria-labelledby={titleId}
      data-module="govuk-notification-banner"
      data-disable-auto-focus={options.disableAutoFocus}
      {...options.attributes}
    >
      <div class="govuk-notification-banner__header">
        <Heading class="govuk-notification-banner__title" id={titleId}>
          {options.title ?? (isSuccess ? 'Success' : 'Important')}
        </Heading>
      </div>
      <div class="govuk-notification-banner__content">
        {typeof children === 'string' ? (
          <p class="govuk-notification-banner__heading">{children}</p>
        ) : (
          children
        )}
      </div>
    </div>
  );
}
