import { classNames } from './macro-options.ts';
import type { Content, Element, MacroOptions } from './macro-options.ts';

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
