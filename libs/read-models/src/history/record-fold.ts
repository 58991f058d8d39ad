import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { DateNews } from '#lifecycle/summary';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { isSame, summaryBy } from '../record-row.ts';
import type { RowEvent } from '../record-row.ts';
import { foldRecordState, recordStateColumns } from '../record-state.ts';
import type { FoldedRecordState } from '../record-state.ts';
import type { DeadlineFates } from './deadline-fates.ts';
import { CONTENT } from './history-tables.ts';
import type { DeadlineContent, HistoryContent } from './history-tables.ts';
import type { DecidingEvent, LightEvent } from './light-events.ts';
import type { Dated } from './spans.ts';

export interface Issue {
  readonly stream: string;
  readonly issuedOn: string;
  readonly issue: string | null;
  readonly lifecycle: LifecycleReference | null;
}

/**
 * A record's state after some of its events in effective order. Each region is in the target state of its last move.
 */
export interface Fold {
  readonly recordState: FoldedRecordState | undefined;
  readonly value: StateValue;
  readonly titleEvent: string | null;
  /** The publication date if it was corrected; else null. */
  readonly publishedOn: string | null;
  /** The highest version of the folded events. */
  readonly version: number;
  readonly lifecycle: LifecycleReference | null;
  readonly closedRecordedOn: string | null;
  /** True if another record replaced this one. */
  readonly superseded: boolean;
  readonly answeredOn: string | null;
  readonly answeredRecordedOn: string | null;
}

export const emptyFold = ({ stream: streamId, issuedOn, lifecycle }: Issue): Fold => ({
  recordState: undefined,
  value: lifecycles.of({ streamId, version: 1, lifecycle }).initialState(issuedOn).value,
  titleEvent: null,
  publishedOn: null,
  version: 0,
  lifecycle,
  closedRecordedOn: null,
  superseded: false,
  answeredOn: null,
  answeredRecordedOn: null,
});

/**
 * Returns the fold after an event.
 * @throws UnknownLifecycleError
 */
function foldEvent(issue: Issue, before: Fold, light: LightEvent): Fold {
  const { version, known, effectiveOn, deciding } = light;
  if (deciding === null) return version > before.version ? { ...before, version } : before;
  const { stream: streamId } = issue;
  const rules = lifecycles.of({ streamId, version, lifecycle: deciding.lifecycle });
  const code = summaryBy(rules);
  const isLatest = version > before.version;
  const latest = isLatest ? { version, lifecycle: deciding.lifecycle } : before;
  const move = rules.move(deciding.type);
  const value = move === null ? before.value : { ...before.value, ...move.targets };
  const status = lifecycles.of({ streamId, ...latest }).statusOf(value);
  const { owner } = deciding;
  const recordState = foldRecordState(
    before.recordState,
    { ...foldedEvent(light, deciding), streamId, state: value, status, rules },
    owner === undefined ? undefined : { value: owner },
  );
  const isClosed = recordState.closed === 1;
  const wasClosed = before.recordState?.closed === 1;
  const recordedOn = () => londonDate(known);
  const supersedes = () => code.supersedes?.(deciding) === true;
  const published = version === 1 ? undefined : code.about?.(deciding).publishedOn;
  return {
    recordState,
    value,
    titleEvent: deciding.titled ? deciding.eventId : version === 1 ? null : before.titleEvent,
    publishedOn: published ?? before.publishedOn,
    version: latest.version,
    lifecycle: latest.lifecycle,
    superseded: isClosed && (wasClosed ? before.superseded : supersedes()),
    closedRecordedOn: isClosed ? (wasClosed ? before.closedRecordedOn : recordedOn()) : null,
    ...answeredAfter(before, rules, value, { on: effectiveOn, recordedOn, type: deciding.type }),
  };
}

/** Returns what an event changes about due dates; null if nothing. */
export function newsOf({ stream: streamId }: Issue, { version, deciding }: LightEvent): DateNews | null {
  if (deciding === null) return null;
  const { code } = lifecycles.of({ streamId, version, lifecycle: deciding.lifecycle });
  return code.dates?.news(deciding) ?? null;
}

/**
 * Returns the dates of the response after an event. The last response counts; an earlier one was a claim that was never
 * confirmed.
 */
