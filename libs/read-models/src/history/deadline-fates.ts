import { addDays } from '#lifecycle/plain-date';
import type { DateNews, DueDate } from '#lifecycle/summary';
import { DEADLINES_MAX } from '#state-machines/capabilities/deadlines';
import { londonDate } from '#state-machines/london';
import { datesOf, isSame, settledColumn, summaryOf } from '../record-row.ts';
import type { FoldedStanding } from '../standing.ts';
import { HISTORY_DEADLINES, SPAN_COLUMNS } from './history-tables.ts';
import type { DeadlineContent } from './history-tables.ts';
import type { LightEvent } from './light-events.ts';

const NO_CONTENT = new Set(['row', 'id', 'stream', 'deadline_id', ...Object.keys(SPAN_COLUMNS)]);
const CONTENT = Object.keys(HISTORY_DEADLINES.columns).filter(
  (column) => !NO_CONTENT.has(column),
) as (keyof DeadlineContent)[];

export const isSameDeadline = (a: DeadlineContent | undefined, b: DeadlineContent): boolean =>
  isSame(CONTENT, a, b);

interface DeadlineChange {
  readonly id: string;
  readonly content: DeadlineContent;
  /** As it was told before. */
  readonly before: DeadlineContent | undefined;
}

/** That a date was recorded as passed, or as escalated: of what crosses both on one day, only the latter is recorded. */
interface Passing {
  readonly dueOn: string;
  /** The event that named the body at that day. */
  readonly under: string | null;
  /** Of the event. */
  readonly version: number;
}

/** The day on which a date was entered that was over by then, and the version of the event. */
type LateEntry = readonly [on: string, version: number];

/** What a deadline has come to beside its dates. */
export interface Fate {
  /** How often it was put off. */
  readonly extensions: number;
  readonly lateEntries: readonly LateEntry[];
  readonly passings: readonly Passing[];
  /** The dates that were corrected, and to what, in stream order. */
  readonly corrected: readonly (readonly [was: string, now: string])[];
}

/** That an event named the wrong body, by a correction of a version. */
export type Misnamed = readonly [recipientEvent: string, version: number];

const NO_FATE: Fate = { extensions: 0, lateEntries: [], passings: [], corrected: [] };

/** A date with the corrections that were made of it. */
const rightDate = (dueOn: string, corrected: Fate['corrected']): string =>
  corrected.reduce((date, [was, now]) => (date === was ? now : date), dueOn);

/** An entry of a date, where it is later than the first day on which the date is over. */
function lateEntry(dueOn: string, { known, version }: Pick<LightEvent, 'known' | 'version'>): LateEntry[] {
  const day = londonDate(known);
  return addDays(dueOn, 1) < day ? [[day, version]] : [];
}

/** What has become of a record's deadlines, folded in place: a record can have thousands. */
export class DeadlineFates {
  readonly #fates: Map<string, Fate>;
  #misnamed: readonly Misnamed[];
  /** Each as it was told last. */
  readonly #told: Map<string, DeadlineContent>;
  /** Those that were withdrawn since. */
  #withdrawn: (readonly [id: string, content: DeadlineContent])[] = [];
  /** What was looked at last; undefined where a fate has changed since. */
  #seen: FoldedStanding | undefined;

  constructor(
    standing?: FoldedStanding,
    fates: ReadonlyMap<string, Fate> = new Map(),
    misnamed: readonly Misnamed[] = [],
  ) {
    this.#fates = new Map(fates);
    this.#misnamed = misnamed;
    this.#seen = standing;
    this.#told = standing === undefined ? new Map<string, DeadlineContent>() : this.#inForce(standing);
  }

  get misnamed(): readonly Misnamed[] {
    return this.#misnamed;
  }

