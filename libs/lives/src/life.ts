import type { NamedBody, Shown } from '#lifecycle/summary';
import { summaryBy } from '#read-models/record-row';
import {
  recordStateColumns,
  REGIONS,
  regionColumn,
  stateColumn,
  waitColumn,
  WAITS,
} from '#read-models/record-state';
import type { FoldedRecordState, RecordStateRow } from '#read-models/record-state';
import { lifecycles } from '#state-machines/lifecycles';
import { londonDate } from '#state-machines/london';
import { DeadlineFold } from './deadline-fold.ts';
import type { DeadlineLife } from './deadline-fold.ts';
import { emptyFold, foldEvent, isAside, textIn } from './record-fold.ts';
import type { LifeEvent, RecordFold } from './record-fold.ts';

/** What the events of one record say about its course. It contains no free text. */
export interface Life {
  readonly stream: string;
  readonly issuedOn: string;
  /** The id of the issue, for a recommendation to several bodies. */
  readonly issue: string | null;
  /** The body in the order of storage, which may see the record. */
  readonly bodyToday: string | null;
  /** The record by effective days: each span ends where the next one begins. */
  readonly spans: readonly Span[];
  readonly deadlines: readonly DeadlineLife[];
  readonly passings: readonly Passing[];
  readonly proofs: readonly Proof[];
}

/** The columns by which lists filter that have few different values. */
export interface Standing extends Pick<
  RecordStateRow,
  'status' | 'status_origin' | 'closed' | 'settled' | 'unanswered' | 'waits'
> {
  /** The regions as JSON if the other columns do not cover all of them; else null. */
  readonly state: string | null;
  readonly lifecycle_name: string;
  readonly lifecycle_version: number;
  /** 1 if another record replaced this one, else 0. */
  readonly superseded: number;
  readonly [region: `in_${string}`]: string;
}

/** The people who may not decide the pending requests, by column. */
export type Asked = Readonly<Record<`${string}_by`, string | null>>;

/** A record from an effective day on. */
export interface Span {
  readonly from: string;
  /** The highest version of the events up to here. */
  readonly version: number;
  /**
   * The number of events up to here that affect or report the deadlines, and the latest time at which an event was
   * stored that changed their list, in milliseconds since 1970.
   */
  readonly revision: number;
  readonly changedAt: number;
  readonly standing: Standing;
  readonly asked: Asked;
  readonly recipient: string | null;
  /** The event that names the owner; null if none does. */
  readonly ownerEvent: string | null;
  readonly publishedOn: string | null;
  readonly dueOn: string | null;
  /** The effective dates of closure and response, and the London dates on which they were recorded. */
  readonly closedOn: string | null;
  readonly closedRecordedOn: string | null;
  readonly answeredOn: string | null;
  readonly answeredRecordedOn: string | null;
}

/** A recorded event that a deadline passed after its entry, under the body that was responsible at that time. */
export interface Passing {
  readonly deadlineId: string;
  readonly on: string;
  readonly body: string | null;
}

/** A decision, recorded after its effective day, which shows that dates were met. */
export interface Proof {
  readonly on: string;
  readonly at: string;
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
  const stored = events.toSorted((a, b) => a.version - b.version);
  const [first] = stored;
  if (first?.version !== 1) return null;
  const bodies = bodiesOf(stored);
  const counts = countsOf(stored, bodies);
  const about = summaryBy(lifecycles.of(first)).about?.(first) ?? {};
  const deadlines = new DeadlineFold();
  const spans: Span[] = [];
  let fold = emptyFold(first);
  // The first event applies on every day, even if an import dates other events before it, because it describes the record.
  let counted = counts.get(1) as Counted;
  const inOrder = events.toSorted(byEffectiveOrder);
  for (const [index, event] of inOrder.entries()) {
    const before = fold;
    fold = foldEvent(before, event);
    const news = lifecycles.of(event).code.dates?.news(event) ?? null;
    if (news !== null) deadlines.add(before.recordState, event, news);
    if (event !== first) counted = added(counted, counts.get(event.version) as Counted);
    const { effectiveOn: from } = event;
    if (inOrder[index + 1]?.effectiveOn === from) continue;
    const shown = first.effectiveOn > from ? foldEvent(fold, first) : fold;
    const published = shown.publishedOn ?? about.publishedOn ?? null;
    spans.push({ from, ...counted, ...spanOf(shown), publishedOn: published });
    deadlines.endDay(from, shown.recordState as FoldedRecordState);
  }
  return {
    ...{ stream: first.streamId, issuedOn: first.effectiveOn, issue: about.group ?? null },
    ...{ spans, deadlines: deadlines.lives },
    bodyToday: bodies.at(-1) ?? null,
    passings: passingsOf(stored, bodies, deadlines),
    proofs: proofsOf(stored),
  };
}

