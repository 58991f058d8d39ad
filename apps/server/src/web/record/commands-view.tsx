import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';
import type { SeenCommand } from '#use-cases/records/see-commands';
import { Button } from '../components/button.tsx';
import { Details } from '../components/details.tsx';
import type { Element } from '../components/macro-options.ts';
import { forPeople, rolesInWords } from '../forms/for-people.ts';
import { COMMAND_WORDS, wordsFor } from '../words.ts';
import type { ShownPage } from './shown-page.ts';

/** What people of a role come to a record for, the likeliest first; what waits for a decision goes before the rest. */
const FIRST: readonly CommandName[] = [
  'approve-closure',
  'refuse-closure',
  'accept-evidence',
  'reject-evidence',
  'grant-extension',
  'refuse-extension',
  'publish-response',
  'submit-evidence',
  'start-progress',
  'request-closure',
  'assign-owner',
  'add-comment',
];

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
  const ordered = [
    ...FIRST.filter((command) => allowed.includes(command)),
    ...allowed.filter((command) => !FIRST.some((first) => first === command)),
  ];
  const others = given.filter((command) => !command.allowed);
  return (
    <section aria-labelledby="commands" class="docket-not-on-paper">
      <h2 class="govuk-heading-m" id="commands">
        What you can do
      </h2>
      {ordered.length === 0 && <p class="govuk-body">Nothing on this recommendation now.</p>}
      <div class="govuk-button-group">
        {ordered.slice(0, BUTTONS_MAX).map((command, index) => (
          <Button
            key={command}
            href={shown.addresses.command(command)}
            classes={index === 0 ? undefined : 'govuk-button--secondary'}
          >
            {wordsFor(COMMAND_WORDS, command)}
          </Button>
        ))}
      </div>
      <ul class="govuk-list docket-commands">
        {ordered.slice(BUTTONS_MAX).map((command) => (
          <li key={command}>
            <a class="govuk-link" href={shown.addresses.command(command)}>
              {wordsFor(COMMAND_WORDS, command)}
            </a>
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <Details summary="What you cannot do now, and why">
          <dl class="docket-reasons">
            {others.map((command) => (
              <Reasons key={command.command} command={command} />
            ))}
          </dl>
        </Details>
      )}
    </section>
  );
}

function Reasons({ command: { command, because } }: { readonly command: SeenCommand }): Element {
  const sentences = [...new Set(because.map(({ detail }) => forPeople(detail)))];
  const who = whoCould(command, because);
  return (
    <>
      <dt>{wordsFor(COMMAND_WORDS, command)}</dt>
      {sentences.map((sentence) => (
        <dd key={sentence}>{sentence}</dd>
      ))}
      {who !== null && <dd>{who}</dd>}
    </>
  );
}

/** Who else could do it; nobody, where it is the record that is in the way. */
function whoCould(command: string, because: SeenCommand['because']): string | null {
  if (!Object.hasOwn(commands, command)) return null;
  const codes = because.map(({ code }) => code);
  if (codes.includes('command-not-allowed') || !codes.includes('separation-of-duties')) return null;
  return `Another person could: ${rolesInWords(commands[command as CommandName].roles)}.`;
}
