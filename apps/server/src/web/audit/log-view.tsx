import type { Envelope } from '#event-sourcing/envelope';
import { kinds } from '#state-machines/record-streams';
import { EVENT_TYPES } from '../../api/event-types.ts';
import { Details } from '../components/details.tsx';
import { InsetText } from '../components/set-apart.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { longInstant, shortDate } from '../dates.ts';
import { chosenFilters } from '../lists/chosen-filters.ts';
import { choicesOf, chosen, day, filtersByName } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { FiltersForm } from '../lists/filters-form.tsx';
import { addressOf, askedAnew } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListErrors } from '../lists/list-problems.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { personName } from '../names.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { counted, RECORD, upperFirst, wordsFor } from '../words.ts';
import { LOG_PATH, shortId, typeInWords } from './log-addresses.ts';
import { Namesakes, nothingOf } from './people-meant.tsx';
import type { TypedPerson } from './people-meant.tsx';
import { RECORDED_PATHS } from './recorded-list.tsx';

const TYPE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, typeInWords(type)]),
);

const GROUPS: readonly FilterGroup[] = [
  { title: 'What happened', filters: [chosen('type', 'Events', 'several', choicesOf(TYPE_WORDS))] },
  {
    title: 'Person',
    filters: [
      {
        name: 'actor',
        label: 'Person (name or subject)',
        kind: 'names',
        hint: 'As the list has it, or the subject that their tokens name',
        told: personName,
      },
    ],
  },
  {
    title: upperFirst(RECORD.singular),
    filters: [
      {
        name: 'recommendation',
        label: upperFirst(RECORD.singular),
        kind: 'names',
        hint: 'Its id',
        told: (id) => id,
      },
    ],
  },
  {
    title: 'Request',
    filters: [
      {
        name: 'correlationId',
        label: 'Correlation id',
        kind: 'text',
        hint: 'As an answer’s header, the log of the service and a refusal have it',
        told: (id) => id,
      },
    ],
  },
  {
    title: 'Days',
    filters: [day('recordedFrom', 'Recorded from'), day('recordedTo', 'Recorded until')],
  },
];

/** Events of the log, and after which position it goes on. */
export interface FoundEvents {
  readonly items: readonly Envelope[];
  readonly next: string | null;
}

export interface LogViewOptions {
  readonly asked: URLSearchParams;
  readonly problems: ListProblems;
  /** Null where what is asked cannot be used. */
  readonly found: FoundEvents | null;
  /** Who was asked for by what is no subject of theirs. */
  readonly people: readonly TypedPerson[];
}

/** The log in its order, with filters beside it. */
export function LogView({ asked, problems, found, people }: LogViewOptions): Element {
  const filters = filtersByName(GROUPS);
  // Narrowed otherwise, it begins anew.
  const narrowed = askedAnew(asked, { after: null });
  const namesakes = people.filter(({ subjects }) => subjects.length > 1);
  return (
    <>
      {problems.length > 0 && <ListErrors problems={problems} filters={filters} />}
      <h1 class="govuk-heading-l">The log</h1>
      <p class="govuk-body">
        All events in the order in which they were recorded, but for those that put on record who read the
        log, as you do now: these are among the{' '}
        <a class="govuk-link" href={`${RECORDED_PATHS.accesses}?kind=log`}>
          accesses
        </a>
        .
      </p>
      <div class="docket-list">
        <div class="docket-list__filters docket-not-on-paper">
          <FiltersForm
            asked={narrowed}
            problems={problems}
            path={LOG_PATH}
            groups={GROUPS}
            kept={[]}
            chosen={problems.length > 0 ? [] : chosenFilters(LOG_PATH, narrowed, filters)}
          />
        </div>
        <div class="docket-list__items" id="results">
          {namesakes.map((person) => (
            <Namesakes of={person} asked={asked} filter={{ path: LOG_PATH, name: 'actor' }} />
          ))}
          {found !== null && namesakes.length === 0 && <Found {...{ asked, found, people }} />}
        </div>
      </div>
    </>
  );
}

