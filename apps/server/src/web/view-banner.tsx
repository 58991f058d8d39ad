import { NotificationBanner } from './components/blocks.tsx';
import type { Element } from './components/macro-options.ts';
import { longDate, longInstant } from './dates.ts';

export const ViewBanner = ({
  of,
  now,
}: {
  /** The view in words. */
  readonly of: string;
  /** The address of the current state. */
  readonly now: string;
}): Element => (
  <NotificationBanner title="You are viewing a past state" classes="docket-view">
    <p class="govuk-notification-banner__heading">{of}</p>
    <p class="govuk-body">
      You cannot make changes in this view.{' '}
      <a class="govuk-notification-banner__link" href={now}>
        Show the current state
      </a>
    </p>
  </NotificationBanner>
);

export const inViewWords = (day: string, knownAt: string | null): string =>
  `As at the end of ${longDate(day)}, using what ${knownAt === null ? 'is recorded now' : `was recorded by ${longInstant(knownAt)}`}`;
