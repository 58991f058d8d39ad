import { labelOf } from '#lifecycle/fields';
import { upperFirst } from '#lifecycle/words';
import { summaryBy } from '#read-models/record-row';
import { viewOf } from '#state-machines/any-kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { Element } from '../components/macro-options.ts';
import { InsetText } from '../components/set-apart.tsx';
import { Link } from '../components/link.tsx';
import { longDate } from '../dates.ts';
import { rolesInWords } from '../forms/for-people.ts';
import { personName } from '../names.ts';
import { isAllowed } from './shown-page.ts';
import type { ShownPage } from './shown-page.ts';

/** Pending decisions, with a link for viewers who can decide, else with who can. */
export function WaitsView({ shown }: { readonly shown: ShownPage }): Element | null {
  const waits = waitsOf(shown);
  if (waits.length === 0) return null;
  return (
    <InsetText>
      <ul class="govuk-list">
        {waits.slice(0, WAITS_MAX).map(({ what, requested, commands, does = 'Make a decision' }, index) => {
          const command = commands.find((each) => isAllowed(shown, each));
          return (
            <li key={index}>
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
  const { waits = {} } = summaryBy(lifecycles.current(lifecycle));
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
