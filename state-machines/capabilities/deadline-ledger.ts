import type { FoldedEvent } from '#lifecycle/folded-event';
import type { DueEvent } from '#lifecycle/lifecycle-definition';
import { addDays, dayNumber, LAST_DAY } from '#lifecycle/plain-date';
import { thresholds } from './deadlines.ts';
import type { DateVersion } from './deadlines.ts';

/**
 * The thresholds of a date in the order in which they are crossed: the number of days after the date, and the event
 * type that records the crossing.
 */
export const THRESHOLDS = [
  { event: 'DeadlineApproaching', days: -thresholds.approachingDays },
  { event: 'DeadlinePassed', days: 1 },
  { event: 'DeadlineEscalated', days: thresholds.escalatedDays },
] as const;
type ThresholdEvent = (typeof THRESHOLDS)[number]['event'];

/** A change that affects when thresholds are crossed: a date set or withdrawn, work closed or opened, or a response. */
type Entry =
  | (DateVersion & {
      readonly on: string;
      readonly fact: 'date';
      /** The version that this one corrects. It applies only while that one is in force. */
      readonly replaces?: number;
    })
  | { readonly on: string; readonly fact: 'withdrawn'; readonly deadlineId: string }
  | WorkFact
  | { readonly on: string; readonly fact: ResponseState };

type ResponseState = 'answered' | 'unanswered';
/** Whether work is open from a day on, with the response if one event changes both. */
interface WorkFact {
  readonly on: string;
  readonly fact: 'open' | 'closed';
  readonly response?: ResponseState;
}

/** An entry before its date has a number. An extension gets the kind of the previous date. */
export type LedgerFact =
  | Exclude<Entry, { readonly fact: 'date' }>
  | (Omit<Extract<Entry, { readonly fact: 'date' }>, 'dateVersion' | 'kind'> & {
      readonly kind: DateVersion['kind'] | null;
    })
  | Corrected;

/** The correction of a mistaken date; of the response's date if there is no id. */
interface Corrected {
  readonly on: string;
  readonly fact: 'corrected';
  readonly deadlineId: string | null;
  readonly insteadOf: string;
  readonly dueOn: string;
}

/** A ledger as data, for a row of an index. */
export interface LedgerData {
  /** The entries in stream order. */
  readonly entries: readonly Entry[];
  /** The keys of the recorded thresholds, such as `d1/1/DeadlinePassed`. */
  readonly recorded: readonly string[];
}

/** A crossed threshold, and the day. */
interface Crossing extends DateVersion {
  readonly event: ThresholdEvent;
  readonly day: string;
}

const dateKey = ({ deadlineId, dateVersion }: Pick<DateVersion, 'deadlineId' | 'dateVersion'>): string =>
  `${deadlineId}/${dateVersion}`;

/** Returns the key of a threshold within its record. */
export const thresholdKey = (date: Pick<DateVersion, 'deadlineId' | 'dateVersion'>, event: string): string =>
  `${dateKey(date)}/${event}`;

export type LedgerEvent = Pick<FoldedEvent, 'type' | 'data' | 'effectiveOn'>;
type Added = LedgerFact | { readonly recorded: string };
/** Returns what an event adds to a ledger; null if it adds nothing. */
export type AddsToLedger = (event: LedgerEvent) => Added | null;

/** A linked list of additions, the last one first, which ledgers share. */
interface Link {
  readonly before: Link | null;
  readonly added: Added;
}

/**
 * Computes from a record's history when thresholds are crossed. Immutable. Adding an event is O(1); entries are
 * evaluated only when crossings are first read.
 */
export class DeadlineLedger {
  #last: Link | null = null;
  /** Whether work is open, from an effective date on. */
  #openness: WorkFact | null = null;
  /** The first ledger with the same crossings. */
  #alike: DeadlineLedger | null = null;
  #contents: LedgerContents | undefined;

  readonly #adds: AddsToLedger;

  constructor(adds: AddsToLedger, { entries, recorded }: LedgerData = { entries: [], recorded: [] }) {
    this.#adds = adds;
    for (const entry of entries) this.#add(entry);
    for (const each of recorded) this.#add({ recorded: each });
  }

