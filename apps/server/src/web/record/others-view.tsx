import { isOfTheRecipient, LOOKS_AS_OTHERS } from '#state-machines/access';
import { upperFirst } from '#lifecycle/words';
import { LOOKED_AS } from '#use-cases/records/see-page';
import type { Element } from '../components/macro-options.ts';
import { NotificationBanner } from '../components/notification-banner.tsx';
import { Link } from '../components/link.tsx';
import { rolesInWords } from '../forms/for-people.ts';
import { partsOf } from '../kind-parts.ts';
import { bodyName } from '../names.ts';
import { countWords } from '../words.ts';
import type { ShownPage } from './shown-page.ts';

const othersWords = (as: string, recipient: string | null): string =>
  `${rolesInWords([as])}${isOfTheRecipient(as) && recipient !== null ? ` for ${bodyName(recipient)}` : ''}`;

export function AsOthersBanner({ shown }: { readonly shown: ShownPage }): Element | null {
  const { as, seen, addresses } = shown;
  if (as === undefined) return null;
  return (
    <NotificationBanner title="As others see it" classes="docket-view">
      <p class="govuk-notification-banner__heading">
        {`As ${othersWords(as, seen.record.recipient)} sees it`}
      </p>
      <p class="govuk-body">
        {seen.hidden === 0
          ? 'They see the same history as you. '
          : `${countWords(seen.hidden, 'entry', 'entries')} that you see on this page ${seen.hidden === 1 ? 'is' : 'are'} not shown to them here. The full history shows them that ${seen.hidden === 1 ? 'it was' : 'they were'} added, by whom and when, without the text. `}
        You cannot make changes in this view.{' '}
        <a class="govuk-notification-banner__link" href={addresses.now}>
          Return to your own view
        </a>
      </p>
    </NotificationBanner>
  );
}

export function OthersView({ shown }: { readonly shown: ShownPage }): Element | null {
  const { commands, seen, addresses } = shown;
  const { recipient } = seen.record;
  if (commands === null || !LOOKS_AS_OTHERS.some((role) => seen.roles.includes(role))) return null;
  return (
    <section aria-labelledby="others" class="docket-not-on-paper">
      <h2 class="govuk-heading-s" id="others">
        View as another role
      </h2>
      {partsOf(seen.record.lifecycle.name).body && recipient === null && (
        <p class="govuk-body">No body is set yet, so no one who works for a body can see it.</p>
      )}
      <ul class="govuk-list docket-links">
        {LOOKED_AS.filter((as) => recipient !== null || !isOfTheRecipient(as)).map((as) => (
          <li key={as}>
            <Link href={addresses.as(as)}>{upperFirst(othersWords(as, recipient))}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
