import type { StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import { summaryBy } from '#read-models/record-row';
import { foldRecordState } from '#read-models/record-state';
import type { FoldedRecordState } from '#read-models/record-state';
import { londonDate } from '#state-machines/london';
import type { Step } from './steps.ts';

/** A record after some of its events in effective order. Each region is in the target state of its last move. */
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

export const emptyFold = ({ rules: latest }: Step): RecordFold => ({
  ...{ recordState: undefined, value: latest.initial, latest, version: 0 },
  ...{ publishedOn: null, closedRecordedOn: null, superseded: false },
  ...{ answeredOn: null, answeredRecordedOn: null },
});

/** Returns the fold after an event. */
export function foldStep(before: RecordFold, step: Step): RecordFold {
  const { version, rules } = step;
  const own = version > before.version ? { version, latest: rules } : before;
  const { recordState, value } = before;
  if (!step.isAside) return { ...before, ...own, ...movedBy(before, step, own.latest) };
  if (recordState === undefined || own.latest === before.latest) return { ...before, ...own };
  return { ...before, ...own, recordState: { ...recordState, status: own.latest.statusOf(value) } };
}

function movedBy(before: RecordFold, { event, rules, owner }: Step, latest: Lifecycle) {
  const code = summaryBy(rules);
  const move = rules.move(event.type);
  const value = move === null ? before.value : { ...before.value, ...move.targets };
  const read = { ...event, decision: null, state: value, status: latest.statusOf(value), rules };
  const recordState = foldRecordState(before.recordState, read, owner);
  const isClosed = recordState.closed === 1;
  const wasClosed = before.recordState?.closed === 1;
  const published = event.version === 1 ? undefined : code.about?.(event).publishedOn;
  return {
    ...{ recordState, value },
    publishedOn: published ?? before.publishedOn,
    superseded: isClosed && (wasClosed ? before.superseded : code.supersedes?.(event) === true),
    closedRecordedOn: !isClosed ? null : wasClosed ? before.closedRecordedOn : londonDate(event.recordedAt),
    ...answeredAfter(before, { event, rules }, value),
  };
}

/**
 * Returns the dates of the response after an event. The last response counts; an earlier one was a claim that was never
 * confirmed.
 */
function answeredAfter(
  { answeredOn, answeredRecordedOn }: RecordFold,
  { event: { type, effectiveOn, recordedAt }, rules }: Pick<Step, 'event' | 'rules'>,
  value: StateValue,
): Pick<RecordFold, 'answeredOn' | 'answeredRecordedOn'> {
  const code = summaryBy(rules);
  if (code.answer?.(value) !== 'given') return { answeredOn: null, answeredRecordedOn: null };
  const isAnswer = code.answer({ ...rules.move(type)?.targets }) === 'given';
  return isAnswer || answeredOn === null
    ? { answeredOn: effectiveOn, answeredRecordedOn: londonDate(recordedAt) }
    : { answeredOn, answeredRecordedOn };
}