  /** Returns the ledger after an event; the same one if the event changes nothing. */
  after(event: LedgerEvent): DeadlineLedger {
    const added = this.#adds(event);
    if (added === null) return this;
    const ledger = new DeadlineLedger(this.#adds);
    ledger.#last = this.#last;
    ledger.#openness = this.#openness;
    // Without this, each move of a record would cost as much as all earlier ones together.
    if (this.#crossesAlike(added)) ledger.#alike = this.#alike ?? this;
    ledger.#add(added);
    return ledger;
  }

  /** Returns a ledger from data. */
  from(kept: LedgerData): DeadlineLedger {
    return new DeadlineLedger(this.#adds, kept);
  }

  /** Returns whether an addition changes no crossings, as a move between two open states does. */
  #crossesAlike(added: Added): boolean {
    const known = this.#openness;
    return (
      isOpenness(added) &&
      added.response === undefined &&
      known !== null &&
      known.on <= added.on &&
      known.fact === added.fact
    );
  }

  #add(added: Added): void {
    this.#last = { before: this.#last, added };
    if (isOpenness(added) && (this.#openness === null || this.#openness.on <= added.on))
      this.#openness = added;
  }

  /**
   * Returns the unrecorded thresholds in order, each with the day on which it is crossed: the first day, from the date
   * plus the threshold's offset, at whose end the date is in force and the record open (for a response: unpublished).
   * Omits a threshold that is crossed on the same day as a later one of its date.
   */
  crossings(): Crossing[] {
    return this.#unrecorded().map(({ date: { deadlineId, dateVersion, kind, dueOn }, event, day }) => {
      return { deadlineId, dateVersion, kind, dueOn, event, day: addDays(DAY_0, day) };
    });
  }

  /** Returns the day on which the next threshold must be recorded; null if there is none. */
  nextCrossingOn(): string | null {
    const [next] = this.#unrecorded();
    return next === undefined ? null : addDays(DAY_0, next.day);
  }

  /** The number of changes and recorded thresholds. */
  get revision(): number {
    const { entries, recorded } = this.#read();
    return entries.length + recorded.length;
  }

  toJSON(): LedgerData {
    const { entries, recorded } = this.#read();
    return { entries, recorded };
  }

  #unrecorded(): readonly Unrecorded[] {
    const contents = (this.#alike ?? this).#read();
    return (contents.unrecorded ??= unrecordedOf(contents));
  }

  #read(): LedgerContents {
    if (this.#contents !== undefined) return this.#contents;
    const facts: LedgerFact[] = [];
    const recorded: string[] = [];
    for (let link = this.#last; link !== null; link = link.before) {
      if ('recorded' in link.added) recorded.push(link.added.recorded);
      else facts.push(link.added);
    }
    const recordedKeys = [...new Set(recorded.reverse())];
    return (this.#contents = { entries: numberDates(facts.reverse()), recorded: recordedKeys });
  }
}

interface LedgerContents extends LedgerData {
  unrecorded?: readonly Unrecorded[];
}

/** Returns the events for the unrecorded thresholds that are crossed by a day. */
export function dueThresholds(ledger: DeadlineLedger, today: string): readonly DueEvent[] {
  const next = ledger.nextCrossingOn();
  if (next === null || next > today) return [];
  return ledger
    .crossings()
    .filter(({ day }) => day <= today)
    .map(({ event: type, day, ...date }) => {
      return { type, data: date, effectiveOn: day, key: thresholdKey(date, type) };
    });
}

const isOpenness = (added: Added): added is WorkFact =>
  'fact' in added && (added.fact === 'open' || added.fact === 'closed');

/** Returns entries with numbered dates for each deadline. Ignores extensions of unknown deadlines. */
function numberDates(facts: readonly LedgerFact[]): Entry[] {
  const latest = new Map<string, DateVersion>();
  const entries: Entry[] = [];
  for (const fact of facts) {
    const dated = fact.fact === 'corrected' ? rightDate(fact, entries) : fact;
    if (dated === null) continue;
    if (dated.fact !== 'date') {
      entries.push(dated);
      continue;
    }
    const { deadlineId } = dated;
    const { dateVersion, kind } = latest.get(deadlineId) ?? { dateVersion: 0, kind: dated.kind };
    if (kind === null) continue;
    const entry = { ...dated, dateVersion: dateVersion + 1, kind };
    latest.set(deadlineId, entry);
    entries.push(entry);
  }
  return entries;
}

/**
 * Returns the corrected date as a new version, whose thresholds are recorded again; null if the mistaken date does not
 * exist.
 */
function rightDate({ on, deadlineId, insteadOf, dueOn }: Corrected, entries: readonly Entry[]) {
  const before = entries.findLast(
    (entry) =>
      entry.fact === 'date' &&
      entry.dueOn === insteadOf &&
      (deadlineId === null ? entry.kind === 'response' : entry.deadlineId === deadlineId),
  );
  if (before?.fact !== 'date') return null;
  const { deadlineId: id, kind, dateVersion: replaces } = before;
  return { on, fact: 'date', deadlineId: id, kind, dueOn, replaces } as const;
}

/** An unrecorded threshold, and the day on which it is crossed as a number of days since 1970. */
interface Unrecorded {
  readonly date: DateVersion;
  readonly event: ThresholdEvent;
  readonly day: number;
}

/** Returns the unrecorded thresholds in order of days. */
function unrecordedOf({ entries, recorded }: LedgerData): Unrecorded[] {
  const recordedKeys = new Set(recorded);
  const spans = spansOf(entries);
  const unrecorded: Unrecorded[] = [];
  for (const date of entries) {
    if (date.fact !== 'date') continue;
    const days = crossingDays(date, spans);
    for (const [index, { event }] of THRESHOLDS.entries()) {
      const day = days[index] ?? null;
      if (day === null || day === days[index + 1]) continue;
      if (!recordedKeys.has(thresholdKey(date, event))) unrecorded.push({ date, event, day });
    }
  }
  return unrecorded.sort((a, b) => a.day - b.day);
}

/** A day before every date of a record. */
export const FIRST_DAY = '0001-01-01';

const DAY_0 = '1970-01-01';

/** Values in order, each of which applies from the end of a day and differs from the previous one. */
type Changes<Value> = { readonly on: number; readonly value: Value }[];

function change<Value>(changes: Changes<Value>, on: number, value: Value): void {
  // Only the value at the end of the day counts.
  if (changes.at(-1)?.on === on) changes.pop();
  if (changes.at(-1)?.value !== value) changes.push({ on, value });
}

/** A span from the end of one day to the end of another; the end is infinite while it lasts. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** States over time by effective date. Days are numbers. */
interface Spans {
  readonly open: Changes<boolean>;
  readonly unanswered: Changes<boolean>;
  /** For each date, the spans in which it was in force. */
  readonly inForce: ReadonlyMap<string, readonly Span[]>;
}

function spansOf(entries: readonly Entry[]): Spans {
  const open: Changes<boolean> = [];
  const unanswered: Changes<boolean> = [{ on: -Infinity, value: true }];
  const versions = new Map<string, Changes<number | null>>();
  // The sort is stable, so changes of the same day stay in stream order.
  const inOrder = entries.map((entry) => ({ entry, on: dayNumber(entry.on) })).sort((a, b) => a.on - b.on);
  for (const { entry, on } of inOrder) {
    if (entry.fact === 'answered' || entry.fact === 'unanswered')
      change(unanswered, on, entry.fact === 'unanswered');
    else if (!('deadlineId' in entry)) {
      change(open, on, entry.fact === 'open');
      if ('response' in entry) change(unanswered, on, entry.response === 'unanswered');
    } else {
      const changes = versions.get(entry.deadlineId) ?? [];
      versions.set(entry.deadlineId, changes);
      const inForce = changes.at(-1)?.value ?? null;
      if (entry.fact === 'withdrawn') change(changes, on, null);
      else if (entry.replaces !== undefined) {
        if (inForce === entry.replaces) change(changes, on, entry.dateVersion);
      }
      // As in the facts, extending a deadline that is not in force changes nothing.
      else if (entry.dateVersion === 1 || inForce !== null) change(changes, on, entry.dateVersion);
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

/** Returns the day on which each threshold of a date is crossed; null if it is not. */
function crossingDays(date: DateVersion, spans: Spans): (number | null)[] {
  const inForce = spans.inForce.get(dateKey(date)) ?? [];
  const unsettled = date.kind === 'response' ? spans.unanswered : spans.open;
  const due = dayNumber(date.dueOn);
  return THRESHOLDS.map(({ days }) => firstDay(Math.min(due + days, LAST_DAY), inForce, unsettled));
}

/** Returns the first day from `from` at whose end a date is in force and unsettled. */
function firstDay(from: number, inForce: readonly Span[], unsettled: Changes<boolean>): number | null {
  for (const span of inForce) {
    if (span.to <= from) continue;
    const day = firstUnsettled(Math.max(span.from, from), unsettled);
    if (day < span.to) return day;
  }
  return null;
}

/** Returns the first day from `from` at whose end the value is unsettled. */
function firstUnsettled(from: number, changes: Changes<boolean>): number {
  const next = firstAfter(from, changes);
  if (changes[next - 1]?.value === true) return from;
  // Values alternate, so one of the next two is unsettled.
  const found = changes[next]?.value === true ? changes[next] : changes[next + 1];
  return found?.on ?? Infinity;
}

/** Returns the index of the first change after a day. */
function firstAfter(day: number, changes: Changes<unknown>): number {
  let [low, high] = [0, changes.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((changes[middle] as { on: number }).on <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}
