import { lifecycles } from '#state-machines/lifecycles';
import { rolesFor } from '#state-machines/any-kind';
import type { SeenCommand } from '#use-cases/records/see-commands';
import { Button } from '../components/button.tsx';
import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { forPeople, rolesInWords, rolesWanted } from '../forms/for-people.ts';
import { commandTitle, referenceOf } from '../words.ts';
import { OneClick } from './one-click.tsx';
import { mayGive } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';

/** What is allowed, the likeliest first. */
function likeliestFirst({ seen }: ShownPage, allowed: readonly string[]): readonly string[] {
  const { words } = lifecycles.current(seen.record.lifecycle.name);
  const first = words.likeliest?.(seen.record.state, seen.roles) ?? [];
  return [...new Set([...first.filter((command) => allowed.includes(command)), ...allowed])];
}

/** So many are buttons; the others are links below them. */
const BUTTONS_MAX = 3;

/** What the viewer may do now, and what stands against the rest. */
export function CommandsView({
  shown,
  given,
}: {
  readonly shown: ShownPage;
  readonly given: readonly SeenCommand[];
}): Element {
  const allowed = given.filter((command) => command.allowed).map(({ command }) => command);
  const ordered = likeliestFirst(shown, allowed);
  const others = given.filter((command) => !command.allowed);
  return (
    <section aria-labelledby="commands" class="docket-not-on-paper">
      <h2 class="govuk-heading-m" id="commands">
        What you can do
      </h2>
      {ordered.length === 0 && (
        <p class="govuk-body">Nothing on this {referenceOf(shown.seen.record).kind.noun.singular} now.</p>
      )}
      <div class="govuk-button-group">
        {ordered.slice(0, BUTTONS_MAX).map((command, index) => (
          <Button
            key={command}
            href={shown.addresses.command(command)}
            classes={index === 0 ? undefined : 'govuk-button--secondary'}
          >
            {commandTitle(command)}
          </Button>
        ))}
        {mayTakeOn(shown) && shown.seen.record.owner === null && (
          <OneClick
            shown={shown}
            command="assign-owner"
            payload={{ owner: shown.viewer.subject }}
            isSecondary
          >
            {TAKE_ON}
          </OneClick>
        )}
      </div>
      <ul class="govuk-list docket-commands">
        {ordered.slice(BUTTONS_MAX).map((command) => (
          <li key={command}>
            <a class="govuk-link" href={shown.addresses.command(command)}>
              {commandTitle(command)}
            </a>
          </li>
        ))}
        {mayTakeOn(shown) && shown.seen.record.owner !== null && <TakeOver shown={shown} />}
      </ul>
      {others.length > 0 && (
        <Details summary="What you cannot do now, and why">
          <NotNow others={others} />
        </Details>
      )}
    </section>
  );
}

/** What is for other roles in a line for each of them, and of the rest the rule that is in the way. */
function NotNow({ others }: { readonly others: readonly SeenCommand[] }): Element {
  const ofOthers = new Map<string, string[]>();
  const rest: SeenCommand[] = [];
  for (const command of others) {
    const roles = command.because.map(({ detail }) => rolesWanted(detail)).find((wanted) => wanted !== null);
    if (roles === undefined) rest.push(command);
    else ofOthers.set(roles, [...(ofOthers.get(roles) ?? []), commandTitle(command.command)]);
  }
  return (
    <dl class="docket-reasons">
      {rest.map((command) => (
        <Reasons key={command.command} command={command} />
      ))}
      {[...ofOthers].map(([roles, names]) => (
        <>
          <dt>This is for {roles}</dt>
          {names.map((name) => (
            <dd key={name}>{name}</dd>
          ))}
        </>
      ))}
    </dl>
  );
}

const TAKE_ON = 'Take it on';

/** Whether the viewer can become the owner. */
const mayTakeOn = (shown: ShownPage): boolean =>
  mayGive(shown, 'assign-owner') && shown.seen.record.owner !== shown.viewer.subject;

/** Where somebody is the owner, a reason is asked for. */
const TakeOver = ({ shown }: { readonly shown: ShownPage }): Element => (
  <li>
    <a class="govuk-link" href={shown.addresses.command('assign-owner', { owner: shown.viewer.subject })}>
      {TAKE_ON}
    </a>
  </li>
);

function Reasons({ command: { command, because } }: { readonly command: SeenCommand }): Element {
  const sentences = [...new Set(because.map(({ detail }) => forPeople(detail)))];
  const who = whoCould(command, because);
  return (
    <>
      <dt>{commandTitle(command)}</dt>
      {sentences.map((sentence) => (
        <dd key={sentence}>{sentence}</dd>
      ))}
      {who !== null && <dd>{who}</dd>}
    </>
  );
}

/** Who else could do it; nobody, where it is the record that is in the way. */
function whoCould(command: string, because: SeenCommand['because']): string | null {
  const codes = because.map(({ code }) => code);
  if (codes.includes('command-not-allowed') || !codes.includes('separation-of-duties')) return null;
  const roles = rolesFor(command);
  return roles.length === 0 ? null : `Another person could: ${rolesInWords(roles)}.`;
}
