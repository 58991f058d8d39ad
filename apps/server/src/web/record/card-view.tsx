import { kinds } from '#state-machines/record-streams';
import type { Element } from '../components/macro-options.ts';
import { Mark } from '../forms/post-form.tsx';
import { StandingFacts } from './facts-view.tsx';
import { isAllowed } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';
import { labelOf } from '#lifecycle/fields';
import { upperFirst } from '#lifecycle/words';
import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import { InsetText, Details } from '../components/blocks.tsx';
import { Link, Button } from '../components/button.tsx';
import { longDate } from '../dates.ts';
import { rolesInWords, forPeople } from '../forms/for-people.ts';
import { personName } from '../names.ts';
import type { SeenCommand } from '#use-cases/records/see-record';
import { namesOwner } from '../kind-parts.ts';
import { commandTitle, referenceOf } from '../words.ts';
import { OneClick } from './one-click.tsx';

/** The card beside the page: status, pending decisions and actions. */
export const CardView = ({ shown }: { readonly shown: ShownPage }): Element => (
  <div class="docket-card">
    <section aria-labelledby="standing">
      <h2 class="govuk-visually-hidden" id="standing">
        Status
      </h2>
      <dl class="govuk-summary-list">
        <StandingFacts shown={shown} />
      </dl>
      <WaitsView shown={shown} />
    </section>
    {shown.commands !== null && <CommandsView shown={shown} commands={shown.commands} />}
    <WatchForm shown={shown} />
  </div>
);

function WatchForm({ shown }: { readonly shown: ShownPage }): Element | null {
  const { isWatched, seen } = shown;
  if (isWatched === null) return null;
  const noun = kinds.named(seen.record.lifecycle.name).noun.singular;
  return (
    <form
      class="docket-not-on-paper docket-watch"
      method="post"
      action={isWatched ? '/inbox/unwatch' : '/inbox/watch'}
    >
      <Mark />
      <input type="hidden" name="kind" value={seen.record.lifecycle.name} />
      <input type="hidden" name="id" value={seen.record.id} />
      <input type="hidden" name="back" value="record" />
      {isWatched && <span class="govuk-hint">{`You get notices about this ${noun} in your inbox. `}</span>}
      <button class="docket-link-button" type="submit">
        {isWatched ? 'Stop watching' : 'Watch'}
        <span class="govuk-visually-hidden">{` this ${noun}`}</span>
      </button>
      {!isWatched && <span class="govuk-hint"> to get notices in your inbox</span>}
    </form>
  );
}

/** Pending decisions, with a link for viewers who can decide, else with who can. */
function WaitsView({ shown }: { readonly shown: ShownPage }): Element | null {
  const waits = waitsOf(shown);
  if (waits.length === 0) return null;
  return (
    <InsetText>
      <ul class="govuk-list">
        {waits.slice(0, WAITS_MAX).map(({ what, requested, commands, does = 'Make a decision' }) => {
          const command = commands.find((each) => isAllowed(shown, each));
          return (
            <li>
              {what}
              {requested && `${by(requested.by)} on ${longDate(requested.on)}`}.{' '}
              {command === undefined ? (
                nextIs(shown, commands)
              ) : (
                <Link href={shown.addresses.command(command)}>{does}</Link>
              )}
            </li>
          );
        })}
      </ul>
    </InsetText>
  );
}

/** The deadlines table lists all. */
const WAITS_MAX = 5;

/** Returns the pending decisions of the view, then others of the summary. */
function waitsOf({ seen: { record, waiting } }: ShownPage) {
  const { name: lifecycle } = record.lifecycle;
  const shownWaits = (viewOf(lifecycle).waits?.(record) ?? []).map((wait) => ({
    ...wait,
    commands: [wait.command],
  }));
  const names = new Set(shownWaits.map(({ name }) => name));
  const { waits = {} } = lifecycles.current(lifecycle).code.summary;
  const others = waiting
    .filter((name) => !names.has(name))
    .map((name) => ({
      ...{ what: `${labelOf(name)} is waiting for a decision`, requested: undefined, does: undefined },
      commands: waits[name]?.decidedBy ?? [],
    }));
  return [...shownWaits, ...others];
}

/** Returns who must decide if it is not the viewer. */
function nextIs({ seen: { record, roles: viewerRoles } }: ShownPage, commands: readonly string[]): string {
  const known = lifecycles.current(record.lifecycle.name).commands;
  const roles = commands.flatMap((command) => known[command]?.roles ?? []);
  if (roles.length === 0) return '';
  const isOwnRole = roles.some((role) => viewerRoles.includes(role));
  const words = rolesInWords(roles);
  return `${isOwnRole ? `Another ${words.replaceAll(/\ban? /g, '')}` : upperFirst(words)} must decide this.`;
}

const by = (requester: string | null): string => (requester === null ? '' : ` by ${personName(requester)}`);

/** Returns the allowed commands, the most likely first. */
function likeliestFirst({ seen }: ShownPage, allowed: readonly string[]): readonly string[] {
  const { words } = lifecycles.current(seen.record.lifecycle.name);
  const first = words.likeliest?.(seen.record.state, seen.roles) ?? [];
  return [...new Set([...first.filter((command) => allowed.includes(command)), ...allowed])];
}

