import type { RecordKind } from '#lifecycle/kind';
import type { RegisterItem } from '#read-models/register/register-query';
import type { Element } from '../components/macro-options.ts';
import { NotificationBanner } from '../components/notification-banner.tsx';
import { bodyName } from '../names.ts';
import { recordAddress } from '../list-paths.ts';
import { countWords } from '../words.ts';

/** The confirmation after issuing to several bodies. */
export const Issued = ({
  kind,
  items,
}: {
  readonly kind: RecordKind;
  readonly items: readonly RegisterItem[];
}): Element => (
  <NotificationBanner type="success">
    <p class="govuk-notification-banner__heading">{`Issued to ${countWords(items.length, 'body', 'bodies')}`}</p>
    <ul class="govuk-list">
      {items.map(({ id, recipient }) => (
        <li key={id}>
          <a class="govuk-notification-banner__link" href={recordAddress({ kind, id })}>
            {recipient === null ? id : `${bodyName(recipient)} (${id})`}
          </a>
        </li>
      ))}
    </ul>
  </NotificationBanner>
);
