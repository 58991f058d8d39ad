import { addDays } from '#lifecycle/plain-date';
import type { DateNews, DueDate } from '#lifecycle/summary';
import { datesOf, isSame } from '#read-models/record-row';
import type { FoldedRecordState } from '#read-models/record-state';
import { londonDate } from '#state-machines/london';
import type { LifeEvent } from './steps.ts';

/** A deadline from an effective day on. */
export interface DeadlineSpan {
  readonly from: string;
  readonly id: string;
  readonly kind: string;
  readonly dueOn: string;
  readonly firstDueOn: string;
  /** The day of the withdrawal; null if it was not withdrawn. */
  readonly withdrawnOn: string | null;
  readonly extensions: number;
  readonly marks: Marks;
}

export interface Marks {
  /** True if one of its dates had passed when it was extended or settled. */
  readonly passed: boolean;
  /**
   * Whether it is recorded as passed: `late` if that was after its entry, else `at-entry`; null if it is not. Lateness
   * that a corrected mistake caused does not count.
   */
  readonly recorded: 'late' | 'at-entry' | null;
  /** True if it was recorded as passed by mistake. */
  readonly mistaken: boolean;
  /** True if the date in force had passed when it was entered. */
  readonly enteredLate: boolean;
  /** True if the settlement is only claimed. */
  readonly claimed: boolean;
}

const DATES = ['dueOn', 'firstDueOn', 'withdrawnOn', 'extensions'] as const;
const MARKS = ['passed', 'recorded', 'mistaken', 'enteredLate', 'claimed'] as const;

/** The part of an event that deadlines read. */
type Noted = Pick<LifeEvent, 'version' | 'effectiveOn' | 'recordedAt'>;
type Content = Omit<DeadlineSpan, 'from'>;

/** An event that recorded a date as passed, under the event that set the body of that time. */
interface Passing {
  readonly dueOn: string;
  readonly under: string | null;
  readonly version: number;
}

/** What happened to a deadline, apart from its dates. */
interface Fate {
  extensions: number;
  /** The days on which dates were entered that had already passed, with the versions of the events. */
  readonly lateEntries: (readonly [on: string, version: number])[];
  readonly passings: Passing[];
  readonly corrections: (readonly [was: string, now: string])[];
}

/** The deadlines of one record while its events are folded in effective order. */
export class DeadlineFold {
  readonly #fates = new Map<string, Fate>();
  readonly #spans = new Map<string, DeadlineSpan[]>();
  /** Events that set the wrong body, with the versions of their corrections. */
  readonly #misnamed: (readonly [recipientEvent: string, version: number])[] = [];
  /** The deadlines withdrawn on this day, as they were before. */
  readonly #withdrawn = new Map<string, Content>();
  /** The dates at the end of the last day; undefined if a fate has changed since. */
  #seen: readonly DueDate[] | undefined;

  get spans(): readonly DeadlineSpan[] {
    return [...this.#spans.values()].flat();
  }

  /** Returns whether a date had already passed when it was entered, by an event of an earlier version. */
  isAtEntry(id: string, { dueOn, version }: Pick<Passing, 'dueOn' | 'version'>): boolean {
    const { lateEntries = [] } = this.#fates.get(id) ?? {};
    return lateEntries.some(([entered, entry]) => entry < version && addDays(dueOn, 1) < entered);
  }

  /** Adds an event's change to the deadlines that existed before it. */
  add(before: FoldedRecordState | undefined, event: Noted, news: DateNews): void {
    const dates = before === undefined ? [] : datesOf(before);
    if (news.is === 'set') this.#enter(news.id, news.dueOn, event);
    else if (news.is === 'corrected') {
      for (const each of dates) if (isMeant(each, news.of)) this.#correct(each.id, news, event);
    } else if (news.is === 'misnamed') {
      this.#misnamed.push([news.event, event.version]);
      this.#seen = undefined;
    } else {
      const deadline = dates.find(({ id }) => id === news.id);
      if (deadline === undefined) return;
      if (news.is === 'extended') this.#fateOf(news.id).extensions += 1;
      else if (news.is === 'withdrawn') this.#withdraw(deadline, event);
      else if (news.is === 'crossed' && news.nearness !== 'near') {
        const passing = { dueOn: news.dueOn, under: before?.recipient_event ?? null, version: event.version };
        this.#fateOf(news.id).passings.push(passing);
      }
    }
  }

  #enter(id: string, dueOn: string, { recordedAt, version }: Noted): void {
    const day = londonDate(recordedAt);
    if (addDays(dueOn, 1) < day) this.#fateOf(id).lateEntries.push([day, version]);
  }

  #correct(id: string, { was, dueOn }: { readonly was: string; readonly dueOn: string }, event: Noted): void {
    this.#fateOf(id).corrections.push([was, dueOn]);
    // The earlier date was not known before the correction.
    if (dueOn < was) this.#enter(id, dueOn, event);
  }

  #withdraw(deadline: DueDate, { effectiveOn }: Noted): void {
    this.#withdrawn.set(deadline.id, { ...this.#contentOf(deadline), withdrawnOn: effectiveOn });
  }

  /** Returns a fate that the caller will change. */
  #fateOf(id: string): Fate {
    this.#seen = undefined;
    const fate = this.#fates.get(id) ?? { extensions: 0, lateEntries: [], passings: [], corrections: [] };
    this.#fates.set(id, fate);
    return fate;
  }

  /** Adds the deadlines that have changed by the end of a day. */
  endDay(on: string, recordState: FoldedRecordState): void {
    const dates = datesOf(recordState);
    if (dates === this.#seen && this.#withdrawn.size === 0) return;
    this.#seen = dates;
    for (const each of dates) this.#withdrawn.delete(each.id);
    for (const each of [...this.#withdrawn.values(), ...dates.map((date) => this.#contentOf(date))]) {
      const spans = this.#spans.get(each.id) ?? [];
      this.#spans.set(each.id, spans);
      if (!isAlike(spans.at(-1), each)) spans.push({ from: on, ...each });
    }
    this.#withdrawn.clear();
  }

  #contentOf({ id, kind, dueOn, firstDueOn, passed, claimedBy }: DueDate): Content {
    const { extensions = 0, lateEntries = [], passings = [], corrections = [] } = this.#fates.get(id) ?? {};
    const own = passings.filter((passing) => !this.#isMistaken(passing, corrections));
    const isAllAtEntry = () => own.every((passing) => this.isAtEntry(id, passing));
    const marks = {
      passed: passed === true,
      recorded: own.length === 0 ? null : isAllAtEntry() ? ('at-entry' as const) : ('late' as const),
      mistaken: own.length < passings.length,
      enteredLate: lateEntries.some(([entered]) => addDays(dueOn, 1) < entered),
      claimed: claimedBy !== undefined,
    };
    return { id, kind, dueOn, firstDueOn, withdrawnOn: null, extensions, marks };
  }

  /** Returns whether the date or the body was wrong, as a later correction shows. */
  #isMistaken({ dueOn, under, version }: Passing, corrections: Fate['corrections']): boolean {
    const rightDate = corrections.reduce((date, [was, now]) => (date === was ? now : date), dueOn);
    return rightDate > dueOn || this.#misnamed.some(([event, by]) => event === under && version < by);
  }
}

const isMeant = ({ id, kind }: DueDate, of: Extract<DateNews, { is: 'corrected' }>['of']): boolean =>
  'id' in of ? id === of.id : kind === of.kind;

const isAlike = (before: DeadlineSpan | undefined, after: Content): boolean =>
  before !== undefined && isSame<Content>(DATES, before, after) && isSame(MARKS, before.marks, after.marks);