/** The other commands are links, collapsed if there are many. */
const BUTTONS_MAX = 3;
const LINKS_MAX = 3;

function CommandsView({
  shown,
  commands,
}: {
  readonly shown: ShownPage;
  readonly commands: readonly SeenCommand[];
}): Element {
  const allowed = commands.filter((command) => command.allowed).map(({ command }) => command);
  const ordered = likeliestFirst(shown, allowed);
  const others = commands.filter((command) => !command.allowed);
  const lifecycle = shown.seen.record.lifecycle.name;
  const selfAssign = selfAssignment(shown);
  const links = ordered
    .slice(BUTTONS_MAX)
    .map((command) => ({ href: shown.addresses.command(command), words: commandTitle(command, lifecycle) }));
  // Reassigning needs a reason.
  if (selfAssign !== null && shown.seen.record.owner !== null)
    links.push({
      href: shown.addresses.command(selfAssign.command, selfAssign.payload),
      words: ASSIGN_TO_ME,
    });
  return (
    <section aria-labelledby="commands" class="docket-not-on-paper">
      <h2 class="govuk-heading-s" id="commands">
        What you can do
      </h2>
      {ordered.length === 0 && (
        <p class="govuk-body">
          You cannot do anything with this {referenceOf(shown.seen.record).kind.noun.singular} at the moment.
        </p>
      )}
      <div class="govuk-button-group">
        {ordered.slice(0, BUTTONS_MAX).map((command, index) => (
          <Button
            href={shown.addresses.command(command)}
            classes={index === 0 ? undefined : 'govuk-button--secondary'}
          >
            {commandTitle(command, lifecycle)}
          </Button>
        ))}
        {selfAssign !== null && shown.seen.record.owner === null && (
          <OneClick shown={shown} {...selfAssign} isSecondary>
            {ASSIGN_TO_ME}
          </OneClick>
        )}
      </div>
      <Links links={links} />
      <NotNow others={others} lifecycle={lifecycle} ownRoles={shown.viewer.roles} />
    </section>
  );
}

function Links({
  links,
}: {
  readonly links: readonly { readonly href: string; readonly words: string }[];
}): Element | null {
  if (links.length === 0) return null;
  const list = (
    <ul class="govuk-list">
      {links.map(({ href, words }) => (
        <li>
          <Link href={href}>{words}</Link>
        </li>
      ))}
    </ul>
  );
  return links.length <= LINKS_MAX ? (
    list
  ) : (
    <Details summary={`More actions (${links.length})`}>{list}</Details>
  );
}

/** Commands of other roles, grouped by role, and the reasons for the rest. */
function NotNow({
  others,
  lifecycle,
  ownRoles,
}: {
  readonly others: readonly SeenCommand[];
  readonly lifecycle: string;
  readonly ownRoles: readonly string[];
}): Element | null {
  if (others.length === 0) return null;
  const ofOthers = new Map<string, string[]>();
  const rest: SeenCommand[] = [];
  for (const command of others) {
    const wanted = lifecycles.current(lifecycle).commands[command.command]?.roles ?? [];
    const roles = rolesInWords(wanted);
    if (wanted.some((role) => ownRoles.includes(role))) rest.push(command);
    else ofOthers.set(roles, [...(ofOthers.get(roles) ?? []), commandTitle(command.command, lifecycle)]);
  }
  return (
    <Details summary="What you cannot do, and why">
      <dl class="docket-reasons">
        {rest.map((command) => (
          <Reasons command={command} lifecycle={lifecycle} />
        ))}
        {[...ofOthers].map(([roles, names]) => (
          <>
            <dt>Only {roles} can:</dt>
            {names.map((name) => (
              <dd>{name}</dd>
            ))}
          </>
        ))}
      </dl>
    </Details>
  );
}

const ASSIGN_TO_ME = 'Assign to me';

/** Returns the command that makes the viewer the owner; null if they cannot, or are the owner. */
function selfAssignment(shown: ShownPage) {
  const { viewer, seen } = shown;
  const names = namesOwner(seen.record.lifecycle.name);
  if (names === null || !isAllowed(shown, names.command) || seen.record.owner === viewer.subject) return null;
  return { command: names.command, payload: { [names.member]: viewer.subject } };
}

function Reasons({
  command: { command, because },
  lifecycle,
}: {
  readonly command: SeenCommand;
  readonly lifecycle: string;
}): Element {
  const sentences = [...new Set(because.map(({ detail }) => forPeople(detail, lifecycle)))];
  const who = whoCould(lifecycles.current(lifecycle).commands[command]?.roles ?? [], because);
  return (
    <>
      <dt>{commandTitle(command, lifecycle)}</dt>
      {sentences.map((sentence) => (
        <dd>{sentence}</dd>
      ))}
      {who !== null && <dd>{who}</dd>}
    </>
  );
}

/** Returns who else could act; null if the record's state is the reason. */
function whoCould(roles: readonly string[], because: SeenCommand['because']): string | null {
  const codes = because.map(({ code }) => code);
  if (codes.includes('command-not-allowed') || !codes.includes('separation-of-duties')) return null;
  return roles.length === 0 ? null : `Someone else must do this: ${rolesInWords(roles)}.`;
}
