import { addDays } from '#lifecycle/plain-date';
import type { ListedOutcome } from '#read-models/deadlines/deadlines-query';
import type { ClosureTimes } from '#lives/closure-times';
import type { DeadlineFigures } from '#lives/deadline-figures';
import { AGE_BUCKETS } from '#read-models/register/statistics-groups';
import type { AgeBucket } from '#read-models/register/statistics-groups';
import type { Content, Element } from '../components/macro-options.ts';
import { longDate, shortDate } from '../dates.ts';
import { bodyName } from '../names.ts';
import { countWords, OUTCOME_WORDS, formatCount } from '../words.ts';
import {
  nounOf,
  statusesOf,
  agesHeadline,
  deadlinesHeadline,
  timesHeadline,
  flowsSentence,
  shownFlows,
  FLOW_WORDS,
  seriesHeadline,
} from './figures-shown.ts';
import type { Body, Figures, Lists } from './figures-shown.ts';
import { Bars, BARS_MAX, Legend } from './plots.tsx';
import type { Bar } from './plots.tsx';
import { Figure, PlotSection } from './section.tsx';
import type { SeriesItem } from '#lives/series';
import { upperFirst } from '#lifecycle/words';

interface ByBodyOptions {
  readonly figures: Figures;
  readonly lists: Lists;
  readonly csv: string;
  /** The issue dates of the counted records in words; empty if all are counted. */
  readonly issued: string;
}

const nameOf = (body: Body): string => (body === null ? 'No body' : bodyName(body));

/** Sorts by length, stable. */
const longestFirst = <Of extends { readonly length: number }>(all: readonly Of[]): Of[] =>
  all.toSorted((one, other) => other.length - one.length);

const AGE_WORDS: Readonly<Record<AgeBucket, string>> = {
  '0-30': 'Up to 30 days',
  '31-90': '31 to 90 days',
  '91-180': '91 to 180 days',
  '181-365': '181 to 365 days',
  '366+': 'More than a year',
};

/** Returns the range of issue dates for an age. */
function issuedAt(age: AgeBucket, on: string): { readonly issuedFrom?: string; readonly issuedTo?: string } {
  const index = AGE_BUCKETS.findIndex(({ name }) => name === age);
  const [until, younger] = [AGE_BUCKETS[index]?.until ?? Infinity, AGE_BUCKETS[index - 1]?.until];
  return {
    ...(until !== Infinity && { issuedFrom: addDays(on, -until) }),
    ...(younger !== undefined && { issuedTo: addDays(on, -younger - 1) }),
  };
}

export function Ages({ figures, lists, csv }: ByBodyOptions): Element {
  const { counts, on } = figures;
  const noun = nounOf(figures);
  const bodies = counts.byRecipient.map(({ recipient, byAge }) => ({
    recipient,
    name: nameOf(recipient),
    byAge,
    length: AGE_BUCKETS.reduce((sum, { name }) => sum + byAge[name], 0),
  }));
  const shown = bodies.filter(({ length }) => length > 0);
  const open = shown.reduce((sum, { length }) => sum + length, 0);
  const hrefOf = (body: Body, age: AgeBucket) => lists.ofAge(body, issuedAt(age, on));
  return (
    <PlotSection
      id="ages"
      topic={`Age of open ${noun.plural}`}
      headline={agesHeadline(
        { open, old: counts.byAge['366+'] },
        shown.map(({ name, byAge }) => ({ name, figure: byAge['366+'] })),
        noun,
      )}
      subtitle={`Open ${noun.plural} by body and days since issue, at the end of ${longDate(on)}, whatever their date of issue.`}
      plot={
        <>
          <Legend
            kinds={AGE_BUCKETS.map(({ name }, index) => ({ kind: `age-${index}`, text: AGE_WORDS[name] }))}
          />
          <Bars
            bars={longestFirst(shown).map(({ recipient, name, byAge, length }): Bar => ({
              label: name,
              note: `${formatCount(length)} open`,
              segments: AGE_BUCKETS.map(({ name: age }, index) => ({
                kind: `age-${index}`,
                count: byAge[age],
                href: hrefOf(recipient, age),
                name: `${name}, ${AGE_WORDS[age].toLowerCase()}: ${countWords(byAge[age], `open ${noun.singular}`, `open ${noun.plural}`)}`,
              })),
            }))}
          />
        </>
      }
      columns={['Body', ...AGE_BUCKETS.map(({ name }) => AGE_WORDS[name])]}
      rows={shown.map(({ recipient, name, byAge }) => [
        name,
        ...AGE_BUCKETS.map(({ name: age }) => (
          <Figure
            count={byAge[age]}
            href={hrefOf(recipient, age)}
            of={`for ${name}: ${AGE_WORDS[age].toLowerCase()}`}
          />
        )),
      ])}
      csv={csv}
    />
  );
}

