import type { StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Shown } from '#lifecycle/summary';
import {
  foldRecordState,
  recordStateColumns,
  REGIONS,
  regionColumn,
  waitColumn,
  WAITS,
} from '#read-models/record-state';
import type { FoldedRecordState, RecordStateRow } from '#read-models/record-state';
import { londonDate } from '#state-machines/london';
import { DeadlineFold } from './deadline-fold.ts';
import type { DeadlineSpan } from './deadline-fold.ts';
import { byEffectiveOrder, stepsOf } from './steps.ts';
import type { Count, LifeEvent, Step } from './steps.ts';

/** What the events of one record say about its course. It contains no free text. */
export interface Life {
  readonly issuedOn: string;
  /** The id of the issue, for a recommendation to several bodies. */
  readonly issue: string | null;
  /** The body in the order of storage, which may see the record. */
  readonly bodyToday: string | null;
  /** The record by effective days: each span ends where the next one begins. */
  readonly spans: readonly Span[];
  /** The deadlines by effective days, those of one deadline together. */
  readonly deadlines: readonly DeadlineSpan[];
  readonly passings: readonly Passing[];
  readonly proofs: readonly Proof[];
}

/** The columns of lists that have few different values. */
export interface Standing extends Pick<
  RecordStateRow,
  'status' | 'status_origin' | 'closed' | 'settled' | 'unanswered' | 'waits'
> {
  readonly lifecycle_name: string;
  readonly lifecycle_version: number;
  /** 1 if another record replaced this one, else 0. */
  readonly superseded: number;
  readonly [region: `in_${string}`]: string;
}

/** The people who may not decide the pending requests, by column. */
export type Asked = Readonly<Record<`${string}_by`, string | null>>;

/** A record from an effective day on, with the counts of the events up to then. */
export interface Span extends Count {
  readonly from: string;
  readonly standing: Standing;
  readonly asked: Asked;
  readonly recipient: string | null;
  /** The event that names the owner; null if none does. */
  readonly ownerEvent: string | null;
  readonly publishedOn: string | null;
  readonly dueOn: string | null;
  readonly responseDueOn: string | null;
  /** The effective dates of closure and response, and the London dates on which they were recorded. */
  readonly closedOn: string | null;
  readonly closedRecordedOn: string | null;
  readonly answeredOn: string | null;
  readonly answeredRecordedOn: string | null;
}

/** A recorded event that a deadline passed after its entry, under the body that was responsible at that time. */
export interface Passing {
  readonly on: string;
  readonly deadlineId: string;
  readonly body: string | null;
}

/** A decision, recorded after its effective day, which shows that dates were met. */
export interface Proof {
  readonly on: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly met: Shown['met'];
  /** The requester and the person who decided. */
  readonly by: readonly string[];
}

const NOBODY: Asked = Object.fromEntries(WAITS.map((what) => [waitColumn(what), null]));

/**
 * Folds the life of a record from those of its events that are known, in any order.
 * @returns null if the first event is not among them.
 * @throws UnknownLifecycleError
 */
export function lifeOf(events: readonly LifeEvent[]): Life | null {
  const stored = stepsOf(events);
  const [first] = stored;
  if (first?.version !== 1) return null;
  const about = first.rules.code.summary.about?.(first.event) ?? {};
  const deadlines = new DeadlineFold();
  const spans: Span[] = [];
  let fold = emptyFold(first);
  // The first event applies on every day, even if an import dates other events before it, because it describes the record.
  let count: Count = first;
  const inOrder = stored.toSorted(byEffectiveOrder);
  for (const [index, step] of inOrder.entries()) {
    const { effectiveOn: from } = step.event;
    if (step.news !== null) deadlines.add(fold.recordState, step.event, step.news);
    fold = foldStep(fold, step);
    if (step !== first) count = added(count, step);
    if (inOrder[index + 1]?.event.effectiveOn === from) continue;
    const shown = first.event.effectiveOn > from ? foldStep(fold, first) : fold;
    const publishedOn = shown.publishedOn ?? about.publishedOn ?? null;
    const { version, revision, changedAt } = count;
    spans.push({ from, version, revision, changedAt, ...spanOf(shown), publishedOn });
    deadlines.endDay(from, shown.recordState as FoldedRecordState);
  }
  return {
    ...{ issuedOn: first.event.effectiveOn, issue: about.group ?? null },
    bodyToday: stored.at(-1)?.after.body ?? null,
    ...{ spans, deadlines: deadlines.spans },
    passings: stored.flatMap((step) => passingOf(step, deadlines)),
    proofs: stored.flatMap((step) => proofOf(step, stored)),
  };
}

