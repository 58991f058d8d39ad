import { HAS_BODIES } from '#state-machines/any-kind';
import { kinds } from '#state-machines/record-streams';
import type { Identity } from '#identity/identity';
import type { DeadlineItem, DeadlinesPage } from '#read-models/deadlines/deadlines-query';
import { visibleKinds } from '#state-machines/access';
import { londonDate } from '#state-machines/london';
import type { Element } from '../components/macro-options.ts';
import { Link } from '../components/button.tsx';
import { longDate } from '../dates.ts';
import { DueDate } from '../lists/record-line.tsx';
import { AS_IT_WAS, bodyFilter, choicesOf, choiceFilter, day, kindFilter } from '../lists/filters.ts';
import type { FilterGroup } from '../lists/filters.ts';
import { addressOf, changedParams } from '../lists/list-address.ts';
import type { ListProblems } from '../lists/list-address.ts';
import { ListPage, ListPages } from '../lists/list-page.tsx';
import { StackedTable } from '../lists/stacked-table.tsx';
import { listedAs } from '../kind-parts.ts';
import { bodyName, personName } from '../names.ts';
import { inViewWords, ViewBanner } from '../view-banner.tsx';
import { recordAddress } from '../page-paths.ts';
import { inOneSentence, upperFirst } from '#lifecycle/words';
import { DEADLINE_WORDS, KIND_WORDS, OUTCOME_WORDS, RECORD, wordsFor } from '../words.ts';

export const DEADLINES_PATH = '/deadlines';

const LISTED = ['on-track', 'approaching', 'overdue', 'escalated', 'settled'] as const;

/** The calendar feed accepts one body at a time, and so do these filters. */
function deadlineFilters(viewer: Identity): readonly FilterGroup[] {
  return [
    ...kindFilter('recordKind', visibleKinds(viewer)),
    ...bodyFilter(viewer),
    {
      title: 'Kind and state',
      filters: [
        choiceFilter('kind', 'Kind', 'one', choicesOf(KIND_WORDS)),
        choiceFilter('state', 'State', 'one', choicesOf(DEADLINE_WORDS, LISTED)),
      ],
    },
    { title: 'Due', filters: [day('from', 'Due from'), day('to', 'Due to')] },
    {
      title: 'Outcome',
      filters: [
        choiceFilter('outcome', 'Outcome', 'one', choicesOf(OUTCOME_WORDS)),
        day('issuedFrom', `${upperFirst(RECORD.singular)} issued on or after`),
        day('issuedTo', `${upperFirst(RECORD.singular)} issued on or before`),
      ],
    },
    AS_IT_WAS,
  ];
}

interface DeadlinesViewOptions {
  readonly viewer: Identity;
  readonly params: URLSearchParams;
  readonly problems: ListProblems;
  /** Null if the query is invalid. */
  readonly found: DeadlinesPage<DeadlineItem> | null;
  readonly today: string;
}

export function DeadlinesView(options: DeadlinesViewOptions): Element {
  const { viewer, params, problems, found } = options;
  return (
    <ListPage
      heading="Deadlines"
      path={DEADLINES_PATH}
      groups={deadlineFilters(viewer)}
      params={params}
      problems={problems}
      intro={
        <p class="govuk-body docket-not-on-paper">
          <Link href={`${DEADLINES_PATH}/calendar`}>Show deadlines in your calendar</Link>
        </p>
      }
    >
      {found !== null && <Found {...options} found={found} />}
    </ListPage>
  );
}

type FoundOptions = DeadlinesViewOptions & { readonly found: DeadlinesPage<DeadlineItem> };

function Found(options: FoundOptions): Element {
  const { params, found: page } = options;
  const now = addressOf(DEADLINES_PATH, changedParams(params, { effectiveOn: null, knownAt: null }));
  return (
    <>
      {page.view && isOfThePast(params) && (
        <ViewBanner of={inViewWords(page.view.effectiveOn, page.view.knownAt)} now={now} />
      )}
      <Listed {...options} />
      <Further {...options} />
    </>
  );
}

/** A list by outcome is as of today, and not a view of the past. */
const isOfThePast = (params: URLSearchParams): boolean => params.has('effectiveOn') || params.has('knownAt');

/** Only if records have bodies. */
const OF_BODIES = HAS_BODIES ? ['Body'] : [];

function Listed({ params, found: { items, view }, today }: FoundOptions): Element {
  const from = addressOf(DEADLINES_PATH, params);
  const day = view?.effectiveOn ?? today;
  return (
    <StackedTable
      caption="Deadlines, the earliest first"
      none="No deadlines match."
      columns={[upperFirst(RECORD.singular), 'Due', 'Kind', 'Outcome', ...OF_BODIES].map((heading) => ({
        heading,
        isShort: heading === 'Due',
      }))}
      rows={items.map(({ id, recordKind, title, dueOn, kind, state, outcome, established, recipient }) => [
        <>
          <Link classes="docket-title" href={recordAddress({ kind: kinds.named(recordKind), id }, from)}>
            {listedAs({ kind: kinds.named(recordKind), id }, title)}
          </Link>{' '}
          <span class="docket-id">{id}</span>
        </>,
        <DueDate dueOn={dueOn} isSettled={state === 'settled'} day={day} />,
        wordsFor(KIND_WORDS, kind),
        outcomeInWords({ outcome, ...(established && { established }) }),
        ...OF_BODIES.map(() => (recipient === null ? 'Not set' : bodyName(recipient))),
      ])}
    />
  );
}

/** Formats the outcome, with who established it and when. */
function outcomeInWords({ outcome, established }: Pick<DeadlineItem, 'outcome' | 'established'>): string {
  if (outcome === null) return 'None yet';
  const words = OUTCOME_WORDS[outcome];
  if (established === undefined) return words;
  const { by, at } = established;
  return `${words}: ${inOneSentence(by.map(personName))}, ${longDate(londonDate(at))}`;
}

function Further({ params, found: page }: FoundOptions): Element {
  return (
    <>
      <ListPages path={DEADLINES_PATH} params={params} next={page.nextCursor} />
      <p class="govuk-body docket-not-on-paper">
        <Link href={addressOf(`${DEADLINES_PATH}.csv`, changedParams(params, { limit: null }))} download>
          Download these deadlines (CSV)
        </Link>
      </p>
    </>
  );
}
