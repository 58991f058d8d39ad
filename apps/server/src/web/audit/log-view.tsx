import type { Envelope } from '#event-sourcing/envelope';
import { kinds } from '#state-machines/record-streams';
import { EVENT_TYPES } from '../../api/event-types.ts';
import { RECORD_PARAMETER } from '../../api/query-parameters.ts';
import { Details } from '../components/details.tsx';
import { InsetText } from '../components/set-apart.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import { Link } from '../components/link.tsx';
import { dayAndTime, shortDate } from '../dates.ts';
import { choicesOf, choiceFilter, day, textFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { addressOf, changedParams } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListPage } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { NAMES_OF_PEOPLE, personName } from '../names.ts';
import { RecordAddresses } from '../record/record-addresses.ts';
import { upperFirst } from '#lifecycle/words';
import { countWords, RECORD, wordsFor } from '../words.ts';
import { LOG_PATH, shortId, TRAIL_PATHS, typeInWords } from './log-addresses.ts';
import { ItemsUnlessNamesakes, nothingOf, PERSON } from './people-meant.tsx';
import type { TypedPerson } from './people-meant.tsx';

const TYPE_WORDS: Readonly<Record<string, string>> = Object.fromEntries(
  EVENT_TYPES.map((type) => [type, typeInWords(type)]),
);

const GROUPS: readonly FilterGroup[] = [
  { title: 'Event', filters: [choiceFilter('type', 'Type of event', 'several', choicesOf(TYPE_WORDS))] },
  {
    title: 'Person',
    filters: [{ ...PERSON, name: 'actor', kind: 'names', names: NAMES_OF_PEOPLE }],
  },
  {
    title: upperFirst(RECORD.singular),
    filters: [
      {
        ...textFilter(RECORD_PARAMETER, upperFirst(RECORD.singular), `The ${RECORD.singular}’s reference`),
        kind: 'names',
      },
    ],
  },
  {
    title: 'Request',
    filters: [
      textFilter('correlationId', 'Correlation ID', 'From a response header, the service’s log or a refusal'),
    ],
  },
  {
    title: 'Days',
    filters: [day('recordedFrom', 'Recorded from'), day('recordedTo', 'Recorded to')],
  },
];

/** A page of events, and the position to continue from. */
export interface FoundEvents {
  readonly items: readonly Envelope[];
  readonly next: string | null;
}

interface LogViewOptions {
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Null if the query is invalid. */
  readonly found: FoundEvents | null;
  /** Names that were entered instead of subjects. */
  readonly people: readonly TypedPerson[];
}

export function LogView({ params, problems, found, people }: LogViewOptions): Element {
  return (
    <ListPage
      heading="The log"
      path={LOG_PATH}
      groups={GROUPS}
      // A changed filter starts on the first page.
      params={changedParams(params, { after: null })}
      problems={problems}
      itemsId="results"
      intro={
        <p class="govuk-body">
          All events in the order in which they were recorded. Accesses to this log, including yours, are
          listed under <Link href={`${TRAIL_PATHS.accesses}?kind=log`}>accesses</Link>.
        </p>
      }
    >
      <ItemsUnlessNamesakes people={people} params={params} filter={{ path: LOG_PATH, name: 'actor' }}>
        {found !== null && <Found {...{ params, found, people }} />}
      </ItemsUnlessNamesakes>
    </ListPage>
  );
}

interface FoundOptions {
  readonly params: URLSearchParams;
  readonly found: FoundEvents;
  readonly people: readonly TypedPerson[];
}

/** Returns the address of the first page with changed filters. */
const anew = (params: URLSearchParams, changes: Readonly<Record<string, string | null>>): string =>
  addressOf(LOG_PATH, changedParams(params, { after: null, ...changes }));

function Found({ params, found: { items, next }, people }: FoundOptions): Element {
  const isFirst = !params.has('after');
  return (
    <>
      {items.length === 0 && (
        <p class="govuk-body">
          {next === null
            ? isFirst
              ? nothingOf(people, 'No events match.')
              : 'No more events match.'
            : 'No matches so far.'}
        </p>
      )}
      {items.length > 0 && <Events params={params} items={items} />}
      {next !== null && items.length === 0 && (
        <InsetText>The search stopped after 2 seconds. Continue to search the rest of the log.</InsetText>
      )}
      {(!isFirst || next !== null) && (
        <Pagination
          landmarkLabel="Pages of the log"
          previous={isFirst ? undefined : { content: 'First page', href: anew(params, {}) }}
          next={next === null ? undefined : { content: 'Continue', href: anew(params, { after: next }) }}
        />
      )}
      <p class="govuk-body docket-not-on-paper">
        <Link href={addressOf(`${LOG_PATH}.json`, changedParams(params, { limit: null }))} download>
          Download the matching events from here with all their data (JSON, 1,000 at most)
        </Link>
      </p>
    </>
  );
}

const Events = ({ params, items }: Pick<FoundOptions, 'params'> & Pick<FoundEvents, 'items'>): Element => (
  <>
    <p class="govuk-body">{countWords(items.length, 'event')} on this page. Times are UK time.</p>
    <StackedTable
      caption="Events"
      columns={['Recorded', 'Event', 'Record', 'Person', 'Effective', 'Request'].map((heading, index) => ({
        heading,
        isShort: index === 0,
      }))}
      rows={items.map((event) => [
        <>
          {dayAndTime(event.recordedAt)}
          <span class="docket-id">{`Position ${event.position}`}</span>
        </>,
        <What event={event} />,
        <Of event={event} />,
        <Link href={anew(params, { actor: event.actor.subject })}>{personName(event.actor.subject)}</Link>,
        shortDate(event.effectiveOn),
        <Link classes="docket-id" href={anew(new URLSearchParams(), { correlationId: event.correlationId })}>
          <span class="govuk-visually-hidden">All events in the request </span>
          {shortId(event.correlationId)}
        </Link>,
      ])}
    />
  </>
);

/** Shows the data of an event that belongs to no record; events of records are shown in their history. */
function What({ event: { type, streamId, data } }: { readonly event: Envelope }): Content {
  const words = wordsFor(TYPE_WORDS, type);
  if (kinds.ofStream(streamId) !== null) return words;
  return (
    <>
      {words}
      <Details summary="Event data">
        <pre class="docket-json">{shorten(JSON.stringify(data, null, 2))}</pre>
      </Details>
    </>
  );
}

const SHOWN_MAX = 2_000;
const shorten = (text: string): string => (text.length > SHOWN_MAX ? `${text.slice(0, SHOWN_MAX)}…` : text);

/** Links to the event in the record's history. */
function Of({ event: { streamId, version } }: { readonly event: Envelope }): Content {
  const record = kinds.ofStream(streamId);
  if (record === null) return <span class="docket-id">{`${streamId}, event ${version}`}</span>;
  return (
    <Link classes="docket-id" href={new RecordAddresses(record, {}).replay({ version }, {}, version)}>
      {`${record.id}, event ${version}`}
      <span class="govuk-visually-hidden"> in its history</span>
    </Link>
  );
}
