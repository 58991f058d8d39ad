import type { LifecycleReference, StateValue } from '#event-sourcing/envelope';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { DEADLINES_MAX } from '#state-machines/inspection-recommendation/v1/deadlines';
import type { Deadline } from '#state-machines/inspection-recommendation/v1/deadlines';
import { recordStream } from '#state-machines/record-streams';
import { isSame } from '../record-row.ts';
import type { ProjectedEvent } from '../record-row.ts';
import { foldStanding, standingColumns } from '../standing.ts';
import type { FoldedStanding } from '../standing.ts';
import { HISTORY, HISTORY_DEADLINES, SPAN_COLUMNS } from './history-tables.ts';
import type { DeadlineContent, HistoryContent } from './history-tables.ts';
import type { DecidingEvent, LightEvent } from './light-events.ts';
import type { Told } from './spans.ts';

/** What stays the same while a record is folded. */
export interface Issue {
  readonly id: string;
  readonly issuedOn: string;
  readonly issue: string | null;
  readonly lifecycle: LifecycleReference | null;
}

/** A record in effective order, after some of its events: every region stands at the target of its last move. */
export interface Fold {
  readonly standing: FoldedStanding | undefined;
  readonly value: StateValue;
  readonly titleEvent: string | null;
  /** The date of publication, where it was corrected. */
  readonly publishedOn: string | null;
  /** Of the event that was stored last. */
  readonly version: number;
  readonly lifecycle: LifecycleReference | null;
  readonly closedRecordedOn: string | null;
  readonly answeredOn: string | null;
  readonly answeredRecordedOn: string | null;
}

/** Before any event. */
export const emptyFold = ({ id, issuedOn, lifecycle }: Issue): Fold => ({
  standing: undefined,
  value: lifecycles.of({ streamId: recordStream(id), version: 1, lifecycle }).initialState(issuedOn).value,
  titleEvent: null,
  publishedOn: null,
  version: 0,
  lifecycle,
  closedRecordedOn: null,
  answeredOn: null,
  answeredRecordedOn: null,
});

/** The record after an event. @throws UnknownLifecycleError */
function foldEvent({ id }: Issue, before: Fold, light: LightEvent): Fold {
  const { version, known, effectiveOn, deciding } = light;
  if (deciding === null) return version > before.version ? { ...before, version } : before;
  const isLatest = version > before.version;
  const latest = isLatest ? { version, lifecycle: deciding.lifecycle } : before;
  const streamId = recordStream(id);
  const move = lifecycles.of({ streamId, version, lifecycle: deciding.lifecycle }).move(deciding.type);
  const value = move === null ? before.value : { ...before.value, ...move.targets };
  const status = lifecycles.of({ streamId, ...latest }).statusOf(value);
  const event = projected(id, light, deciding, value, status);
  const standing = foldStanding(before.standing, event);
  const isClosed = standing.closed === 1;
  const wasClosed = before.standing?.closed === 1;
  const isAnswered = standing.response === 'published';
  const recordedOn = () => londonDate(known);
  return {
    standing,
    value,
    titleEvent: titleEventAfter(before.titleEvent, deciding),
    publishedOn: publishedOnAfter(before.publishedOn, deciding),
    version: latest.version,
    lifecycle: latest.lifecycle,
    closedRecordedOn: isClosed ? (wasClosed ? before.closedRecordedOn : recordedOn()) : null,
    answeredOn: isAnswered ? (before.answeredOn ?? effectiveOn) : null,
    answeredRecordedOn: isAnswered ? (before.answeredRecordedOn ?? recordedOn()) : null,
  };
}

function titleEventAfter(before: string | null, { type, titled, eventId }: DecidingEvent): string | null {
  if (titled) return eventId;
  return type === 'RecommendationIssued' ? null : before;
}

const publishedOnAfter = (before: string | null, { type, data }: DecidingEvent): string | null =>
  type === 'CorrectionApproved' ? (data.publishedOn ?? before) : before;