const added = (one: Count, other: Count): Count => ({
  version: Math.max(one.version, other.version),
  revision: one.revision + other.revision,
  changedAt: Math.max(one.changedAt, other.changedAt),
});

function spanOf(fold: RecordFold): Omit<Span, keyof Count | 'from' | 'publishedOn'> {
  const recordState = fold.recordState as FoldedRecordState;
  const columns = recordStateColumns(recordState);
  const { status, status_origin, closed, settled, unanswered, waits } = columns;
  const { closedRecordedOn, answeredOn, answeredRecordedOn } = fold;
  const { name, version } = fold.latest.reference;
  const regions = REGIONS.map(regionColumn).map((column) => [column, columns[column] ?? '']);
  const asked = (): Asked =>
    Object.fromEntries(WAITS.map(waitColumn).map((column) => [column, columns[column] ?? null]));
  return {
    standing: {
      ...{ status, status_origin, closed, settled, unanswered, waits },
      ...{ lifecycle_name: name, lifecycle_version: version, superseded: fold.superseded ? 1 : 0 },
      ...(Object.fromEntries(regions) as Pick<Standing, `in_${string}`>),
    },
    asked: waits === '' ? NOBODY : asked(),
    ...{ recipient: columns.recipient, ownerEvent: recordState.owner_event, dueOn: columns.due_on },
    responseDueOn: columns.response_due_on,
    ...{ closedOn: columns.closed_on, closedRecordedOn, answeredOn, answeredRecordedOn },
  };
}

/** A record after some of its events in effective order. Each region is in the target state of its last move. */
interface RecordFold {
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

const emptyFold = ({ rules: latest }: Step): RecordFold => ({
  ...{ recordState: undefined, value: latest.initial, latest, version: 0 },
  ...{ publishedOn: null, closedRecordedOn: null, superseded: false },
  ...{ answeredOn: null, answeredRecordedOn: null },
});

/** Returns the fold after an event. */
function foldStep(before: RecordFold, step: Step): RecordFold {
  const { version, rules } = step;
  const own = version > before.version ? { version, latest: rules } : before;
  const { recordState, value } = before;
  if (!step.isAside) return { ...before, ...own, ...movedBy(before, step, own.latest) };
  if (recordState === undefined || own.latest === before.latest) return { ...before, ...own };
  return { ...before, ...own, recordState: { ...recordState, status: own.latest.statusOf(value) } };
}

function movedBy(before: RecordFold, { event, rules, owner }: Step, latest: Lifecycle) {
  const code = rules.code.summary;
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
  const code = rules.code.summary;
  if (code.answer?.(value) !== 'given') return { answeredOn: null, answeredRecordedOn: null };
  const isAnswer = code.answer({ ...rules.move(type)?.targets }) === 'given';
  return isAnswer || answeredOn === null
    ? { answeredOn: effectiveOn, answeredRecordedOn: londonDate(recordedAt) }
    : { answeredOn, answeredRecordedOn };
}

/** A date that had passed when it was entered does not count as the body's lateness. */
function passingOf({ event, news, before: { body }, version }: Step, deadlines: DeadlineFold): Passing[] {
  if (news?.is !== 'crossed' || news.nearness === 'near') return [];
  const { id: deadlineId, dueOn } = news;
  const isLate = !deadlines.isAtEntry(deadlineId, { dueOn, version });
  return isLate ? [{ on: event.effectiveOn, deadlineId, body }] : [];
}

function proofOf({ event, rules }: Step, stored: readonly Step[]): Proof[] {
  const { effectiveOn: on, recordedAt, actor } = event;
  const { met, decides } = rules.code.dates?.shows(event) ?? {};
  if (met === undefined || decides === undefined || on >= londonDate(recordedAt)) return [];
  const request = decides.length > 0 && stored.find((each) => decides.includes(each.event.eventId));
  const by = [...(request ? [request.event.actor.subject] : []), actor.subject];
  return [{ on, at: Date.parse(recordedAt), met, by }];
}
