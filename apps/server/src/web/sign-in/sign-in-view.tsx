import { Button } from '../components/button.tsx';
import type { Element } from '../components/macro-options.ts';
import type { ReadyPerson } from './ready-people.ts';

/** Somebody to be, one button each. */
export function ChoosePerson({
  people,
  to,
}: {
  readonly people: readonly ReadyPerson[];
  readonly to: string;
}): Element {
  return (
    <>
      <h1 class="govuk-heading-l">Who do you want to be?</h1>
      <p class="govuk-body">
        This service runs with its development key. Each person below has one role, and sees and does here
        what people of that role do.
      </p>
      <form method="post" action="/sign-in">
        <input type="hidden" name="to" value={to} />
        <ul class="govuk-list docket-people">
          {people.map(({ subject, name, role, organisations }) => (
            <li key={subject}>
              <Button
                name="person"
                value={subject}
                classes="govuk-button--secondary"
                content={`${name}, ${role}${organisations.length > 0 ? ` of ${organisations.join(', ')}` : ''}`}
              />
            </li>
          ))}
        </ul>
      </form>
    </>
  );
}

/** What is said once somebody has signed out. */
export const SignedOut = (): Element => (
  <>
    <h1 class="govuk-heading-l">You have signed out</h1>
    <p class="govuk-body">
      <a class="govuk-link" href="/sign-in">
        Sign in again
      </a>
    </p>
  </>
);