/** The event as folds see it: what they do not look at is not there. */
const projected = (
  recordId: string,
  { version, effectiveOn, known }: LightEvent,
  { type, eventId, origin, subject, data, lifecycle }: DecidingEvent,
  state: StateValue,
  status: string,
): ProjectedEvent =>
  ({
    ...{
      recordId,
      streamId: recordStream(recordId),
      version,
      type,
      eventId,
      effectiveOn,
      origin,
      data,
      lifecycle,
    },
    recordedAt: new Date(known).toISOString(),
    actor: { subject, roles: [] },
    decision: null,
    commitments: {},
    ...{ state, status },
  }) as unknown as ProjectedEvent;

const contents = new WeakMap<FoldedStanding, HistoryContent>();

/** The columns in which a record is told; each event that changes one of them makes another standing. */
export function contentOf(issue: Issue, fold: Fold): HistoryContent {
  const standing = fold.standing as FoldedStanding;
  const known = contents.get(standing);
  if (known !== undefined) return known;
  const content = columnsOf(issue, fold);
  contents.set(standing, content);
  return content;
}

function columnsOf({ issuedOn, issue, lifecycle }: Issue, fold: Fold): HistoryContent {
  const { recipient_event: _, ...columns } = standingColumns(fold.standing as FoldedStanding);
  const isFirstLifecycle = fold.lifecycle?.digest === lifecycle?.digest;
  return {
    ...columns,
    issued_on: issuedOn,
    extension: columns.extension_by === null ? 0 : 1,
    issue,
    title_event: fold.titleEvent,
    published_on: fold.publishedOn,
    state: isSaid(fold.value, columns) ? null : JSON.stringify(fold.value),
    lifecycle_name: isFirstLifecycle ? null : (fold.lifecycle?.name ?? null),
    lifecycle_version: isFirstLifecycle ? null : (fold.lifecycle?.version ?? null),
    closed_recorded_on: fold.closedRecordedOn,
    answered_on: fold.answeredOn,
    answered_recorded_on: fold.answeredRecordedOn,
  };
}

const REGIONS = 4;

/** Whether the regions are those that have columns, in the states that these say. */
const isSaid = (value: StateValue, { status, closure, evidence, response }: SaidRegions): boolean =>
  Object.keys(value).length === REGIONS &&
  value['progress'] === status &&
  value['closure'] === closure &&
  value['evidence'] === evidence &&
  value['response'] === response;

type SaidRegions = Pick<HistoryContent, 'status' | 'closure' | 'evidence' | 'response'>;

const SPANS = new Set(['row', 'recipient_today', ...Object.keys(SPAN_COLUMNS)]);
const told = (columns: object): string[] => Object.keys(columns).filter((column) => !SPANS.has(column));
const CONTENT = told(HISTORY.columns) as (keyof HistoryContent)[];
const DEADLINE_IDS = new Set(['id', 'record_id', 'deadline_id']);
const DEADLINE_CONTENT = told(HISTORY_DEADLINES.columns).filter(
  (column) => !DEADLINE_IDS.has(column),
) as (keyof DeadlineContent)[];

export const isSameContent = (a: HistoryContent, b: HistoryContent): boolean =>
  a === b || isSame(CONTENT, a, b);
export const isSameDeadline = (a: DeadlineContent | undefined, b: DeadlineContent): boolean =>
  isSame(DEADLINE_CONTENT, a, b);

interface DeadlineChange {
  readonly id: string;
  readonly content: DeadlineContent;
  /** As it was told before. */
  readonly before: DeadlineContent | undefined;
}

/** What has become of a record's deadlines, folded in place: a record can have thousands. */
export class DeadlineFates {
  /** How often each was put off. */
  readonly extensions: Map<string, number>;
  /** Each as it was told last. */
  readonly #told: Map<string, DeadlineContent>;
  /** Those that were withdrawn since. */
  #withdrawn: (readonly [id: string, content: DeadlineContent])[] = [];
  /** What was looked at last. */
  #seen: Pick<FoldedStanding, 'deadlines' | 'closed' | 'response'> | undefined;

  constructor(standing?: FoldedStanding, extensions: ReadonlyMap<string, number> = new Map()) {
    this.extensions = new Map(extensions);
    this.#seen = standing;
    this.#told = standing === undefined ? new Map<string, DeadlineContent>() : this.#inForce(standing);
  }

