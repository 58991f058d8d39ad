import type { StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { ReadEvent } from '#lifecycle/lifecycles';
import { textsOf } from '#lifecycle/summary';
import type { EventText } from '#lifecycle/summary';
import { summaryBy } from '#read-models/record-row';
import { foldRecordState } from '#read-models/record-state';
import type { FoldedRecordState } from '#read-models/record-state';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';

/** The members of a record's event from which its life is folded. Erased or left-out texts do not change it. */
export type LifeEvent = Pick<
  ReadEvent,
  | ('streamId' | 'version' | 'eventId' | 'type' | 'effectiveOn' | 'recordedAt' | 'origin')
  | ('actor' | 'lifecycle' | 'state' | 'data' | 'commitments')
>;

/**
 * A record after some of its events in effective order. Each region is in the target state of its last move.
 */
export interface RecordFold {
  readonly recordState: FoldedRecordState | undefined;
  readonly value: StateValue;
  /** The publication date if it was corrected; else null. */
  readonly publishedOn: string | null;
  /** The highest version of the folded events, and its lifecycle. */
  readonly version: number;
  readonly latest: Lifecycle;
  readonly closedRecordedOn: string | null;
  /** True if another record replaced this one. */
  readonly superseded: boolean;
  readonly answeredOn: string | null;
  readonly answeredRecordedOn: string | null;
}

export function emptyFold(first: LifeEvent): RecordFold {
  const latest = lifecycles.of(first);
  return {
    ...{ recordState: undefined, value: latest.initial, latest, version: 0 },
    ...{ publishedOn: null, closedRecordedOn: null, superseded: false },
    ...{ answeredOn: null, answeredRecordedOn: null },
  };
}

/** Returns whether an event changes only texts and the date of the last update. */
export const isAside = ({ type }: LifeEvent, rules: Lifecycle): boolean =>
  rules.code.asides?.has(type) === true;

export const textIn = (
  event: LifeEvent,
  { code }: Lifecycle,
  kind: EventText['kind'],
): EventText | undefined => code.texts && textsOf(code.texts, event).find((text) => text.kind === kind);

/**
 * Returns the fold after an event.
 * @throws UnknownLifecycleError
 */
export function foldEvent(before: RecordFold, event: LifeEvent): RecordFold {
  const { version } = event;
  const rules = lifecycles.of(event);
  const own = version > before.version ? { version, latest: rules } : before;
  const { recordState, value } = before;
  if (!isAside(event, rules)) return { ...before, ...own, ...movedBy(before, event, rules, own.latest) };
  if (recordState === undefined || own.latest === before.latest) return { ...before, ...own };
  return { ...before, ...own, recordState: { ...recordState, status: own.latest.statusOf(value) } };
}

function movedBy(before: RecordFold, event: LifeEvent, rules: Lifecycle, latest: Lifecycle) {
  const code = summaryBy(rules);
  const move = rules.move(event.type);
  const value = move === null ? before.value : { ...before.value, ...move.targets };
  const recordState = foldRecordState(
    before.recordState,
    { ...event, decision: null, state: value, status: latest.statusOf(value), rules },
    textIn(event, rules, 'owner'),
  );
  const isClosed = recordState.closed === 1;
  const wasClosed = before.recordState?.closed === 1;
  const published = event.version === 1 ? undefined : code.about?.(event).publishedOn;
  return {
    ...{ recordState, value },
    publishedOn: published ?? before.publishedOn,
    superseded: isClosed && (wasClosed ? before.superseded : code.supersedes?.(event) === true),
    closedRecordedOn: !isClosed ? null : wasClosed ? before.closedRecordedOn : londonDate(event.recordedAt),
    ...answeredAfter(before, event, rules, value),
  };
}

/**
 * Returns the dates of the response after an event. The last response counts; an earlier one was a claim that was never
 * confirmed.
 */
function answeredAfter(
  { answeredOn, answeredRecordedOn }: RecordFold,
  { type, effectiveOn, recordedAt }: LifeEvent,
  rules: Lifecycle,
  value: StateValue,
): Pick<RecordFold, 'answeredOn' | 'answeredRecordedOn'> {
  const code = summaryBy(rules);
  if (code.answer?.(value) !== 'given') return { answeredOn: null, answeredRecordedOn: null };
  const { targets = {} } = rules.move(type) ?? {};
  const isAnswer = code.answer({ ...targets }) === 'given';
  return isAnswer || answeredOn === null
    ? { answeredOn: effectiveOn, answeredRecordedOn: londonDate(recordedAt) }
    : { answeredOn, answeredRecordedOn };
}
