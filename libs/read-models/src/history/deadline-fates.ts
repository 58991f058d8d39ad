import { addDays } from '#lifecycle/plain-date';
import type { DateNews, DueDate } from '#lifecycle/summary';
import { DEADLINES_MAX } from '#state-machines/capabilities/deadlines';
import { londonDate } from '#state-machines/london';
import { datesOf, isSame, settledColumn, summaryOf } from '../record-row.ts';
import type { FoldedRecordState } from '../record-state.ts';
import { DEADLINE_CONTENT } from './history-tables.ts';
import type { DeadlineContent } from './history-tables.ts';
import type { LightEvent } from './light-events.ts';

export const isSameDeadline = (a: DeadlineContent | undefined, b: DeadlineContent): boolean =>
  isSame(DEADLINE_CONTENT, a, b);

interface DeadlineChange {
  readonly id: string;
  readonly content: DeadlineContent;
  /** The content that was last written; undefined if none was. */
  readonly before: DeadlineContent | undefined;
}

/**
 * An event that recorded a deadline as passed or escalated. If both happen on one day, only the escalation is recorded.
 */
interface Passing {
  readonly dueOn: string;
  /** The event that set the body responsible at that time. */
  readonly under: string | null;
  /** The event's version. */
  readonly version: number;
}

/** The day on which a date was entered that had already passed, and the version of the event. */
type LateEntry = readonly [on: string, version: number];

/** A deadline's history, apart from its dates. */
export interface Fate {
  /** The number of extensions. */
  readonly extensions: number;
  readonly lateEntries: readonly LateEntry[];
  readonly passings: readonly Passing[];
  /** Corrected dates and their corrections, in stream order. */
  readonly corrected: readonly (readonly [was: string, now: string])[];
}

/** An event that set the wrong body, and the version of the correction. */
export type Misnamed = readonly [recipientEvent: string, version: number];

const NO_FATE: Fate = { extensions: 0, lateEntries: [], passings: [], corrected: [] };

/** Returns the date with its corrections applied. */
const rightDate = (dueOn: string, corrected: Fate['corrected']): string =>
  corrected.reduce((date, [was, now]) => (date === was ? now : date), dueOn);

/** Returns one late entry if the date had passed when it was entered, else none. */
function lateEntry(dueOn: string, { known, version }: Pick<LightEvent, 'known' | 'version'>): LateEntry[] {
  const day = londonDate(known);
  return addDays(dueOn, 1) < day ? [[day, version]] : [];
}

/** The history of a record's deadlines. Mutable, because a record can have thousands. */
export class DeadlineFates {
  readonly #fates: Map<string, Fate>;
  #misnamed: readonly Misnamed[];
  /** The content that was last written for each deadline. */
  readonly #written: Map<string, DeadlineContent>;
  /** The deadlines withdrawn since the last call of `changes`. */
  #withdrawn: (readonly [id: string, content: DeadlineContent])[] = [];
  /** The state of the last comparison; undefined if a deadline has changed since. */
  #seen: FoldedRecordState | undefined;

  constructor(
    recordState?: FoldedRecordState,
    fates: ReadonlyMap<string, Fate> = new Map(),
    misnamed: readonly Misnamed[] = [],
  ) {
    this.#fates = new Map(fates);
    this.#misnamed = misnamed;
    this.#seen = recordState;
    this.#written =
      recordState === undefined ? new Map<string, DeadlineContent>() : this.#inForce(recordState);
  }

  get misnamed(): readonly Misnamed[] {
    return this.#misnamed;
  }

  /** Returns a copy that can be folded independently. */
  copy(): DeadlineFates {
    const copy = new DeadlineFates(undefined, this.#fates, this.#misnamed);
    copy.#seen = this.#seen;
    copy.#withdrawn = this.#withdrawn;
    for (const [id, content] of this.#written) copy.#written.set(id, content);
    return copy;
  }

  fateOf(id: string): Fate {
    return this.#fates.get(id) ?? NO_FATE;
  }

  /** Returns whether the date had already passed when it was entered. */
  isAtEntry(id: string, { dueOn, version }: Pick<Passing, 'dueOn' | 'version'>): boolean {
    const { lateEntries } = this.fateOf(id);
    return lateEntries.some(([entered, entry]) => entry < version && addDays(dueOn, 1) < entered);
  }

  /** Adds an event's change to the deadlines that existed before it. */
  add(before: FoldedRecordState | undefined, event: LightEvent, news: DateNews): void {
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
    before: FoldedRecordState,
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

  #withdraw(before: FoldedRecordState, deadline: DueDate, { effectiveOn }: LightEvent): void {
    const isMany = datesOf(before).length > DEADLINES_MAX;
    const withdrawn = { ...this.#contentOf(before, deadline, isMany), withdrawn_on: effectiveOn };
    this.#withdrawn = [...this.#withdrawn, [deadline.id, withdrawn]];
  }

  #correct(
    before: FoldedRecordState | undefined,
    event: LightEvent,
    { of, was, dueOn }: Extract<DateNews, { is: 'corrected' }>,
  ): void {
    for (const { id, kind } of before === undefined ? [] : datesOf(before)) {
      if ('id' in of ? id !== of.id : kind !== of.kind) continue;
      this.#change(id, { corrected: [...this.fateOf(id).corrected, [was, dueOn]] });
      // The earlier date was not known before the correction.
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

  /** Returns the deadlines whose content changed since they were last written. */
  changes(recordState: FoldedRecordState): DeadlineChange[] {
    const seen = this.#seen;
    const withdrawn = this.#withdrawn;
    const isUnchanged = seen !== undefined && isSettledAlike(seen, recordState);
    if (isUnchanged && withdrawn.length === 0) return [];
    this.#seen = recordState;
    this.#withdrawn = [];
    const inForce = this.#inForce(recordState);
    const gone = withdrawn.filter(([id]) => !inForce.has(id));
    const written = this.#written;
    const changed = [...inForce].filter(([id, content]) => !isSameDeadline(written.get(id), content));
    const changes = [...new Map(gone), ...changed].map(([id, content]) => ({
      id,
      content,
      before: written.get(id),
    }));
    for (const [id] of gone) written.delete(id);
    for (const [id, content] of changed) written.set(id, content);
    return changes;
  }

  #inForce(recordState: FoldedRecordState): Map<string, DeadlineContent> {
    const dates = datesOf(recordState);
    const isMany = dates.length > DEADLINES_MAX;
    return new Map(dates.map((each) => [each.id, this.#contentOf(recordState, each, isMany)]));
  }

  #contentOf(
    recordState: FoldedRecordState,
    { id, kind, dueOn, firstDueOn, passed, claimedBy }: DueDate,
    isMany: boolean,
  ): DeadlineContent {
    const fate = this.fateOf(id);
    const { closed } = recordState;
    const settled = settledColumn(kind, { answered: isAnswered(recordState) ? 1 : 0, closed });
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

  /** Returns a deadline's recorded lateness, with lateness recorded by mistake kept separate. */
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

const isAnswered = (recordState: FoldedRecordState): boolean =>
  summaryOf(recordState).answer?.(recordState.value) === 'given';

const isSettledAlike = (one: FoldedRecordState, other: FoldedRecordState): boolean =>
  datesOf(one) === datesOf(other) && one.closed === other.closed && isAnswered(one) === isAnswered(other);
