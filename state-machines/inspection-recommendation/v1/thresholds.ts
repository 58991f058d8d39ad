import type { FoldedEvent } from '#lifecycle/lifecycle-definition';
import { addDays, dayNumber, LAST_DAY } from '#lifecycle/plain-date';
import { isOpen, thresholds } from './deadlines.ts';
import type { DateVersion } from './event-members.ts';
import type { RecordEvent } from './record-event.ts';
import { statechart } from './definition.ts';

/** The thresholds of a date, in the order in which they are crossed: days from the date, and the event that tells of it. */
export const THRESHOLDS = [
  { event: 'DeadlineApproaching', days: -thresholds.approachingDays },
  { event: 'DeadlinePassed', days: 1 },
  { event: 'DeadlineEscalated', days: thresholds.escalatedDays },
] as const;
export type ThresholdEvent = (typeof THRESHOLDS)[number]['event'];

/** What decides when thresholds are crossed: a date that was given or withdrawn, work that was closed or opened, an answer. */
type Entry =
  | (DateVersion & { readonly on: string; readonly fact: 'date' })
  | { readonly on: string; readonly fact: 'withdrawn'; readonly deadlineId: string }
  | { readonly on: string; readonly fact: 'open' | 'closed' | 'answered' };

/** A ledger as data, so that an index can hold it. */
export interface LedgerData {
  /** In stream order. */
  readonly entries: readonly Entry[];
  /** The thresholds that events tell of already, each as `d1/1/DeadlinePassed`. */
  readonly recorded: readonly string[];
}

/** A threshold, and the day on which it is crossed. */
export interface Crossing extends DateVersion {
  readonly event: ThresholdEvent;
  readonly day: string;
}

const dateKey = ({ deadlineId, dateVersion }: Pick<DateVersion, 'deadlineId' | 'dateVersion'>): string =>
  `${deadlineId}/${dateVersion}`;

const recordKey = (date: Pick<DateVersion, 'deadlineId' | 'dateVersion'>, event: string): string =>
  `${dateKey(date)}/${event}`;

type LedgerEvent = RecordEvent<Pick<FoldedEvent, 'type' | 'data' | 'effectiveOn'>>;

/**
 * Of a record's history, what decides when thresholds are crossed. It is folded in place: a record can have thousands of
 * deadlines, and a copy for each event would cost their square.
 */
export class DeadlineLedger {
  readonly #entries: Entry[];
  readonly #recorded: Set<string>;
  /** The latest date of each deadline. */
  readonly #latest = new Map<string, DateVersion>();

  constructor({ entries, recorded }: LedgerData = { entries: [], recorded: [] }) {
    this.#entries = [...entries];
    this.#recorded = new Set(recorded);
    for (const entry of entries) if (entry.fact === 'date') this.#latest.set(entry.deadlineId, entry);
  }

  /** Folds one event; whether it decides anything. */
  add(event: LedgerEvent): boolean {
    switch (event.type) {
      case 'DeadlineApproaching':
      case 'DeadlinePassed':
      case 'DeadlineEscalated':
        this.#recorded.add(recordKey(event.data, event.type));
        return true;
      default: {
        const entry = this.#entryOf(event);
        if (entry === null) return false;
        this.#entries.push(entry);
        if (entry.fact === 'date') this.#latest.set(entry.deadlineId, entry);
        return true;
      }
    }
  }