interface FoundOptions {
  readonly asked: URLSearchParams;
  readonly found: FoundEvents;
  readonly people: readonly TypedPerson[];
}

/** The address of the log otherwise narrowed, from its beginning. */
const anew = (asked: URLSearchParams, changes: Readonly<Record<string, string | null>>): string =>
  addressOf(LOG_PATH, askedAnew(asked, { after: null, ...changes }));

function Found({ asked, found: { items, next }, people }: FoundOptions): Element {
  const isFirst = !asked.has('after');
  return (
    <>
      {items.length === 0 && (
        <p class="govuk-body">
          {next === null
            ? isFirst
              ? nothingOf(people, 'No event matches.')
              : 'No further event matches.'
            : 'None was found yet.'}
        </p>
      )}
      {items.length > 0 && <Events asked={asked} items={items} />}
      {next !== null && items.length === 0 && (
        <InsetText>The log is longer than what was looked at in two seconds. Go on from there.</InsetText>
      )}
      {(!isFirst || next !== null) && (
        <Pagination
          landmarkLabel="Pages of the log"
          previous={isFirst ? undefined : { content: 'First page', href: anew(asked, {}) }}
          next={next === null ? undefined : { content: 'Go on', href: anew(asked, { after: next }) }}
        />
      )}
      <p class="govuk-body docket-not-on-paper">
        <a
          class="govuk-link"
          href={addressOf(`${LOG_PATH}.json`, askedAnew(asked, { limit: null }))}
          download
        >
          Download what matches from here on, with all that the events say (JSON, 1,000 at the most)
        </a>
      </p>
    </>
  );
}

const Events = ({ asked, items }: Pick<FoundOptions, 'asked'> & Pick<FoundEvents, 'items'>): Element => (
  <>
    <p class="govuk-body">{counted(items.length, 'event')} on this page. Times are UK time.</p>
    <StackedTable
      caption="Events"
      columns={['Recorded', 'What happened', 'Of', 'Who', 'Holds from', 'Request'].map((heading) => ({
        heading,
      }))}
      rows={items.map((event) => [
        <>
          {longInstant(event.recordedAt)}
          <span class="docket-id">{`Position ${event.position}`}</span>
        </>,
        <What event={event} />,
        <Of event={event} />,
        <a class="govuk-link" href={anew(asked, { actor: event.actor.subject })}>
          {personName(event.actor.subject)}
        </a>,
        shortDate(event.effectiveOn),
        <a
          class="govuk-link docket-id"
          href={anew(new URLSearchParams(), { correlationId: event.correlationId })}
        >
          <span class="govuk-visually-hidden">All events of the request </span>
          {shortId(event.correlationId)}
        </a>,
      ])}
    />
  </>
);

/** What an event of no record says, it says here; that of a record is in its history. */
function What({ event: { type, streamId, data } }: { readonly event: Envelope }): Content {
  const words = wordsFor(TYPE_WORDS, type);
  if (kinds.ofStream(streamId) !== null) return words;
  return (
    <>
      {words}
      <Details summary="What it says">
        <pre class="docket-json">{shortened(JSON.stringify(data, null, 2))}</pre>
      </Details>
    </>
  );
}

const SHOWN_MAX = 2_000;
const shortened = (text: string): string => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);

/** The record's history at the event, where what it answers and what answers it are linked. */
function Of({ event: { streamId, version } }: { readonly event: Envelope }): Content {
  const record = kinds.ofStream(streamId);
  if (record === null) return <span class="docket-id">{`${streamId}, event ${version}`}</span>;
  return (
    <a class="govuk-link docket-id" href={new RecordAddresses(record, {}).replay({ version }, {}, version)}>
      {`${record.id}, event ${version}`}
      <span class="govuk-visually-hidden"> in its history</span>
    </a>
  );
}
