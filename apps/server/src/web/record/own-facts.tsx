import type { TravelledRegion } from '#lifecycle/travelled-chart';
import type { Content, Element } from '../components/macro-options.ts';
import { labelOf } from '#lifecycle/fields';
import { lifecycles } from '#state-machines/lifecycles';
import { longDate } from '../dates.ts';
import { partsOf } from '../kind-parts.ts';
import { eventMembers, ValueView } from '../member-values.tsx';
import type { EventMember } from '../member-values.tsx';
import { regionTitle, stateColour, stateTitle } from '../words.ts';
import type { ShownRecord } from './shown-page.ts';

export const Fact = ({ name, children }: { readonly name: string; readonly children: Content }): Element => (
  <div class="govuk-summary-list__row">
    <dt class="govuk-summary-list__key">{name}</dt>
    <dd class="govuk-summary-list__value">{children}</dd>
  </div>
);

export const StatusTag = ({ status }: { readonly status: string }): Element => (
  <strong class={`govuk-tag govuk-tag--${stateColour(status)}`}>{stateTitle(status)}</strong>
);

// Facts of records whose lifecycle defines no view: the amended members of the first event, and for each
// region the members of the event that caused its current state.

export function RegionFacts({ shown }: { readonly shown: ShownRecord }): Element {
  const { chart, detailEvents, record } = shown.seen;
  const name = record.lifecycle.name;
  return (
    <>
      {chart.regions.map((region) => {
        const last = region.path.at(-1);
        const cause = detailEvents.find(({ version }) => version === last?.version);
        const members = cause === undefined || cause.version === 1 ? [] : eventMembers(cause);
        return (
          <Fact key={region.region} name={regionName(name, region, chart.regions.length)}>
            <StatusTag status={region.current} />
            {last !== undefined && ` since ${longDate(last.from)}`}
            {members.length > 0 && (
              <ul class="govuk-list govuk-!-margin-top-2 govuk-!-margin-bottom-0">
                {members.map((each) => (
                  <li key={each.name}>
                    {labelOf(each.name, each.field)}: <ValueView {...each} />
                  </li>
                ))}
              </ul>
            )}
          </Fact>
        );
      })}
    </>
  );
}

/** A single region is called the status. */
const regionName = (lifecycle: string, { region }: Pick<TravelledRegion, 'region'>, of: number): string =>
  of === 1 && lifecycles.current(lifecycle).words.regions?.[region] === undefined
    ? 'Status'
    : regionTitle(region);

/** Returns the states of the other regions as sentences. */
export const regionSentences = ({ seen: { chart, record } }: ShownRecord): readonly string[] => {
  const { statusRegion } = lifecycles.current(record.lifecycle.name).definition;
  return chart.regions
    .filter(({ region }) => region !== statusRegion)
    .map(({ region, current, path }) => {
      const last = path.at(-1);
      const since = last === undefined ? '' : ` since ${longDate(last.from)}`;
      return `${regionTitle(region)}: ${stateTitle(current).toLowerCase()}${since}.`;
    });
};

/** Returns the members that are shown nowhere else. */
export const ownFacts = (shown: ShownRecord): readonly Element[] =>
  ownMembers(shown).map((each) => (
    <Fact key={each.name} name={labelOf(each.name, each.field)}>
      <ValueView {...each} />
    </Fact>
  ));

function ownMembers({ seen: { detailEvents, record } }: ShownRecord): readonly EventMember[] {
  const [first] = detailEvents;
  if (first === undefined) return [];
  const name = record.lifecycle.name;
  const { events } = lifecycles.current(name).definition;
  const { title, text, body, owner } = partsOf(name);
  const shownElsewhere = new Set([title, text, 'issue', body && 'recipient', owner && 'owner']);
  const due = new Set(record.deadlines.flatMap(({ dueOn, firstDueOn }) => [dueOn, firstDueOn]));
  const amendments = detailEvents.filter(({ type }) => events[type]?.kind === 'note').map(eventMembers);
  return eventMembers(first)
    .map((member) => amendments.flat().findLast((each) => each.name === member.name) ?? member)
    .filter(
      ({ name: member, value }) =>
        !shownElsewhere.has(member) && !(typeof value === 'string' && due.has(value)),
    );
}
