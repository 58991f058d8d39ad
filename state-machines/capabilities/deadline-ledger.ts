import type { FoldedEvent } from '#lifecycle/folded-event';
import type { DueEvent } from '#lifecycle/lifecycle-definition';
import { addDays, dayNumber, LAST_DAY } from '#lifecycle/plain-date';
import { thresholds } from './deadlines.ts';
import type { DateVersion } from './deadlines.ts';

/** The thresholds of a date, in the order in which they are crossed: days from the date, and the event that tells of it. */
export const THRESHOLDS = [
  { event: 'DeadlineApproaching', days: -thresholds.approachingDays },
  { event: 'DeadlinePassed', days: 1 },
  { event: 'DeadlineEscalated', days: thresholds.escalatedDays },
] as const;
type ThresholdEvent = (typeof THRESHOLDS)[number]['event'];

/** What decides when thresholds are crossed: a date that was given or withdrawn, work that was closed or opened, an answer. */
type Entry =
  | (DateVersion & {
      readonly on: string;
      readonly fact: 'date';
      /** The version that it corrects: it is in force only where that one was. */
      readonly replaces?: number;
      /** Of the deadlines of its kind it alone is in force from then on. */
      readonly isSingle?: true;
    })
  | { readonly on: string; readonly fact: 'withdrawn'; readonly deadlineId: string }
  | WorkFact
  | { readonly on: string; readonly fact: ResponseState };

type ResponseState = 'answered' | 'unanswered';
/** How the work is from a day on, and the response with it where one event changes both. */
interface WorkFact {
  readonly on: string;
  readonly fact: 'open' | 'closed';
  readonly response?: ResponseState;
}

/** An entry before its date has a number; an extension takes its kind from the date before it. */
export type LedgerFact =
  | Exclude<Entry, { readonly fact: 'date' }>
  | (Omit<Extract<Entry, { readonly fact: 'date' }>, 'dateVersion' | 'kind'> & {
      readonly kind: DateVersion['kind'] | null;
    })
  | Corrected;

/** A date that was given by mistake, and the right one; without an id it is that of the response. */
interface Corrected {
  readonly on: string;
  readonly fact: 'corrected';
  readonly deadlineId: string | null;
  readonly insteadOf: string;
  readonly dueOn: string;
}

/** A ledger as data, so that an index can hold it. */
export interface LedgerData {
  /** In stream order. */
  readonly entries: readonly Entry[];
  /** The thresholds that events tell of already, each as `d1/1/DeadlinePassed`. */
  readonly recorded: readonly string[];
}

/** A threshold, and the day on which it is crossed. */
interface Crossing extends DateVersion {
  readonly event: ThresholdEvent;
  readonly day: string;
}

const dateKey = ({ deadlineId, dateVersion }: Pick<DateVersion, 'deadlineId' | 'dateVersion'>): string =>
  `${deadlineId}/${dateVersion}`;

/** The name of a threshold in its record. */
export const thresholdKey = (date: Pick<DateVersion, 'deadlineId' | 'dateVersion'>, event: string): string =>
  `${dateKey(date)}/${event}`;

export type LedgerEvent = Pick<FoldedEvent, 'type' | 'data' | 'effectiveOn'>;
type Added = LedgerFact | { readonly recorded: string };
/** What an event, in today's shape, adds to a ledger; null where it decides nothing. */
export type AddsToLedger = (event: LedgerEvent) => Added | null;

/** What events added, the last one first: a ledger shares the rest with the one before it. */
interface Link {
  readonly before: Link | null;
  readonly added: Added;
}

/**
 * Of a record's history, what decides when thresholds are crossed. A ledger never changes, and one more event costs the same
 * however many there are; entries are numbered and looked through when a crossing is first asked for.
 */
export class DeadlineLedger {
  #last: Link | null = null;
  /** Whether the record is open as its latest date has it. */
  #openness: WorkFact | null = null;
  /** The first of those with the same crossings. */
  #alike: DeadlineLedger | null = null;
  #contents: LedgerContents | undefined;

  readonly #adds: AddsToLedger;

  constructor(adds: AddsToLedger, { entries, recorded }: LedgerData = { entries: [], recorded: [] }) {
    this.#adds = adds;
    for (const entry of entries) this.#add(entry);
    for (const each of recorded) this.#add({ recorded: each });
  }

