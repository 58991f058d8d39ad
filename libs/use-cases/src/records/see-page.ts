import { redactionOf } from '#event-sourcing/erasure';
import { runYielding, turnIfLong } from '#event-sourcing/folding';
import { effectivePath } from '#lifecycle/effective-view';
import type { PathStep, ViewPoint } from '#lifecycle/effective-view';
import { NO_SUMMARY } from '#lifecycle/summary';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { timelineItems, timelineSteps } from '#read-models/timeline/timeline';
import type { TimelineItem, TimelineStep } from '#read-models/timeline/timeline';
import { readsInternal, rolesOn } from '#state-machines/access';
import { viewOf, viewOfEvent } from '#state-machines/any-kind';
import { dateState, isSettledBy } from '#state-machines/capabilities/deadlines';
import type { SeenSubmission, Submitted } from '#state-machines/record-view';
import type { Reader } from '../call-context.ts';
import { cameBack } from './came-back.ts';
import type { RecordHistory } from './known-histories.ts';
import type { ReadRecord } from './read-record.ts';
import { recordAt } from './record-at.ts';
import type { Point } from './record-at.ts';
import { chartOfSteps } from './record-chart.ts';
import { detailEventsOf, wholeEvents } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import { notKnownAtThatTime, recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';

/** Selects entries of a record's history, newest first: a page by its number, the page with a version, or all from a version on. */
export interface EntriesRequest {
  readonly page: number;
  readonly size: number;
  readonly at?: number;
  readonly from?: number;
}

interface SeenEntries {
  readonly items: readonly TimelineItem[];
  /** The number of entries before them. */
  readonly before: number;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** The versions of the events that the entries refer to, by event id. */
  readonly versions: ReadonlyMap<string, number>;
  /** The versions of the events that redacted others, by the id of the redacted event. */
  readonly redactedBy: ReadonlyMap<string, number>;
}

/** A record at a point, and the chart with the path to it. */
export interface RecordAtPoint {
  readonly record: ReadRecord;
  /** The date at whose end the record is shown. */
  readonly day: string;
  readonly chart: RecordChart;
  /** The event that states the current text. */
  readonly textEvent: string;
  /**
   * The full events that the page shows, in order, if the lifecycle has no view of its own: the first event,
   * those that state the details, and those that caused the current states. Otherwise empty.
   */
  readonly detailEvents: readonly ReadEvent[];
  /** The items that wait for a decision, by name, if the lifecycle has no view of its own. */
  readonly waiting: readonly string[];
}

/** All data of a record's page, read once. */
export interface SeenPage extends RecordAtPoint {
  /** The latest submissions, newest first, and their number. */
  readonly submissions: readonly SeenSubmission[];
  readonly submitted: number;
  readonly entries: SeenEntries;
  /** The events on an open record that sent work back and are still current, oldest first. */
  readonly cameBack: readonly TimelineItem[];
  /** The parts of events that can be corrected, by event id; empty if the viewer may not request a correction. */
  readonly correctable: ReadonlyMap<string, readonly string[]>;
  /** The viewer's roles on the record. */
  readonly roles: readonly string[];
}

interface RecordPageRequest {
  readonly view: ViewPoint;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly entries: EntriesRequest;
}

/** The number of submissions shown beside the history, which contains all. */
const SUBMISSIONS_MAX = 5;

/**
 * Returns a record with its history and chart, now or as effective on a date and known at an instant. It contains what the viewer sees, or
 * only what a previewed role sees too. Records the viewer's access to internal values.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then, or the previewed role cannot see it; 403 if the viewer may not
 * preview roles.
 */
export async function seePage(
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
  { view, now, entries }: RecordPageRequest,
): Promise<SeenPage> {
  const history = await visibleHistory(access, viewer, reference);
  const seesInternal = readsInternal(viewer, recipientOf(history.events), reference.kind);
  const { atPoint, steps, events } = await readAtPoint(access, history, { view }, now);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const included = isView ? steps.map(({ event }) => event) : events;
  const details = new Set(events.filter((event, index) => event !== history.events[index]));
  // The events that state the record's details are already complete.
  const whole: Whole = async (requested) => {
    const missing = requested.filter((event) => !details.has(event));
    const fullEvents = await wholeEvents(access, missing);
    const byId = new Map(fullEvents.map((event) => [event.eventId, event]));
    return requested.map((event) => byId.get(event.eventId) ?? event);
  };
  const seen = await entriesOf(steps, entries, {
    seesInternal,
    whole,
    onShown: async (shown) => {
      if (seesInternal) await recordInternal(access, viewer, reference, shown);
    },
  });
  const { name } = atPoint.record.lifecycle;
  const { submissions: submitted, correctable, correctBy = '' } = viewOf(name);
  const allSubmissions = submitted(included);
  const submissions = await submissionsOf(allSubmissions.slice(-SUBMISSIONS_MAX), whole);
  const roles = rolesOn(viewer, atPoint.record.recipient, reference.kind);
  const correcting = access.lifecycles.current(name).commands[correctBy]?.roles ?? [];
  const mayCorrect = correcting.some((role) => roles.includes(role));
  await turnIfLong(steps);
  return {
    ...atPoint,
    submissions,
    cameBack: isView ? [] : await readSentBack(access, history, { seesInternal, whole, roles }),
    submitted: allSubmissions.length,
    entries: seen,
    correctable: mayCorrect ? correctable(included) : new Map(),
    roles,
  };
}

async function readSentBack(
  { lifecycles }: Pick<RecordsAccess, 'lifecycles'>,
  { events }: RecordHistory,
  reader: { readonly seesInternal: boolean; readonly whole: Whole; readonly roles: readonly string[] },
): Promise<readonly TimelineItem[]> {
  const last = events.at(-1);
  if (last === undefined) return [];
  const lifecycle = lifecycles.of(last);
  if (last.state !== null && lifecycle.code.summary.isClosed(last.state)) return [];
  const isOfBody = reader.roles.some((role) => lifecycle.kind.roles.body.includes(role));
  const steps = cameBack(lifecycles, events, isOfBody).map((event) => ({ event, status: '' }));
  return timelineItems(steps, reader);
}

/**
 * Returns a record at a point, with the steps to it in effective order.
 * @throws ProblemError 404 if it did not exist or was not known then.
 */
export async function readAtPoint(
  access: RecordsAccess,
  history: RecordHistory,
  point: Point,
  now: number,
): Promise<{
  readonly atPoint: RecordAtPoint;
  readonly steps: readonly PathStep<unknown, ReadEvent>[];
  readonly events: readonly ReadEvent[];
}> {
  const { lifecycles } = access;
  const read = await recordAt(access, history, point, now);
  if (read === null) throw notKnownAtThatTime();
  const { record, day, events, view } = read;
  const steps = await runYielding(effectivePath(lifecycles, events, view));
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const chart = chartOfSteps(lifecycles, record, steps, { view, day });
  await turnIfLong(steps);
  const included = isView ? steps.map(({ event }) => event) : events;
  const atPoint = {
    ...{ record, day, chart, textEvent: textEventOf(included), detailEvents: [], waiting: [] },
    ...(record.says !== undefined && {
      ...summaryParts(record, steps, day),
      detailEvents: await wholeEvents(access, detailEventsAt(included, chart)),
    }),
  };
  return { atPoint, steps, events };
}

function detailEventsAt(events: readonly ReadEvent[], { regions }: RecordChart): readonly ReadEvent[] {
  const details = detailEventsOf(events);
  const led = new Set([1, ...regions.map(({ path }) => path.at(-1)?.version)]);
  return events.filter((event) => details.has(event) || led.has(event.version));
}

/** Returns the dates and waiting items of a record's summary that no other part contains. */
function summaryParts(
  record: ReadRecord,
  steps: readonly PathStep<unknown, ReadEvent>[],
  day: string,
): Pick<RecordAtPoint, 'record' | 'waiting'> {
  const last = steps.at(-1);
  const code = last === undefined ? NO_SUMMARY : last.lifecycle.code.summary;
  const value = last?.value ?? {};
  const summary = steps.reduce(
    (before, step) => step.lifecycle.code.summary.after(before, step.event, step.value),
    code.initial,
  );
  const deadlines = (code.dates?.(summary) ?? []).map((date) => {
    const { id, kind, dueOn, firstDueOn } = date;
    const state = isSettledBy(code, value, date) ? ('settled' as const) : dateState(dueOn, day);
    return { id, kind, dueOn, firstDueOn, state };
  });
  const waiting = Object.entries(code.waits ?? {}).flatMap(([what, wait]) =>
    wait.persons(summary, value) === null ? [] : [what],
  );
  // A view with deadlines has more details of each deadline.
  return { record: record.deadlines.length > 0 ? record : { ...record, deadlines }, waiting };
}

type Whole = (events: readonly ReadEvent[]) => Promise<ReadEvent[]>;

function textEventOf(events: readonly ReadEvent[]): string {
  const stating = events.findLast((event) => viewOfEvent(event).ownTexts(event).includes('text'));
  return (stating ?? events.find(({ version }) => version === 1))?.eventId ?? '';
}

/** Returns the latest submissions with their texts, newest first. */
async function submissionsOf(latest: readonly Submitted[], whole: Whole): Promise<SeenSubmission[]> {
  if (latest.length === 0) return [];
  const events = latest.flatMap(({ event, decision }) => (decision === null ? [event] : [event, decision]));
  const fullEvents = new Map((await whole([...new Set(events)])).map((event) => [event.eventId, event]));
  const readOf = (event: ReadEvent): ReadEvent => fullEvents.get(event.eventId) ?? event;
  return latest
    .toReversed()
    .map(({ event, decision }) =>
      viewOfEvent(event).submission({ event: readOf(event), decision: decision && readOf(decision) }),
    );
}

async function entriesOf(
  view: readonly PathStep<unknown, ReadEvent>[],
  request: EntriesRequest,
  reader: {
    readonly seesInternal: boolean;
    readonly whole: Whole;
    /** Called with the events that the page will show. */
    readonly onShown: (events: readonly ReadEvent[]) => Promise<void>;
  },
): Promise<SeenEntries> {
  const steps = timelineSteps(view, reader).reverse();
  await turnIfLong(steps);
  const pages = Math.max(1, Math.ceil(steps.length / request.size));
  const page = Math.min(Math.max(1, pageOf(steps, request)), pages);
  const before =
    request.from === undefined ? (page - 1) * request.size : Math.max(0, indexOf(steps, request.from));
  const shown = steps.slice(before, before + request.size);
  await reader.onShown(shown.map(({ event }) => event));
  const items = await timelineItems(shown, reader);
  return {
    items,
    before,
    page,
    pages,
    total: steps.length,
    versions: versionsOf(items, view),
    redactedBy: redactionVersions(steps),
  };
}

const redactionVersions = (steps: readonly TimelineStep[]): ReadonlyMap<string, number> =>
  new Map(
    steps.flatMap(({ event }) => {
      const redaction = redactionOf(event);
      return redaction === null ? [] : [[redaction.eventId, event.version] as const];
    }),
  );

function pageOf(steps: readonly TimelineStep[], { page, size, at }: EntriesRequest): number {
  const index = at === undefined ? -1 : indexOf(steps, at);
  return index < 0 ? page : Math.floor(index / size) + 1;
}

const indexOf = (steps: readonly TimelineStep[], version: number): number =>
  steps.findIndex(({ event }) => event.version === version);

function versionsOf(
  items: readonly TimelineItem[],
  view: readonly PathStep<unknown, ReadEvent>[],
): ReadonlyMap<string, number> {
  const named = new Set(
    items.flatMap(({ decides = [], notConsidered = [], completes = [], redacts = [], corrects = [] }) =>
      [decides, notConsidered, completes, redacts, corrects].flat(),
    ),
  );
  if (named.size === 0) return new Map();
  return new Map(
    view.flatMap(({ event: { eventId, version } }) => (named.has(eventId) ? [[eventId, version]] : [])),
  );
}