/** Compares events by effective date and then by version. */
const byEffectiveOrder = (a: LifeEvent, b: LifeEvent): number =>
  a.effectiveOn === b.effectiveOn ? a.version - b.version : a.effectiveOn < b.effectiveOn ? -1 : 1;

function spanOf(fold: RecordFold): Omit<Span, keyof Counted | 'from' | 'publishedOn'> {
  const recordState = fold.recordState as FoldedRecordState;
  const columns = recordStateColumns(recordState);
  const { status, status_origin, closed, settled, unanswered, waits } = columns;
  const { closedRecordedOn, answeredOn, answeredRecordedOn } = fold;
  const { name, version } = fold.latest.reference;
  const standing: Standing = {
    ...{ status, status_origin, closed, settled, unanswered, waits, state: stateColumn(recordState) },
    ...{ lifecycle_name: name, lifecycle_version: version, superseded: fold.superseded ? 1 : 0 },
    ...Object.fromEntries(REGIONS.map(regionColumn).map((column) => [column, columns[column]])),
  };
  const asked = (): Asked =>
    Object.fromEntries(WAITS.map(waitColumn).map((column) => [column, columns[column] ?? null]));
  return {
    ...{ standing, asked: waits === '' ? NOBODY : asked() },
    ...{ recipient: columns.recipient, ownerEvent: columns.owner_event, dueOn: columns.due_on },
    ...{ closedOn: columns.closed_on, closedRecordedOn, answeredOn, answeredRecordedOn },
  };
}

type Counted = Pick<Span, 'version' | 'revision' | 'changedAt'>;

const added = (one: Counted, other: Counted): Counted => ({
  version: Math.max(one.version, other.version),
  revision: one.revision + other.revision,
  changedAt: Math.max(one.changedAt, other.changedAt),
});

/** Returns what each event adds to the version and to the list of deadlines, by version. */
function countsOf(stored: readonly LifeEvent[], bodies: Bodies): ReadonlyMap<number, Counted> {
  return new Map(
    stored.map((event, index) => {
      const { version, recordedAt } = event;
      const isOther = isOtherThan(stored[index - 1], event) || bodies[index] !== (bodies[index - 1] ?? null);
      const decides = decidesOf(event, isOther);
      const changedAt = decides === 'none' ? 0 : Date.parse(recordedAt);
      return [version, { version, revision: decides === 'dates' ? 1 : 0, changedAt }];
    }),
  );
}

const isOtherThan = (before: LifeEvent | undefined, event: LifeEvent): boolean =>
  before === undefined || statusOf(before) !== statusOf(event);

const statusOf = (event: LifeEvent): string =>
  event.state === null ? '' : lifecycles.of(event).statusOf(event.state);

/** Returns whether an event affects or reports the record's deadlines, or only other data in lists of deadlines. */
function decidesOf(event: LifeEvent, isOther: boolean): 'dates' | 'list' | 'none' {
  const rules = lifecycles.of(event);
  const { dates } = rules.code;
  if (dates === undefined || isAside(event, rules)) return 'none';
  if (dates.ledger.empty.after(event) !== dates.ledger.empty) return 'dates';
  const isListed = isOther || dates.news(event) !== null || textIn(event, rules, 'owner') !== undefined;
  return isListed ? 'list' : 'none';
}

type Bodies = readonly (string | null)[];

/** Returns the record's body after each event, in the order of storage. */
function bodiesOf(stored: readonly LifeEvent[]): Bodies {
  let named: NamedBody = { body: null, event: null };
  return stored.map((event) => {
    named = summaryBy(lifecycles.of(event)).body?.(named, event) ?? named;
    return named.body;
  });
}

/** A date that had passed when it was entered does not count as the body's lateness. */
function passingsOf(stored: readonly LifeEvent[], bodies: Bodies, deadlines: DeadlineFold): Passing[] {
  return stored.flatMap((event, index) => {
    const news = lifecycles.of(event).code.dates?.news(event);
    if (news?.is !== 'crossed' || news.nearness === 'near') return [];
    const { id: deadlineId, dueOn } = news;
    if (deadlines.isAtEntry(deadlineId, { dueOn, version: event.version })) return [];
    return [{ deadlineId, on: event.effectiveOn, body: bodies[index - 1] ?? null }];
  });
}

function proofsOf(stored: readonly LifeEvent[]): Proof[] {
  return stored.flatMap((event) => {
    const { effectiveOn: on, recordedAt: at, actor } = event;
    const shown = on < londonDate(at) ? lifecycles.of(event).code.dates?.shows(event) : null;
    if (!shown) return [];
    const { met, decides } = shown;
    const request =
      decides.length === 0 ? undefined : stored.find(({ eventId }) => decides.includes(eventId));
    const by = [...(request === undefined ? [] : [request.actor.subject]), actor.subject];
    return [{ on, at, met, by }];
  });
}
