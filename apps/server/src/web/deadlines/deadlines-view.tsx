import { HAS_BODIES } from '#state-machines/any-kind';
import { kinds } from '#state-machines/record-streams';
import type { Identity } from '#identity/identity';
import type { DeadlineItem, DeadlinesPage } from '#read-models/deadlines/deadlines-query';
import { londonDate } from '#state-machines/london';
import type { Element } from '../components/macro-options.ts';
import { Pagination } from '../components/pagination.tsx';
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
import { addDays, daysBetween } from '#lifecycle/plain-date';

export const DEADLINES_PATH = '/deadlines';

const LISTED = ['on-track', 'approaching', 'overdue', 'escalated', 'settled'] as const;

/** The calendar feed accepts one body at a time, and so do these filters. */
function deadlineFilters(viewer: Identity): readonly FilterGroup[] {
  return [
    ...kindFilter('recordKind'),
    ...bodyFilter(viewer),
    {
      title: 'Kind and state',
      filters: [
        choiceFilter('kind', 'Kind', 'one', choicesOf(KIND_WORDS)),
        choiceFilter('state', 'State', 'one', choicesOf(DEADLINE_WORDS, LISTED)),
      ],
    },
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
  /** Null if other days are selected. */
  readonly month: Month | null;
  /** Null if the query is invalid. */
  readonly found: FoundDeadlines | null;
  readonly today: string;
}

export interface FoundDeadlines {
  readonly page: DeadlinesPage;
  /** Overdue deadlines of any month; null if the page lists them already. */
  readonly overdue: DeadlinesPage | null;
  /** Deadlines per day, as far as they were counted. */
  readonly counts: ReadonlyMap<string, number>;
  readonly isCountedWhole: boolean;
  /** Whether other months have deadlines. */
  readonly hasEarlier: boolean;
  readonly hasLater: boolean;
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
      kept={['month', 'from', 'to']}
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

type FoundOptions = DeadlinesViewOptions & { readonly found: FoundDeadlines };

function Found(options: FoundOptions): Element {
  const { params, month, found } = options;
  const { page, overdue } = found;
  const now = addressOf(DEADLINES_PATH, changedParams(params, { effectiveOn: null, knownAt: null }));
  return (
    <>
      {page.view && isOfThePast(params) && (
        <ViewBanner of={inViewWords(page.view.effectiveOn, page.view.knownAt)} now={now} />
      )}
      {overdue !== null && overdue.items.length > 0 && (
        <>
          <h2 class="govuk-heading-m">Overdue</h2>
          <Listed items={overdue.items} caption="Overdue deadlines" {...options} />
          {overdue.nextCursor !== null && (
            <p class="govuk-body">
              <Link
                href={addressOf(DEADLINES_PATH, changedParams(params, { month: null, state: 'overdue' }))}
              >
                Show all overdue deadlines
              </Link>
            </p>
          )}
        </>
      )}
      {month === null ? (
        <h2 class="govuk-heading-m">{daysInWords(params)}</h2>
      ) : (
        <Calendar {...options} month={month} />
      )}
      <Listed items={page.items} caption={month === null ? 'Deadlines' : monthInWords(month)} {...options} />
      <Further {...options} />
    </>
  );
}

/** A list by outcome is as of today, and not a view of the past. */
const isOfThePast = (params: URLSearchParams): boolean => params.has('effectiveOn') || params.has('knownAt');

/** Returns the selected days in words. */
function daysInWords(params: URLSearchParams): string {
  const [from, to, outcome] = [params.get('from'), params.get('to'), params.get('outcome')];
  if (outcome !== null) return `Outcome: ${wordsFor(OUTCOME_WORDS, outcome).toLowerCase()}`;
  if (from !== null && from === to) return longDate(from);
  if (from !== null && to !== null) return `From ${longDate(from)} to ${longDate(to)}`;
  if (from !== null) return `From ${longDate(from)}`;
  return to === null ? 'All deadlines' : `Until ${longDate(to)}`;
}

const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

function Calendar({ params, month, found, today }: FoundOptions & { readonly month: Month }): Element {
  const at = (other: Month) => ({
    href: addressOf(DEADLINES_PATH, changedParams(params, { month: other.name })),
    labelText: monthInWords(other),
  });
  return (
    <>
      <h2 class="govuk-heading-m">{monthInWords(month)}</h2>
      <table class="govuk-table docket-calendar">
        <caption class="govuk-visually-hidden">
          {`Number of deadlines on each day of ${monthInWords(month)}`}
        </caption>
        <thead>
          <tr>
            {WEEKDAYS.map((name) => (
              <th scope="col">
                <abbr title={name}>{name.slice(0, 2)}</abbr>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {weeksOf(month).map((week) => (
            <tr>
              {week.map((day) => (
                <td class={day === today ? 'docket-calendar__today' : undefined}>
                  {day !== null && <Day day={day} count={found.counts.get(day) ?? 0} params={params} />}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {!found.isCountedWhole && (
        <p class="govuk-body">This month has too many deadlines to count. Choose a body.</p>
      )}
      {(found.hasEarlier || found.hasLater) && (
        <Pagination
          landmarkLabel="Months"
          previous={found.hasEarlier ? at(monthBeside(month, -1)) : undefined}
          next={found.hasLater ? at(monthBeside(month, 1)) : undefined}
        />
      )}
    </>
  );
}

function Day(props: {
  readonly day: string;
  readonly count: number;
  readonly params: URLSearchParams;
}): Element {
  const { day, count, params } = props;
  const number = Number(day.slice(8));
  if (count === 0) return <span class="docket-calendar__day">{number}</span>;
  return (
    <Link
      classes="docket-calendar__day"
      href={addressOf(DEADLINES_PATH, changedParams(params, { month: null, from: day, to: day }))}
    >
      {number}
      <strong class="docket-calendar__count">
        {count}
        <span class="govuk-visually-hidden"> due</span>
      </strong>
    </Link>
  );
}

/** Only if records have bodies. */
const OF_BODIES = HAS_BODIES ? ['Body'] : [];

function Listed(
  props: FoundOptions & { readonly items: readonly DeadlineItem[]; readonly caption: string },
): Element {
  const { items, caption, params, found, today } = props;
  const from = addressOf(DEADLINES_PATH, params);
  const day = found.page.view?.effectiveOn ?? today;
  return (
    <StackedTable
      caption={caption}
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

function Further({ params, month, found: { page } }: FoundOptions): Element {
  const days = month === null ? {} : { from: month.from, to: month.to };
  const whole = changedParams(params, { month: null, limit: null, ...days });
  return (
    <>
      <ListPages
        path={DEADLINES_PATH}
        params={params}
        next={page.nextCursor}
        kept={month === null ? {} : { month: month.name }}
      />
      <p class="govuk-body docket-not-on-paper">
        <Link href={addressOf(`${DEADLINES_PATH}.csv`, whole)} download>
          Download these deadlines (CSV)
        </Link>
      </p>
    </>
  );
}

export interface Month {
  /** As in an address: 2026-11. */
  readonly name: string;
  readonly from: string;
  readonly to: string;
}

export const monthOf = (day: string): Month => monthNamed(day.slice(0, 7)) as Month;

/** Returns null if the name is not a month. */
export function monthNamed(name: string): Month | null {
  if (!/^(?!0000)\d{4}-(?:0[1-9]|1[0-2])$/.test(name)) return null;
  const from = `${name}-01`;
  const last = new Date(from);
  last.setUTCMonth(last.getUTCMonth() + 1, 0);
  return { name, from, to: `${name}-${last.getUTCDate()}` };
}

export const monthBeside = ({ from, to }: Month, step: -1 | 1): Month =>
  monthOf(step === 1 ? addDays(to, 1) : addDays(from, -1));

/** Returns the weeks from Monday to Sunday; null for days of other months. */
export function weeksOf({ from, to }: Month): readonly (readonly (string | null)[])[] {
  const days: (string | null)[] = Array.from({ length: weekday(from) }, () => null);
  // Counted, because the last valid date has no next day.
  for (let day = 0; day <= daysBetween(from, to); day += 1) days.push(addDays(from, day));
  while (days.length % 7 > 0) days.push(null);
  return Array.from({ length: days.length / 7 }, (_, week) => days.slice(week * 7, week * 7 + 7));
}

/** Monday is 0. */
const weekday = (day: string): number => (new Date(day).getUTCDay() + 6) % 7;

const NAMED = new Intl.DateTimeFormat('en-GB', { timeZone: 'UTC', month: 'long', year: 'numeric' });

/** Formats a month: November 2026. */
export const monthInWords = ({ from }: Month): string => NAMED.format(Date.parse(from));