const inDays = (days: number | null): string => (days === null ? 'not reached' : countWords(days, 'day'));

export function Times({ figures, lists, csv, issued }: ByBodyOptions): Element {
  const { times, on } = figures;
  const noun = nounOf(figures);
  const statuses = statusesOf(figures);
  const bodies = times.byRecipient.map(({ recipient, ...own }) => ({
    recipient,
    name: nameOf(recipient),
    own,
  }));
  return (
    <PlotSection
      id="times"
      topic="Time to close"
      headline={timesHeadline(
        times.overall,
        bodies.flatMap(({ name, own: { days } }) =>
          days.median === null ? [] : [{ name, figure: days.median }],
        ),
        noun,
      )}
      subtitle={`Days from issue until a quarter, half and three quarters of the ${noun.plural}${issued} were closed, up to ${longDate(on)}. Open ${noun.plural} count as not yet closed.`}
      columns={['Body', 'A quarter closed', 'Half closed', 'Three quarters closed', 'Closed', 'Open']}
      rows={
        bodies.length === 0
          ? []
          : [
              timesRow('All', times.overall, (of) => lists.ofClosureTimes(undefined, statuses[of])),
              ...bodies.map(({ recipient, name, own }) =>
                timesRow(name, own, (of) => lists.ofClosureTimes(recipient, statuses[of])),
              ),
            ]
      }
      csv={csv}
    />
  );
}

const timesRow = (
  name: string,
  { closed, open, days }: ClosureTimes,
  href: (of: 'open' | 'closed') => string | null,
): Content[] => [
  name,
  ...[days.q1, days.median, days.q3].map((each) => <span class="docket-figures">{inDays(each)}</span>),
  <Figure count={closed} href={href('closed')} of={`closed: ${name}`} />,
  <Figure count={open} href={href('open')} of={`open: ${name}`} />,
];

/** The outcomes in the plot; the table lists all. */
const DRAWN = ['met', 'metEstablishedLater', 'late', 'stillOpen', 'lateAtEntry'] as const;
const OUTCOMES = [
  ...DRAWN,
  'withdrawn',
  'superseded',
  'enteredInError',
  'recordedLate',
] as const satisfies (keyof DeadlineFigures & ListedOutcome)[];

export function Outcomes({ figures, lists, csv, issued }: ByBodyOptions): Element {
  const { deadlines, on } = figures;
  const noun = nounOf(figures);
  const bodies = deadlines.byRecipient.map(({ recipient, ...own }) => ({
    recipient,
    name: nameOf(recipient),
    own,
    length: DRAWN.reduce((sum, outcome) => sum + own[outcome], 0),
  }));
  const row = (name: string, own: DeadlineFigures, body: Body | undefined) =>
    outcomesRow(name, own, (outcome) => lists.fellDue(body, outcome));
  return (
    <PlotSection
      id="deadlines"
      topic="Deadlines that fell due"
      headline={deadlinesHeadline(deadlines.overall)}
      subtitle={`Outcomes of the deadlines that fell due by ${longDate(on)}, for ${noun.plural}${issued}. “Met, confirmed later”: recorded as late, but two people later confirmed that it was met. “Late when entered”: already overdue when it was entered. The table also counts deadlines that were withdrawn, superseded or entered in error, and all that were recorded as late or extended, whatever their outcome. Withdrawn deadlines count in the number of extensions, but not as extended.`}
      plot={
        <>
          <Legend kinds={DRAWN.map((outcome) => ({ kind: outcome, text: OUTCOME_WORDS[outcome] }))} />
          <Bars
            bars={longestFirst(bodies.filter(({ length }) => length > 0)).map(
              ({ recipient, name, own, length }): Bar => ({
                label: name,
                note: countWords(length, 'deadline'),
                segments: DRAWN.map((outcome) => ({
                  kind: outcome,
                  count: own[outcome],
                  href: lists.fellDue(recipient, outcome),
                  name: `${name}, ${OUTCOME_WORDS[outcome].toLowerCase()}: ${countWords(own[outcome], 'deadline')}`,
                })),
              }),
            )}
          />
        </>
      }
      columns={[
        'Body',
        ...OUTCOMES.map((outcome) => OUTCOME_WORDS[outcome]),
        'Median days late',
        'Extended',
        'Extensions',
      ]}
      rows={
        bodies.length === 0
          ? []
          : [
              row('All', deadlines.overall, undefined),
              ...bodies.map(({ recipient, name, own }) => row(name, own, recipient)),
            ]
      }
      csv={csv}
    />
  );
}