  /** The same, to be folded on by itself. */
  copy(): DeadlineFates {
    const copy = new DeadlineFates(undefined, this.extensions);
    copy.#seen = this.#seen;
    copy.#withdrawn = this.#withdrawn;
    for (const [id, content] of this.#told) copy.#told.set(id, content);
    return copy;
  }

  /** Notes what an event does to a deadline that was there before it. */
  add(before: FoldedStanding | undefined, { effectiveOn, deciding }: LightEvent): void {
    if (deciding === null) return;
    const { type, data } = deciding;
    if (type !== 'DeadlineExtended' && type !== 'DeadlineWithdrawn') return;
    const deadline = before?.deadlines.find(({ id }) => id === data.deadlineId);
    if (before === undefined || deadline === undefined) return;
    const { id } = deadline;
    if (type === 'DeadlineExtended') this.extensions.set(id, (this.extensions.get(id) ?? 0) + 1);
    else {
      const withdrawn = { ...this.#contentOf(before, deadline), withdrawn_on: effectiveOn };
      this.#withdrawn = [...this.#withdrawn, [id, withdrawn]];
    }
  }

  /** Those that are otherwise than they were told last. */
  changes(standing: FoldedStanding): DeadlineChange[] {
    const seen = this.#seen;
    const withdrawn = this.#withdrawn;
    const isUnchanged =
      seen?.deadlines === standing.deadlines &&
      seen.closed === standing.closed &&
      seen.response === standing.response;
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
    return new Map(standing.deadlines.map((each) => [each.id, this.#contentOf(standing, each)]));
  }

  #contentOf(
    { deadlines, closed, response }: FoldedStanding,
    { id, kind, dueOn, firstDueOn, passed }: Deadline,
  ): DeadlineContent {
    const isAnswered = response === 'published' ? 1 : 0;
    return {
      kind,
      due_on: dueOn,
      first_due_on: firstDueOn,
      settled: deadlines.length > DEADLINES_MAX ? null : kind === 'response' ? isAnswered : closed,
      passed: passed ? 1 : 0,
      extensions: this.extensions.get(id) ?? 0,
      withdrawn_on: null,
    };
  }
}

/** What is told of a record, day by day. */
export interface Telling {
  readonly records: Told<HistoryContent>[];
  readonly deadlines: Map<string, ToldDeadline>;
  readonly fold: Fold;
}

export interface ToldDeadline {
  /** As it was told before. */
  readonly before: DeadlineContent | undefined;
  readonly told: Told<DeadlineContent>[];
}

/**
 * Folds events, which are in effective order, on from a fold, and tells how the record stood after each of their days. The first
 * event is taken at every day: what a record is about is said by it, also where an import dates others before it.
 * @param onBefore called before each event with the fold so far.
 */
export function tell(
  issue: Issue,
  from: Fold,
  fates: DeadlineFates,
  events: readonly LightEvent[],
  onBefore: (index: number, fold: Fold) => void = () => undefined,
): Telling {
  const records: Told<HistoryContent>[] = [];
  const deadlines = new Map<string, ToldDeadline>();
  const first = events.find(({ version }) => version === 1);
  let fold = from;
  for (const [index, event] of events.entries()) {
    onBefore(index, fold);
    const before = fold;
    fold = foldEvent(issue, before, event);
    if (fold.standing !== before.standing) fates.add(before.standing, event);
    const on = event.effectiveOn;
    if (events[index + 1]?.effectiveOn === on) continue;
    const isBeforeFirst = first !== undefined && first.effectiveOn > on;
    const shown = isBeforeFirst ? foldEvent(issue, fold, first) : fold;
    records.push({ on, content: contentOf(issue, shown) });
    for (const { id, content, before: toldBefore } of fates.changes(shown.standing as FoldedStanding)) {
      const each = deadlines.get(id) ?? { before: toldBefore, told: [] };
      deadlines.set(id, each);
      each.told.push({ on, content });
    }
  }
  return { records, deadlines, fold };
}

/** In effective order: by date, and on a day as they were stored. */
export const byEffectiveOrder = (a: LightEvent, b: LightEvent): number =>
  a.effectiveOn === b.effectiveOn ? a.version - b.version : a.effectiveOn < b.effectiveOn ? -1 : 1;

export const inEffectiveOrder = (events: readonly LightEvent[]): LightEvent[] =>
  events.toSorted(byEffectiveOrder);
