import { roleInWords } from '#lifecycle/words';
import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/link.tsx';
import { bodyName } from '../names.ts';
import type { ReadyPerson } from './ready-people.ts';

export function ChoosePerson({
  people,
  to,
}: {
  readonly people: readonly ReadyPerson[];
  readonly to: string;
}): Element {
  return (
    <>
      <h1 class="govuk-heading-l">Choose who to sign in as</h1>
      <p class="govuk-body">This service runs with its development key. Each person below has one role.</p>
      <form method="post" action="/sign-in">
        <input type="hidden" name="to" value={to} />
        <ul class="govuk-list docket-people">
          {people.map(({ subject, name, role, organisations }) => (
            <li key={subject}>
              <Button name="person" value={subject} classes="govuk-button--secondary">
                {`${name}, ${roleInWords(role)}${organisations.length > 0 ? ` for ${organisations.map(bodyName).join(', ')}` : ''}`}
              </Button>
            </li>
          ))}
        </ul>
      </form>
    </>
  );
}

/** Shown if the client id of the identity provider is missing. */
export const NotSetUp = (): Element => (
  <>
    <h1 class="govuk-heading-l">Sign-in is not set up yet</h1>
    <p class="govuk-body">
      The operator of the service must set <code>DOCKET_OIDC_CLIENT_ID</code>. Programs can already use the
      API.
    </p>
  </>
);

/** Shown in the tab of a second sign-in. */
export const SignedIn = (): Element => (
  <>
    <h1 class="govuk-heading-l">You have signed in</h1>
    <p class="govuk-body">
      Close this tab and continue in the other tab, or go to <Link href="/">your work</Link>.
    </p>
  </>
);

export const SignedOut = ({ endAddress }: { readonly endAddress: string | null }): Element => (
  <>
    <h1 class="govuk-heading-l">You have signed out</h1>
    {endAddress !== null && (
      <p class="govuk-body">
        You may still be signed in at your identity provider.{' '}
        <Link href={endAddress}>Sign out there too</Link>
      </p>
    )}
    <p class="govuk-body">
      <Link href="/sign-in">Sign in again</Link>
    </p>
  </>
);