const outcomesRow = (
  name: string,
  own: DeadlineFigures,
  href: (outcome: ListedOutcome) => string | null,
): Content[] => [
  name,
  ...OUTCOMES.map((outcome) => (
    <Figure
      count={own[outcome]}
      href={href(outcome)}
      of={`${OUTCOME_WORDS[outcome].toLowerCase()}: ${name}`}
    />
  )),
  <span class="docket-figures">
    {own.medianDaysLate === null ? 'None late' : countWords(own.medianDaysLate, 'day')}
  </span>,
  <Figure count={own.extended} href={href('extended')} of={`extended: ${name}`} />,
  <span class="docket-figures">{own.extensions}</span>,
];

const KINDS = [
  { kind: 'open', text: 'Open' },
  { kind: 'closed', text: 'Closed' },
];

export function OverTime({
  figures,
  lists,
  csv,
}: {
  readonly figures: Figures;
  readonly lists: Lists;
  readonly csv: string;
}): Element {
  const { series, interval } = figures;
  const noun = nounOf(figures);
  const flows = shownFlows(series);
  const statuses = statusesOf(figures);
  const closedOf = ({ byStatus }: SeriesItem): number =>
    statuses.closed.reduce((sum, status) => sum + (byStatus[status] ?? 0), 0);
  const segment = (kind: 'open' | 'closed', count: number, on: string) => ({
    ...{ kind, count, href: kind === 'open' ? openOn(on) : closedOn(on) },
    name: `${longDate(on)}: ${countWords(count, noun.singular, noun.plural)} ${kind}`,
  });
  const [first, last] = [series.at(0)?.on ?? '', series.at(-1)?.on ?? ''];
  const openOn = (on: string) => lists.records({ status: statuses.open }, on);
  const closedOn = (on: string) => lists.records({ status: statuses.closed }, on);
  return (
    <PlotSection
      id="over-time"
      topic="Open and closed over time"
      headline={seriesHeadline(series, noun)}
      subtitle={`${upperFirst(noun.plural)} at the end of each ${interval}, from ${longDate(first)} to ${longDate(last)}. Each bar shows all that had been issued by then. ${flowsSentence(series, noun)}`}
      plot={
        series.length > BARS_MAX ? (
          <p class="govuk-body">There are too many bars to show. Choose a longer interval or fewer days.</p>
        ) : (
          <>
            <Legend kinds={KINDS} />
            <Bars
              bars={series.map((item): Bar => ({
                label: periodOf(item.on, interval),
                note: '',
                segments: [segment('open', item.open, item.on), segment('closed', closedOf(item), item.on)],
              }))}
            />
          </>
        )
      }
      columns={[
        'To',
        'Open',
        'Closed',
        ...flows.map((flow) => `${upperFirst(FLOW_WORDS[flow])} in this period`),
      ]}
      rows={series.map((item) => [
        shortDate(item.on),
        <Figure count={item.open} href={openOn(item.on)} of={`open on ${shortDate(item.on)}`} />,
        <Figure count={closedOf(item)} href={closedOn(item.on)} of={`closed on ${shortDate(item.on)}`} />,
        ...flows.map((flow) => <span class="docket-figures">{item[flow]}</span>),
      ])}
      csv={csv}
    />
  );
}

/** Returns the year of an interval that ends on a day, with its month unless it is a whole year. */
const periodOf = (on: string, interval: Figures['interval']): string =>
  shortDate(on)
    .split(' ')
    .slice(interval === 'year' ? 2 : 1)
    .join(' ');
