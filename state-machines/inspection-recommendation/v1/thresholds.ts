import type { FoldedEvent } from '../../../libs/lifecycle/src/lifecycle-definition.ts';
import { addDays } from '../../../libs/lifecycle/src/plain-date.ts';
import { isOpen, thresholds } from './deadlines.ts';
import type { Deadline } from './deadlines.ts';
import { inspectionRecommendation } from './lifecycle.ts';

/** The thresholds of a date, in the order in which they are crossed: days from the date, and the event that tells of it. */
export const THRESHOLDS = [
  { event: 'DeadlineApproaching', days: -thresholds.approachingDays },
  { event: 'DeadlinePassed', days: 1 },
  { event: 'DeadlineEscalated', days: thresholds.escalatedDays },
] as const;
export type ThresholdEvent = (typeof THRESHOLDS)[number]['event'];

/** What decides when thresholds are crossed: a date that was given, work that was closed or opened, an answer. */
type Entry =
  | { readonly on: string; readonly fact: 'date'; readonly deadlineId: string; readonly dateVersion: number }
  | { readonly on: string; readonly fact: 'open' | 'closed' | 'answered' };

interface DateVersion {
  readonly deadlineId: string;
  readonly kind: Deadline['kind'];
  /** 1 for the first date, and one more with each extension. */
  readonly dateVersion: number;
  readonly dueOn: string;
}

/** Of a record's history, what decides when thresholds are crossed; small, so that an index can hold it. */
export interface DeadlineLedger {
  /** In stream order. */
  readonly entries: readonly Entry[];
  readonly dates: readonly DateVersion[];
  /** The thresholds that events tell of already, each as `d1/1/DeadlinePassed`. */
  readonly recorded: readonly string[];
}

export const emptyLedger: DeadlineLedger = { entries: [], dates: [], recorded: [] };

/** A threshold, and the day on which it is crossed. */
export interface Crossing extends DateVersion {
  readonly event: ThresholdEvent;
  readonly day: string;
}

const isThreshold = (type: string): type is ThresholdEvent => THRESHOLDS.some(({ event }) => event === type);

const recordKey = (deadlineId: string, dateVersion: number, event: string): string =>
  `${deadlineId}/${dateVersion}/${event}`;

/** Folds one event into the ledger; an event that decides nothing gives back the same object. */
export function evolveLedger(ledger: DeadlineLedger, event: FoldedEvent): DeadlineLedger {
  const { type, data, effectiveOn: on } = event;
  if (isThreshold(type)) {
    const { deadlineId, dateVersion } = data as unknown as DateVersion;
    return { ...ledger, recorded: [...ledger.recorded, recordKey(deadlineId, dateVersion, type)] };
  }
  if (type === 'DeadlineSet' || type === 'DeadlineExtended') return withDate(ledger, event);
  if (type === 'ResponsePublished') return withEntry(ledger, { on, fact: 'answered' });
  const progress =
    type === 'RecommendationIssued'
      ? inspectionRecommendation.table.initial['progress']
      : inspectionRecommendation.table.move(type)?.targets['progress'];
  if (progress === undefined) return ledger;
  return withEntry(ledger, { on, fact: isOpen({ progress }) ? 'open' : 'closed' });
}

const withEntry = (ledger: DeadlineLedger, entry: Entry): DeadlineLedger => ({
  ...ledger,
  entries: [...ledger.entries, entry],
});

function withDate(ledger: DeadlineLedger, { type, data, effectiveOn: on }: FoldedEvent): DeadlineLedger {
  const { deadlineId, kind, dueOn } = data as unknown as Pick<DateVersion, 'deadlineId' | 'kind' | 'dueOn'>;
  const before = ledger.dates.filter((date) => date.deadlineId === deadlineId);
  const [first] = before;
  // An extension of a deadline that nobody has set extends nothing.
  if (type === 'DeadlineExtended' && first === undefined) return ledger;
  const dateVersion = before.length + 1;
  const date: DateVersion = { deadlineId, kind: first?.kind ?? kind, dateVersion, dueOn };
  const entry: Entry = { on, fact: 'date', deadlineId, dateVersion };
  return { ...withEntry(ledger, entry), dates: [...ledger.dates, date] };
}

/**
 * The thresholds that no event tells of yet, each with the day on which it is crossed: the first, on or after the date
 * and its offset, at whose end that date is in force and the record open (for a response: not yet published). One that
 * has the same day as a later one of its date is left out. In the order of their days.
 */
export function crossings(ledger: DeadlineLedger): Crossing[] {
  const days = dayByDay(ledger);
  const recorded = new Set(ledger.recorded);
  return ledger.dates
    .flatMap((date) => crossingsOf(date, days))
    .filter(({ deadlineId, dateVersion, event }) => !recorded.has(recordKey(deadlineId, dateVersion, event)))
    .sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
}

/** The day from which something of the ledger is to be recorded; null where nothing is, as things stand. */
export const nextCrossingOn = (ledger: DeadlineLedger): string | null => crossings(ledger)[0]?.day ?? null;

function crossingsOf(date: DateVersion, days: readonly Day[]): Crossing[] {
  const found = THRESHOLDS.flatMap(({ event, days: offset }): Crossing[] => {
    const day = firstDay(date, addDays(date.dueOn, offset), days);
    return day === null ? [] : [{ ...date, event, day }];
  });
  return found.filter(({ day }, index) => found[index + 1]?.day !== day);
}

function firstDay(date: DateVersion, from: string, days: readonly Day[]): string | null {
  const standing = days.findLast(({ on }) => on <= from);
  if (standing !== undefined && isLive(date, standing)) return from;
  return days.find((day) => day.on > from && isLive(date, day))?.on ?? null;
}

const isLive = ({ deadlineId, dateVersion, kind }: DateVersion, day: Day): boolean =>
  day.inForce.get(deadlineId) === dateVersion && (kind === 'response' ? !day.isAnswered : day.isOpen);

/** How things stand from the end of one day to the next on which something changes. */
interface Day {
  readonly on: string;
  readonly isOpen: boolean;
  readonly isAnswered: boolean;
  /** For each deadline, which of its dates is in force. */
  readonly inForce: ReadonlyMap<string, number>;
}

function dayByDay({ entries }: DeadlineLedger): Day[] {
  // A stable sort: what holds from the same day stays in stream order.
  const sorted = entries.toSorted((a, b) => (a.on < b.on ? -1 : a.on > b.on ? 1 : 0));
  const days = new Map<string, Day>();
  let [open, isAnswered] = [false, false];
  let inForce: ReadonlyMap<string, number> = new Map();
  for (const entry of sorted) {
    if (entry.fact === 'date') {
      // As the facts are folded: an extension that holds before its deadline was set changes nothing.
      if (entry.dateVersion === 1 || inForce.has(entry.deadlineId)) {
        inForce = new Map(inForce).set(entry.deadlineId, entry.dateVersion);
      }
    } else if (entry.fact === 'answered') isAnswered = true;
    else open = entry.fact === 'open';
    days.set(entry.on, { on: entry.on, isOpen: open, isAnswered, inForce });
  }
  return [...days.values()];
}