  /**
   * The thresholds that no event tells of yet, each with the day on which it is crossed: the first, on or after the date
   * and its offset, at whose end that date is in force and the record open (for a response: not yet published). One that
   * has the same day as a later one of its date is left out. In the order of their days.
   */
  crossings(): Crossing[] {
    return [...this.#untold()]
      .sort((a, b) => a.day - b.day)
      .map(({ date: { deadlineId, dateVersion, kind, dueOn }, event, day }) => {
        return { deadlineId, dateVersion, kind, dueOn, event, day: addDays(DAY_0, day) };
      });
  }

  /** The day from which something is to be recorded; null where nothing is, as things stand. */
  nextCrossingOn(): string | null {
    let next = Infinity;
    for (const { day } of this.#untold()) next = Math.min(next, day);
    return next === Infinity ? null : addDays(DAY_0, next);
  }

  *#untold(): Generator<{
    readonly date: DateVersion;
    readonly event: ThresholdEvent;
    readonly day: number;
  }> {
    const spans = spansOf(this.#entries);
    for (const date of this.#entries) {
      if (date.fact !== 'date') continue;
      const days = crossingDays(date, spans);
      for (const [index, { event }] of THRESHOLDS.entries()) {
        const day = days[index] ?? null;
        if (day === null || day === days[index + 1]) continue;
        if (!this.#recorded.has(recordKey(date, event))) yield { date, event, day };
      }
    }
  }

  /** How many events have decided something, or told of it. */
  get revision(): number {
    return this.#entries.length + this.#recorded.size;
  }

  toJSON(): LedgerData {
    return { entries: this.#entries, recorded: [...this.#recorded] };
  }

  #entryOf({ type, data, effectiveOn: on }: LedgerEvent): Entry | null {
    switch (type) {
      case 'DeadlineSet':
        return this.#dateOf(data, data.kind, on);
      case 'DeadlineExtended': {
        const before = this.#latest.get(data.deadlineId);
        // An extension of a deadline that nobody has set extends nothing.
        return before === undefined ? null : this.#dateOf(data, before.kind, on);
      }
      case 'DeadlineWithdrawn':
        return { on, fact: 'withdrawn', deadlineId: data.deadlineId };
      case 'ResponsePublished':
        return { on, fact: 'answered' };
      case 'RecommendationIssued':
        // A record has the state until its first move, also where an import dates moves before an undated issue.
        return { on: FIRST_DAY, fact: 'open' };
      default: {
        const progress = statechart.move(type)?.targets['progress'];
        return progress === undefined ? null : { on, fact: isOpen({ progress }) ? 'open' : 'closed' };
      }
    }
  }

  #dateOf(
    { deadlineId, dueOn }: Pick<DateVersion, 'deadlineId' | 'dueOn'>,
    kind: DateVersion['kind'],
    on: string,
  ): Entry {
    const before = this.#latest.get(deadlineId);
    const dateVersion = (before?.dateVersion ?? 0) + 1;
    return { on, fact: 'date', deadlineId, dateVersion, kind: before?.kind ?? kind, dueOn };
  }
}

const FIRST_DAY = '0001-01-01';

const DAY_0 = '1970-01-01';

/** From the end of which day on something is otherwise; in order, each otherwise than the one before. */
type Changes<Value> = { readonly on: number; readonly value: Value }[];

function change<Value>(changes: Changes<Value>, on: number, value: Value): void {
  // It is the end of the day that counts.
  if (changes.at(-1)?.on === on) changes.pop();
  if (changes.at(-1)?.value !== value) changes.push({ on, value });
}

/** From the end of one day until that of another; without end while it lasts. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** When things stood how, by effective date; days are numbers. */
interface Spans {
  readonly open: Changes<boolean>;
  readonly unanswered: Changes<boolean>;
  /** For each date, when it was in force, in order. */
  readonly inForce: ReadonlyMap<string, readonly Span[]>;
}

function spansOf(entries: readonly Entry[]): Spans {
  const open: Changes<boolean> = [];
  const unanswered: Changes<boolean> = [{ on: -Infinity, value: true }];
  const versions = new Map<string, Changes<number | null>>();
  // A stable sort: what holds from the same day stays in stream order.
  const inOrder = entries.map((entry) => ({ entry, on: dayNumber(entry.on) })).sort((a, b) => a.on - b.on);
  for (const { entry, on } of inOrder) {
    if (entry.fact === 'answered') change(unanswered, on, false);
    else if (!('deadlineId' in entry)) change(open, on, entry.fact === 'open');
    else {
      const changes = versions.get(entry.deadlineId) ?? [];
      versions.set(entry.deadlineId, changes);
      if (entry.fact === 'withdrawn') change(changes, on, null);
      // As the facts are folded: an extension of what is not in force changes nothing.
      else if (entry.dateVersion === 1 || (changes.at(-1)?.value ?? null) !== null) {
        change(changes, on, entry.dateVersion);
      }
    }
  }
  return { open, unanswered, inForce: inForceSpans(versions) };
}

function inForceSpans(versions: ReadonlyMap<string, Changes<number | null>>): Map<string, Span[]> {
  const inForce = new Map<string, Span[]>();
  for (const [deadlineId, changes] of versions) {
    for (const [index, { on: from, value: dateVersion }] of changes.entries()) {
      if (dateVersion === null) continue;
      const key = dateKey({ deadlineId, dateVersion });
      const spans = inForce.get(key) ?? [];
      spans.push({ from, to: changes[index + 1]?.on ?? Infinity });
      inForce.set(key, spans);
    }
  }
  return inForce;
}

/** For each threshold of a date, the day on which it is crossed; null where it is not. */
function crossingDays(date: DateVersion, spans: Spans): (number | null)[] {
  const inForce = spans.inForce.get(dateKey(date)) ?? [];
  const unsettled = date.kind === 'response' ? spans.unanswered : spans.open;
  const due = dayNumber(date.dueOn);
  return THRESHOLDS.map(({ days }) => firstDay(Math.min(due + days, LAST_DAY), inForce, unsettled));
}

/** The first day, on or after one, at whose end a date is in force and what it is for unsettled. */
function firstDay(from: number, inForce: readonly Span[], unsettled: Changes<boolean>): number | null {
  for (const span of inForce) {
    if (span.to <= from) continue;
    const day = firstUnsettled(Math.max(span.from, from), unsettled);
    if (day < span.to) return day;
  }
  return null;
}

/** The first day, on or after one, at whose end something is unsettled. */
function firstUnsettled(from: number, changes: Changes<boolean>): number {
  const next = firstAfter(from, changes);
  if (changes[next - 1]?.value === true) return from;
  // Each is otherwise than the one before, so that of two one is what is looked for.
  const found = changes[next]?.value === true ? changes[next] : changes[next + 1];
  return found?.on ?? Infinity;
}

/** Where the first change after a day is. */
function firstAfter(day: number, changes: Changes<unknown>): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as { on: number }).on <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}