  /** The same, to be folded on by itself. */
  copy(): DeadlineFates {
    const copy = new DeadlineFates(undefined, this.#fates, this.#misnamed);
    copy.#seen = this.#seen;
    copy.#withdrawn = this.#withdrawn;
    for (const [id, content] of this.#told) copy.#told.set(id, content);
    return copy;
  }

  fateOf(id: string): Fate {
    return this.#fates.get(id) ?? NO_FATE;
  }

  /** Whether the date of a passing was over before the day on which it was entered. */
  isAtEntry(id: string, { dueOn, version }: Pick<Passing, 'dueOn' | 'version'>): boolean {
    const { lateEntries } = this.fateOf(id);
    return lateEntries.some(([entered, entry]) => entry < version && addDays(dueOn, 1) < entered);
  }

  /** Notes what an event says of the deadlines that were there before it. */
  add(before: FoldedStanding | undefined, event: LightEvent, news: DateNews): void {
    switch (news.is) {
      case 'set':
        this.#addEntry(news.id, lateEntry(news.dueOn, event));
        if (before === undefined || news.replaces === undefined) return;
        for (const deadline of datesOf(before))
          if (deadline.kind === news.replaces) this.#withdraw(before, deadline, event);
        return;
      case 'extended':
      case 'withdrawn':
      case 'crossed': {
        const deadline = before && datesOf(before).find(({ id }) => id === news.id);
        if (before !== undefined && deadline !== undefined) this.#addTo(before, deadline, event, news);
        return;
      }
      case 'corrected':
        this.#correct(before, event, news);
        return;
      case 'misnamed':
        this.#misnamed = [...this.#misnamed, [news.event, event.version]];
        this.#seen = undefined;
        return;
      case 'kept':
    }
  }

  #addTo(
    before: FoldedStanding,
    deadline: DueDate,
    event: LightEvent,
    news: Exclude<DateNews, { is: 'set' | 'kept' | 'corrected' | 'misnamed' }>,
  ): void {
    const { id } = deadline;
    const fate = this.fateOf(id);
    if (news.is === 'extended') this.#change(id, { extensions: fate.extensions + 1 });
    else if (news.is === 'withdrawn') this.#withdraw(before, deadline, event);
    else if (news.nearness !== 'near') {
      const passing = { dueOn: news.dueOn, under: before.recipient_event, version: event.version };
      this.#change(id, { passings: [...fate.passings, passing] });
    }
  }

  #withdraw(before: FoldedStanding, deadline: DueDate, { effectiveOn }: LightEvent): void {
    const isMany = datesOf(before).length > DEADLINES_MAX;
    const withdrawn = { ...this.#contentOf(before, deadline, isMany), withdrawn_on: effectiveOn };
    this.#withdrawn = [...this.#withdrawn, [deadline.id, withdrawn]];
  }

  #correct(
    before: FoldedStanding | undefined,
    event: LightEvent,
    { of, was, dueOn }: Extract<DateNews, { is: 'corrected' }>,
  ): void {
    for (const { id, kind } of before === undefined ? [] : datesOf(before)) {
      if ('id' in of ? id !== of.id : kind !== of.kind) continue;
      this.#change(id, { corrected: [...this.fateOf(id).corrected, [was, dueOn]] });
      // Of an earlier date nobody knew before it was corrected.
      if (dueOn < was) this.#addEntry(id, lateEntry(dueOn, event));
    }
  }

  #addEntry(id: string, entry: readonly LateEntry[]): void {
    if (entry.length > 0) this.#change(id, { lateEntries: [...this.fateOf(id).lateEntries, ...entry] });
  }

  #change(id: string, change: Partial<Fate>): void {
    this.#fates.set(id, { ...this.fateOf(id), ...change });
    this.#seen = undefined;
  }

  /** Those that are otherwise than they were told last. */
  changes(standing: FoldedStanding): DeadlineChange[] {
    const seen = this.#seen;
    const withdrawn = this.#withdrawn;
    const isUnchanged = seen !== undefined && isSettledAlike(seen, standing);
    if (isUnchanged && withdrawn.length === 0) return [];
    this.#seen = standing;
    this.#withdrawn = [];
    const inForce = this.#inForce(standing);
    const gone = withdrawn.filter(([id]) => !inForce.has(id));
    const told = this.#told;
    const changed = [...inForce].filter(([id, content]) => !isSameDeadline(told.get(id), content));
    const changes = [...new Map(gone), ...changed].map(([id, content]) => ({
      id,
      content,
      before: told.get(id),
    }));
    for (const [id] of gone) told.delete(id);
    for (const [id, content] of changed) told.set(id, content);
    return changes;
  }

  #inForce(standing: FoldedStanding): Map<string, DeadlineContent> {
    const dates = datesOf(standing);
    const isMany = dates.length > DEADLINES_MAX;
    return new Map(dates.map((each) => [each.id, this.#contentOf(standing, each, isMany)]));
  }

  #contentOf(
    standing: FoldedStanding,
    { id, kind, dueOn, firstDueOn, passed, claimedBy }: DueDate,
    isMany: boolean,
  ): DeadlineContent {
    const fate = this.fateOf(id);
    const { closed } = standing;
    const settled = settledColumn(kind, { answered: isAnswered(standing) ? 1 : 0, closed });
    return {
      kind,
      due_on: dueOn,
      first_due_on: firstDueOn,
      settled: claimedBy !== undefined ? 0 : isMany ? null : settled,
      passed: passed ? 1 : 0,
      extensions: fate.extensions,
      withdrawn_on: null,
      ...this.#latenessOf(id, dueOn),
      claimed: claimedBy === undefined ? 0 : 1,
    };
  }

  /** What is on record of a deadline's lateness: by mistakes, and otherwise. */
  #latenessOf(id: string, dueOn: string): Pick<DeadlineContent, 'recorded' | 'mistaken' | 'entered_late'> {
    const { passings, corrected, lateEntries } = this.fateOf(id);
    const isMistaken = (passing: Passing): boolean =>
      rightDate(passing.dueOn, corrected) > passing.dueOn ||
      this.#misnamed.some(([event, version]) => event === passing.under && passing.version < version);
    const own = passings.filter((passing) => !isMistaken(passing));
    return {
      recorded:
        own.length === 0 ? null : own.every((passing) => this.isAtEntry(id, passing)) ? 'at-entry' : 'late',
      mistaken: own.length < passings.length ? 1 : 0,
      entered_late: lateEntries.some(([entered]) => addDays(dueOn, 1) < entered) ? 1 : 0,
    };
  }
}

const isAnswered = (standing: FoldedStanding): boolean =>
  summaryOf(standing).answer?.(standing.value) === 'given';

/** Whether two standings say the same of deadlines. */
const isSettledAlike = (one: FoldedStanding, other: FoldedStanding): boolean =>
  datesOf(one) === datesOf(other) && one.closed === other.closed && isAnswered(one) === isAnswered(other);
