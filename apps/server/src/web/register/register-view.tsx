import type { RecordKind } from '#lifecycle/kind';
import { lifecycles } from '#state-machines/lifecycles';
import type { RegisterItem, RegisterPage } from '#read-models/register/register-query';
import type { Identity } from '#identity/identity';
import type { Referred } from '#use-cases/register/referred-to';
import type { ChosenFilter } from '../lists/list-page.tsx';
import { Input, smallLabel } from '../components/fields.tsx';
import { InsetText, NotificationBanner } from '../components/blocks.tsx';
import type { Content, Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
import type { Sorting } from '../lists/stacked-table.tsx';
import { Link } from '../components/button.tsx';
import { shortDate } from '../dates.ts';
import { dueOf } from '../lists/record-line.tsx';
import type { Filter } from '../lists/filters.ts';
import { addressOf, changedParams, withoutParam } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { chosenFilters, ListPage } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { listedAs, partsOf } from '../kind-parts.ts';
import { bodyName, personName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { listPath, listTitle, recordAddress } from '../page-paths.ts';
import { upperFirst } from '#lifecycle/words';
import { countWords, queueTitle, recordName, stateTitle, formatCount } from '../words.ts';
import { registerFilters } from './register-filters.ts';
import type { UnknownName } from './unknown-names.ts';
import { KeepSearch, KeptSearches } from './searches.tsx';
import type { SearchesOptions } from './searches.tsx';
import type { Highlight } from '#read-models/register/register-highlights';

const SEARCH: Filter = { name: 'q', label: 'Search', kind: 'text', format: (words) => words };

interface RegisterViewOptions {
  readonly kind: RecordKind;
  readonly viewer: Identity;
  /** The list's query. */
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Null if the query is invalid. */
  readonly page: RegisterPage | null;
  /** The matching reference, if the search is one. */
  readonly referred: Referred | null;
  /** Unknown names in the filters. */
  readonly unknown: readonly UnknownName[];
  /** Whether the list shows records that were just issued. */
  readonly isIssued: boolean;
  readonly today: string;
  readonly searches: SearchesOptions;
}

export function RegisterView(options: RegisterViewOptions): Element {
  const { kind, viewer, params, problems, page, searches } = options;
  const list = {
    ...{ heading: listTitle(kind), path: listPath(kind), groups: registerFilters(viewer, kind) },
    ...{ params, problems, kept: ['sort', 'limit'], search: { filter: SEARCH, field: searchField(options) } },
  };
  return (
    <>
      {options.isIssued && page !== null && page.items.length > 0 && (
        <Issued kind={kind} items={page.items} />
      )}
      <ListPage
        {...list}
        pastFilters={page !== null && '#results'}
        intro={<KeptSearches {...searches} kind={kind} params={params} />}
      >
        {page !== null && <Listed {...options} page={page} chosen={chosenFilters(list)} />}
      </ListPage>
    </>
  );
}

const searchField = ({ params, problems }: Pick<RegisterViewOptions, 'params' | 'problems'>): Element => (
  <Input
    name="q"
    label={smallLabel('Search titles, text and comments')}
    hint={
      params.has('effectiveOn') || params.has('knownAt')
        ? 'Searches current text only: remove the dates in “As it was” first.'
        : 'Or a reference, such as 730. Put a phrase in quotes. Put a dash before a word to exclude it.'
    }
    type="search"
    value={params.get('q') ?? undefined}
    errorMessage={problems.find(({ pointer }) => pointer === '/q') && PAST_IS_NOT_SEARCHED}
  />
);

const PAST_IS_NOT_SEARCHED = 'You can only search current text. Remove the dates in “As it was”';

type ListedOptions = RegisterViewOptions & {
  readonly page: RegisterPage;
  readonly chosen: readonly ChosenFilter[];
};

function Listed(options: ListedOptions): Element {
  const { kind, params, page, referred, searches } = options;
  const path = listPath(kind);
  const now = addressOf(path, changedParams(params, { effectiveOn: null, knownAt: null }));
  const isEmpty = page.items.length === 0;
  return (
    <>
      {page.view && <ViewBanner of={inViewWords(page.view.effectiveOn, page.view.knownAt)} now={now} />}
      {referred !== null && <ReferredTo {...referred} kind={kind} from={addressOf(path, params)} />}
      <h2 class="govuk-heading-m" id="results">
        {isEmpty && referred !== null ? 'Nothing else matches' : headingOf(options)}
      </h2>
      {isEmpty ? referred === null && <NothingFound {...options} /> : <Items {...options} />}
      <KeepSearch {...searches} kind={kind} params={params} />
    </>
  );
}

/** Returns the title of the queue in the query; null if there is none. */
export function queueIn(kind: RecordKind, params: URLSearchParams): string | null {
  const queue = params.get('queue');
  return queue === null ? null : queueTitle(kind, queue);
}

function headingOf({ kind, params, page }: ListedOptions): string {
  const queue = queueIn(kind, params);
  const count = page.items.length === 0 ? `No ${kind.noun.plural} match` : countOf(kind, page);
  return queue === null ? count : `${queue}: ${count.charAt(0).toLowerCase()}${count.slice(1)}`;
}

const ReferredTo = ({
  reference,
  isRecord,
  isIssue,
  kind,
  from,
}: Referred & { readonly kind: RecordKind; readonly from: string }): Element => (
  <InsetText>
    {isRecord && (
      <p class="govuk-body">
        <Link href={recordAddress({ kind, id: reference }, from)}>{recordName({ kind, id: reference })}</Link>
      </p>
    )}
    {isIssue && (
      <p class="govuk-body">
        <Link href={`${listPath(kind)}?issue=${encodeURIComponent(reference)}`}>
          {`${listTitle(kind)} issued together as ${reference}`}
        </Link>
      </p>
    )}
  </InsetText>
);

const isOfAnswers = ({ name }: RecordKind, params: URLSearchParams): boolean =>
  lifecycles.current(name).queues[params.get('queue') ?? '']?.answer !== undefined;

/** Formats the total, which is a lower bound for long lists. */
const countOf = ({ noun }: RecordKind, { total, totalAtLeast = 0 }: RegisterPage): string =>
  total === undefined
    ? `${formatCount(totalAtLeast)} or more ${noun.plural}`
    : countWords(total, noun.singular, noun.plural);

const NothingFound = ({ kind, params, chosen, unknown }: ListedOptions): Element =>
  chosen.length === 0 ? (
    <p class="govuk-body">There are none yet that you can see.</p>
  ) : (
    <>
      {unknown.map((name) => (
        <Unknown kind={kind} params={params} name={name} />
      ))}
      <p class="govuk-body">Remove a filter, or search for fewer words.</p>
    </>
  );

/** An unknown name, with links to similar ones. */
function Unknown(props: {
  readonly kind: RecordKind;
  readonly params: URLSearchParams;
  readonly name: UnknownName;
}): Element {
  const { kind, params, name } = props;
  const { filter, typed, near } = name;
  const withName = (other: string): URLSearchParams => {
    const anew = withoutParam(params, filter, typed);
    anew.append(filter, other);
    return anew;
  };
  return (
    <p class="govuk-body">
      {`There is no ${filter === 'owner' ? 'person' : 'body'} called “${typed}”.`}
      {near.length > 0 && ' Did you mean '}
      {near.map((other, index) => (
        <>
          {index > 0 && ' or '}
          <Link href={addressOf(listPath(kind), withName(other))}>{other}</Link>
        </>
      ))}
      {near.length > 0 && '?'}
    </p>
  );
}

function Items(options: ListedOptions): Element {
  const { kind, params, page } = options;
  const parts = partsOf(kind.name);
  const at = (cursor: string | null) =>
    cursor === null
      ? undefined
      : { href: addressOf(listPath(kind), changedParams(params, { cursor })), labelText: undefined };
  return (
    <>
      <Order kind={kind} params={params} />
      <StackedTable
        caption={listTitle(kind)}
        columns={[
          {
            heading: upperFirst(kind.noun.singular),
            // The past has no titles of its own.
            sorting: page.view === undefined ? sortingBy(kind, params, 'title') : undefined,
          },
          ...(parts.body ? [{ heading: 'Body', sorting: sortingBy(kind, params, 'recipient') }] : []),
          { heading: 'Status', sorting: sortingBy(kind, params, 'status'), isShort: true },
          ...(parts.dates
            ? [
                {
                  heading: isOfAnswers(kind, params) ? 'Response due' : 'Deadline',
                  sorting: sortingBy(kind, params, isOfAnswers(kind, params) ? 'responseDueOn' : 'dueOn'),
                  isShort: true,
                },
              ]
            : []),
          ...(parts.owner ? [{ heading: 'Owner' }] : []),
          { heading: 'Latest event', sorting: sortingBy(kind, params, '-updatedOn'), isShort: true },
        ]}
        rows={page.items.map((item) => cellsOf(item, options))}
      />
      <Pagination
        landmarkLabel="Pages of the list"
        previous={at(page.previousCursor)}
        next={at(page.nextCursor)}
      />
      <Downloads kind={kind} params={params} />
    </>
  );
}

/** Restores the order by relevance after a column was sorted. */
function Order({ kind, params }: Pick<ListedOptions, 'kind' | 'params'>): Element | null {
  if (!params.has('q') || (params.get('sort') ?? 'relevance') === 'relevance') return null;
  return (
    <p class="govuk-body-s">
      <Link href={addressOf(listPath(kind), changedParams(params, { sort: null }))}>
        Show the best matches first
      </Link>
    </p>
  );
}

/** Returns the sort order in the query, or the default order. */
const orderOf = (params: URLSearchParams): string =>
  params.get('sort') ?? (params.has('q') ? 'relevance' : '-updatedOn');

/** Returns the sort order of a column, and the address that reverses it. */
function sortingBy(kind: RecordKind, params: URLSearchParams, first: string): Sorting {
  const name = first.replace('-', '');
  const order = orderOf(params);
  const isBy = order.replace('-', '') === name;
  const next = !isBy ? first : order === name ? `-${name}` : name;
  const sorted = !isBy ? undefined : order.startsWith('-') ? 'descending' : 'ascending';
  return { href: addressOf(listPath(kind), changedParams(params, { sort: next })), sorted };
}

function cellsOf(item: RegisterItem, { kind, params, page, today }: ListedOptions): readonly Content[] {
  const { id, title, recipient, status, owner, updatedOn, highlights = [] } = item;
  const parts = partsOf(kind.name);
  const from = addressOf(listPath(kind), params);
  const day = page.view?.effectiveOn ?? today;
  return [
    <>
      <Link classes="docket-title" href={recordAddress({ kind, id }, from, viewIn(params))}>
        {listedAs({ kind, id }, title)}
      </Link>
      {parts.title !== null && (
        <>
          {' '}
          <span class="docket-id">{id}</span>
        </>
      )}
      <Highlights highlights={highlights} />
    </>,
    ...(parts.body ? [recipient === null ? 'Not set' : bodyName(recipient)] : []),
    stateTitle(status),
    ...(parts.dates ? [dueOf(item, { day, ofResponse: isOfAnswers(kind, params) })] : []),
    ...(parts.owner ? [owner === null ? 'Not assigned' : personName(owner)] : []),
    <span class="docket-figures">{shortDate(updatedOn)}</span>,
  ];
}

/** Returns the view of the past, which links keep. */
const viewIn = (params: URLSearchParams): Readonly<Record<string, string>> =>
  Object.fromEntries([...params].filter(([name]) => name === 'effectiveOn' || name === 'knownAt'));

function Downloads({ kind, params }: Pick<ListedOptions, 'kind' | 'params'>): Element {
  const whole = changedParams(params, { limit: null });
  return (
    <p class="govuk-body docket-not-on-paper">
      {'Download the whole list: '}
      <Link href={addressOf(`${listPath(kind)}.csv`, whole)} download>
        CSV
      </Link>
      {', '}
      <Link href={addressOf(`${listPath(kind)}.json`, whole)} download>
        JSON
      </Link>
    </p>
  );
}

/** The confirmation after issuing to several bodies. */
const Issued = ({
  kind,
  items,
}: {
  readonly kind: RecordKind;
  readonly items: readonly RegisterItem[];
}): Element => (
  <NotificationBanner type="success">
    <p class="govuk-notification-banner__heading">{`Issued to ${countWords(items.length, 'body', 'bodies')}`}</p>
    <ul class="govuk-list">
      {items.map(({ id, recipient }) => (
        <li>
          <a class="govuk-notification-banner__link" href={recordAddress({ kind, id })}>
            {recipient === null ? id : `${bodyName(recipient)} (${id})`}
          </a>
        </li>
      ))}
    </ul>
  </NotificationBanner>
);

const FIELDS: Readonly<Record<Highlight['field'], string>> = {
  title: 'Title',
  text: 'Text',
  report: 'Report',
  comment: 'Comment',
};

/** Matches outside the title, which is shown anyway. */
function Highlights({ highlights }: { readonly highlights: readonly Highlight[] }): Element | null {
  const shown = highlights.filter(({ field }) => field !== 'title');
  if (shown.length === 0) return null;
  return (
    <ul class="govuk-list docket-highlights">
      {shown.map((highlight) => (
        <li>
          {`${FIELDS[highlight.field]}: `}
          {markMatches(highlight)}
        </li>
      ))}
    </ul>
  );
}

function markMatches({ snippet, matches }: Highlight): (string | Element)[] {
  const pieces: (string | Element)[] = [];
  let at = 0;
  for (const { from, to } of matches) {
    pieces.push(snippet.slice(at, from), <mark>{snippet.slice(from, to)}</mark>);
    at = to;
  }
  return [...pieces, snippet.slice(at)];
}
