import type { Models } from '#projections/projection';
import { pastDeadlinesPage } from '#read-models/deadlines/deadlines-query';
import type { DeadlineItem, DeadlinesPage, DeadlinesQuery } from '#read-models/deadlines/deadlines-query';
import type { PastRows } from '#read-models/past-rows';
import { registerPage } from '#read-models/register/register-query';
import type { RegisterItem, RegisterPage, RegisterQuery } from '#read-models/register/register-query';
import { statisticsOf } from '#read-models/register/statistics-query';
import type { Statistics, StatisticsQuery } from '#read-models/register/statistics-query';
import { recordsIn, streamsIn } from '#read-models/register/whole-register';
import type { Established, ReportedOutcome } from '#read-models/deadlines/outcomes';
import { streamOfItem } from '#read-models/record-row';
import type { Listed } from '#read-models/record-row';
import { closureTimes } from './closure-times.ts';
import { deadlineFigures } from './deadline-figures.ts';
import type { IssuedQuery, LivesInView } from './figures.ts';
import { seriesOf } from './series.ts';
import type { SeriesQuery } from './series.ts';
import { LivesSet } from './lives-set.ts';
import type { Log } from './lives-set.ts';
import { Moments } from './moments.ts';
import { PastDays } from './past-days.ts';
import type { DayTable } from './past-days.ts';
import { PastNotReadyError } from './past-not-ready.ts';

/** A question about the past, and its person. */
type Asked<Question> = Question & { readonly who: string | null };
/** A question about the rows of a past day. */
type OfFigures<Query> = Asked<{ readonly query: Query; readonly knownAt: string | null }>;
type OfRows<Query> = Asked<{ readonly query: Query & { readonly past: PastRows } }>;

/** Answers questions about the past from the lives of records, which it reads from the log. */
export class PastReader {
  readonly #log: Log;
  readonly #moments: Moments;
  readonly #days = new PastDays();

  constructor(log: Log, patienceMs?: number) {
    this.#log = log;
    this.#moments = new Moments(log, {
      ...(patienceMs !== undefined && { patienceMs }),
      onFolded: (set, stream) => {
        this.#days.markOutdated(set, stream);
      },
    });
  }

  readonly tasks = {
    /** Begins to read the log, so that later callers need not wait. */
    prepare: async ({ who }: Asked<object>): Promise<void> => {
      await this.#moments.at(null, who);
    },
    /** Returns a page of the register. Owners are the ids of events, and there are no titles. Throws as `registerPage` does. */
    list: ({ query, who }: OfRows<RegisterQuery>): Promise<RegisterPage> =>
      this.#read('register', query.past, who, (tables, position) => registerPage(query)(tables, position)),
    /** Returns the streams of all records of a list. */
    streams: ({ query, who }: OfRows<RegisterQuery>): Promise<readonly string[]> =>
      this.#read('register', query.past, who, (tables) => streamsIn(tables, query)),
    /** Returns those of some records that are in a list. */
    records: ({
      query,
      streams,
      who,
    }: OfRows<RegisterQuery> & { readonly streams: readonly string[] }): Promise<readonly RegisterItem[]> =>
      this.#read('register', query.past, who, (tables) => recordsIn(tables, query, streams)),
    statistics: ({ query, who }: OfRows<StatisticsQuery>): Promise<Statistics> =>
      this.#read('register', query.past, who, statisticsOf(query)),
    deadlines: ({ query, who }: OfRows<DeadlinesQuery>): Promise<DeadlinesPage<DeadlineItem>> =>
      this.#read('deadlines', query.past, who, pastDeadlinesPage(query)),
    series: ({ query, knownAt, who }: OfFigures<SeriesQuery>) =>
      this.#figures(knownAt, who, (view) => ({ items: seriesOf(view, query) })),
    closureTimes: ({ query, knownAt, who }: OfFigures<IssuedQuery>) =>
      this.#figures(knownAt, who, (view) => closureTimes(view, query)),
    deadlineFigures: ({ query, knownAt, who }: OfFigures<IssuedQuery>) =>
      this.#figures(knownAt, who, (view) => deadlineFigures(view, query)),
    /** Returns the outcomes of current deadlines by a day. */
    outcomes: async ({
      deadlines,
      day,
      who,
    }: Asked<{ readonly deadlines: readonly NamedDeadline[]; readonly day: string }>): Promise<
      ReportedOutcome[]
    > => {
      const { lives } = await this.#livesOf(new Set(deadlines.map(streamOfItem)), who);
      return deadlines.map((deadline) => {
        const stream = streamOfItem(deadline);
        const [found] = [...lives.deadlinesOf(stream, day)].filter(
          (each) => each.deadline_id === deadline.deadlineId,
        );
        const { outcome = null, established } = found ?? {};
        return { outcome, ...(established && { established: JSON.parse(established) as Established }) };
      });
    },
  };

  async #figures<Figures extends object>(
    knownAt: string | null,
    who: string | null,
    reduce: (view: LivesInView) => Figures,
  ): Promise<Figures & { readonly position: string }> {
    const { set, today, position } = await this.#moments.at(knownAt, who);
    return { ...reduce({ lives: set.lives, today: today.lives }), position };
  }

  async #read<Result>(
    table: DayTable,
    { view: { effectiveOn, knownAt } }: PastRows,
    who: string | null,
    read: (tables: Models, position: string) => Promise<Result>,
  ): Promise<Result> {
    const lives = await this.#moments.at(knownAt, who);
    return this.#days.read(lives, effectiveOn, table, (tables) => read(tables, lives.position));
  }

  /** Returns the lives of a few records, also while those of all others are being read. */
  async #livesOf(streams: ReadonlySet<string>, who: string | null): Promise<LivesSet> {
    try {
      return (await this.#moments.at(null, who)).set;
    } catch (error) {
      if (!(error instanceof PastNotReadyError)) throw error;
    }
    const set = new LivesSet(this.#log, null, () => undefined);
    for (const stream of streams) set.mark(stream);
    await set.refresh();
    return set;
  }
}

interface NamedDeadline extends Listed {
  readonly deadlineId: string;
}