function answeredAfter(
  before: Fold,
  rules: Lifecycle,
  value: StateValue,
  { on, recordedOn, type }: { readonly on: string; readonly recordedOn: () => string; readonly type: string },
): Pick<Fold, 'answeredOn' | 'answeredRecordedOn'> {
  const code = summaryBy(rules);
  if (code.answer?.(value) !== 'given') return { answeredOn: null, answeredRecordedOn: null };
  const { targets = {} } = rules.move(type) ?? {};
  const isAnswer = code.answer({ ...targets }) === 'given';
  const { answeredOn, answeredRecordedOn } = before;
  if (isAnswer || answeredOn === null) return { answeredOn: on, answeredRecordedOn: recordedOn() };
  return { answeredOn, answeredRecordedOn };
}

/** Returns the event with the members that folds read. */
const foldedEvent = (
  { version, effectiveOn, known }: LightEvent,
  { type, eventId, origin, subject, data }: DecidingEvent,
): Omit<RowEvent, 'streamId' | 'state' | 'status' | 'rules'> => ({
  ...{ version, type, eventId, effectiveOn, origin, data },
  recordedAt: new Date(known).toISOString(),
  actor: { subject, roles: [] },
  decision: null,
  commitments: {},
});

const contents = new WeakMap<FoldedRecordState, HistoryContent>();

/** Returns the history columns of a record. A change of any of them starts a new row. */
export function contentOf(issue: Issue, fold: Fold): HistoryContent {
  const recordState = fold.recordState as FoldedRecordState;
  const known = contents.get(recordState);
  if (known !== undefined) return known;
  const content = columnsOf(issue, fold);
  contents.set(recordState, content);
  return content;
}

function columnsOf({ issuedOn, issue, lifecycle }: Issue, fold: Fold): HistoryContent {
  const { recipient_event: _, ...columns } = recordStateColumns(fold.recordState as FoldedRecordState);
  const isFirstLifecycle = fold.lifecycle?.digest === lifecycle?.digest;
  return {
    ...columns,
    issued_on: issuedOn,
    issue,
    title_event: fold.titleEvent,
    published_on: fold.publishedOn,
    lifecycle_name: isFirstLifecycle ? null : (fold.lifecycle?.name ?? null),
    lifecycle_version: isFirstLifecycle ? null : (fold.lifecycle?.version ?? null),
    closed_recorded_on: fold.closedRecordedOn,
    superseded: fold.superseded ? 1 : 0,
    answered_on: fold.answeredOn,
    answered_recorded_on: fold.answeredRecordedOn,
  };
}

export const isSameContent = (a: HistoryContent, b: HistoryContent): boolean =>
  a === b || isSame(CONTENT, a, b);
/** The states of a record and its deadlines, day by day. */
interface FoldedDays {
  readonly records: Dated<HistoryContent>[];
  readonly deadlines: Map<string, FoldedDeadline>;
  readonly fold: Fold;
}

export interface FoldedDeadline {
  /** The content that was last written; undefined if none was. */
  readonly before: DeadlineContent | undefined;
  readonly days: Dated<DeadlineContent>[];
}

/**
 * Returns the state after each day, folding events in effective order from an earlier fold. The first event applies on
 * every day, even if an import dates other events before it, because it describes the record.
 * @param onBefore is called before each event with the fold so far.
 */
export function foldDays(
  issue: Issue,
  from: Fold,
  fates: DeadlineFates,
  events: readonly LightEvent[],
  onBefore: (index: number, fold: Fold) => void = () => undefined,
): FoldedDays {
  const records: Dated<HistoryContent>[] = [];
  const deadlines = new Map<string, FoldedDeadline>();
  const first = events.find(({ version }) => version === 1);
  let fold = from;
  for (const [index, event] of events.entries()) {
    onBefore(index, fold);
    const before = fold;
    fold = foldEvent(issue, before, event);
    const news = newsOf(issue, event);
    if (news !== null) fates.add(before.recordState, event, news);
    const on = event.effectiveOn;
    if (events[index + 1]?.effectiveOn === on) continue;
    const isBeforeFirst = first !== undefined && first.effectiveOn > on;
    const shown = isBeforeFirst ? foldEvent(issue, fold, first) : fold;
    records.push({ on, content: contentOf(issue, shown) });
    for (const { id, content, before: previous } of fates.changes(shown.recordState as FoldedRecordState)) {
      const each = deadlines.get(id) ?? { before: previous, days: [] };
      deadlines.set(id, each);
      each.days.push({ on, content });
    }
  }
  return { records, deadlines, fold };
}

/** Compares events by effective date and then by version. */
export const byEffectiveOrder = (a: LightEvent, b: LightEvent): number =>
  a.effectiveOn === b.effectiveOn ? a.version - b.version : a.effectiveOn < b.effectiveOn ? -1 : 1;

export const inEffectiveOrder = (events: readonly LightEvent[]): LightEvent[] =>
  events.toSorted(byEffectiveOrder);