  /** The ledger after an event; the same one where the event decides nothing. */
  after(event: LedgerEvent): DeadlineLedger {
    const added = this.#adds(event);
    if (added === null) return this;
    const ledger = new DeadlineLedger(this.#adds);
    ledger.#last = this.#last;
    ledger.#openness = this.#openness;
    // Else each move of a record would cost as much as all those before it.
    if (this.#crossesAlike(added)) ledger.#alike = this.#alike ?? this;
    ledger.#add(added);
    return ledger;
  }

  /** The ledger that data says. */
  from(kept: LedgerData): DeadlineLedger {
    return new DeadlineLedger(this.#adds, kept);
  }

  /** A record that goes on as open as it was crosses nothing otherwise. */
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
   * The thresholds that no event tells of yet, each with the day on which it is crossed: the first, on or after the date
   * and its offset, at whose end that date is in force and the record open (for a response: not yet published). One that
   * has the same day as a later one of its date is left out. In the order of their days.
   */
  crossings(): Crossing[] {
    return this.#untold().map(({ date: { deadlineId, dateVersion, kind, dueOn }, event, day }) => {
      return { deadlineId, dateVersion, kind, dueOn, event, day: addDays(DAY_0, day) };
    });
  }

  /** The day from which something is to be recorded; null where nothing is, as things stand. */
  nextCrossingOn(): string | null {
    const [next] = this.#untold();
    return next === undefined ? null : addDays(DAY_0, next.day);
  }

  /** How many events have decided something, or told of it. */
  get revision(): number {
    const { entries, recorded } = this.#read();
    return entries.length + recorded.length;
  }

  toJSON(): LedgerData {
    const { entries, recorded } = this.#read();
    return { entries, recorded };
  }

  #untold(): readonly Untold[] {
    const contents = (this.#alike ?? this).#read();
    return (contents.untold ??= untoldOf(contents));
  }

  #read(): LedgerContents {
    if (this.#contents !== undefined) return this.#contents;
    const facts: LedgerFact[] = [];
    const recorded: string[] = [];
    for (let link = this.#last; link !== null; link = link.before) {
      if ('recorded' in link.added) recorded.push(link.added.recorded);
      else facts.push(link.added);
    }
    const told = [...new Set(recorded.reverse())];
    return (this.#contents = { entries: numbered(facts.reverse()), recorded: told });
  }
}

interface LedgerContents extends LedgerData {
  untold?: readonly Untold[];
}

/** The thresholds that were crossed up to a day, and that no event tells of yet. */
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

/** The entries, with each deadline's dates numbered; an extension of a deadline that nobody has set extends nothing. */
function numbered(facts: readonly LedgerFact[]): Entry[] {
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

/** The right date as a version of its own, so that its thresholds are recorded anew; null where the mistaken one was never given. */
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

/** A threshold that no event tells of yet, and the day on which it is crossed as a number. */
interface Untold {
  readonly date: DateVersion;
  readonly event: ThresholdEvent;
  readonly day: number;
}

/** In the order of their days. */
function untoldOf({ entries, recorded }: LedgerData): Untold[] {
  const told = new Set(recorded);
  const spans = spansOf(entries);
  const untold: Untold[] = [];
  for (const date of entries) {
    if (date.fact !== 'date') continue;
    const days = crossingDays(date, spans);
    for (const [index, { event }] of THRESHOLDS.entries()) {
      const day = days[index] ?? null;
      if (day === null || day === days[index + 1]) continue;
      if (!told.has(thresholdKey(date, event))) untold.push({ date, event, day });
    }
  }
  return untold.sort((a, b) => a.day - b.day);
}

/** Before every date of a record. */
export const FIRST_DAY = '0001-01-01';

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
  const kinds = new Map<string, DateVersion['kind']>();
  // A stable sort: what holds from the same day stays in stream order.
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
      // As the facts are folded: an extension of what is not in force changes nothing.
      else if (entry.dateVersion === 1 || inForce !== null) {
        change(changes, on, entry.dateVersion);
        kinds.set(entry.deadlineId, entry.kind);
        if (entry.isSingle)
          for (const [id, others] of versions)
            if (id !== entry.deadlineId && kinds.get(id) === entry.kind) change(others, on, null);
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
