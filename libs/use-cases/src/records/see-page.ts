import { redactionOf } from '#event-sourcing/erasure';
import { byTurns, turnIfLong } from '#event-sourcing/folding';
import { effectivePath } from '#lifecycle/effective-view';
import type { PathStep, ViewPoint } from '#lifecycle/effective-view';
import { NO_SUMMARY } from '#lifecycle/summary';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { timelineItems, timelineSteps } from '#read-models/timeline/timeline';
import type { TimelineItem, TimelineStep } from '#read-models/timeline/timeline';
import { summaryBy } from '#read-models/record-row';
import {
  LOOKS_AS_OTHERS,
  OF_THE_RECIPIENT,
  readsInternal,
  rightsOf,
  rolesOn,
  seesRecipient,
} from '#state-machines/access';
import type { Viewer } from '#state-machines/access';
import { viewOf, viewOfEvent } from '#state-machines/any-kind';
import { dateState, isSettledBy } from '#state-machines/capabilities/deadlines';
import type { SeenSubmission, Submitted } from '#state-machines/record-view';
import { requireRole } from '../asked.ts';
import type { Reader } from '../asked.ts';
import { ProblemError } from '../problems.ts';
import { cameBack } from './came-back.ts';
import type { RecordHistory } from './known-histories.ts';
import type { ReadRecord } from './read-record.ts';
import { recordAt } from './record-at.ts';
import type { Point } from './record-at.ts';
import { chartOfSteps } from './record-chart.ts';
import { tellingOf, wholeEvents } from './record-events.ts';
import type { RecordsAccess } from './records-access.ts';
import { notThen, recipientOf, visibleHistory } from './visible-record.ts';
import { recordInternal } from './withhold.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ReadEvent } from '#lifecycle/lifecycles';

/**
 * Which entries of a record's history are asked for, newest first: a page of them by its number, or the one with a version on it; or
 * those from a version on.
 */
export interface EntriesAsked {
  readonly page: number;
  readonly size: number;
  readonly at?: number;
  readonly from?: number;
}

/** Some entries of a record's history, newest first. */
interface SeenEntries {
  readonly items: readonly TimelineItem[];
  /** How many stand before them. */
  readonly before: number;
  readonly page: number;
  readonly pages: number;
  readonly total: number;
  /** The versions of events that these name, by their ids. */
  readonly versions: ReadonlyMap<string, number>;
  /** The versions of the events that redacted what others said, by the ids of these. */
  readonly redactedBy: ReadonlyMap<string, number>;
}

/** How a record stands at a point, and the way there. */
export interface Standing {
  readonly record: ReadRecord;
  /** The plain date for whose end it is told. */
  readonly day: string;
  readonly chart: RecordChart;
  /** The event that says the text as it stands. */
  readonly textEvent: string;
  /**
   * Of a record whose lifecycle does not say how it is shown, the events from which a page tells it, whole and in their order: the
   * first, those that say its details, and those that led to the states in which it is. Empty for others.
   */
  readonly telling: readonly ReadEvent[];
  /** What waits for a decision, by name, as the summary of such a lifecycle has it. */
  readonly waiting: readonly string[];
}

/** All that a page shows of a record, read once. */
export interface SeenPage extends Standing {
  /** The latest, newest first, and how many there are. */
  readonly submissions: readonly SeenSubmission[];
  readonly submitted: number;
  readonly entries: SeenEntries;
  /** What was sent back and still stands, of an open record as it is now; the oldest first. */
  readonly cameBack: readonly TimelineItem[];
  /** What can be corrected in events, by their ids; nothing where the viewer may not request a correction. */
  readonly correctable: ReadonlyMap<string, readonly string[]>;
  /** The viewer's, in which they act on the record. */
  readonly roles: readonly string[];
  /** How many entries of the history the viewer sees, and those do not as whom they look. */
  readonly hidden: number;
}

/** As whom else one looks at a record: those who are to read it, and did not write it. */
export const LOOKED_AS: readonly string[] = [...OF_THE_RECIPIENT, 'auditor'];

/** What is asked of a page: when, which entries of the history, and as whom else one looks. */
interface PageAsked {
  readonly view: ViewPoint;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly entries: EntriesAsked;
  readonly as?: string | undefined;
}

/** So many submissions are shown with the history, which has all of them. */
const SUBMISSIONS_MAX = 5;

/**
 * A record with its history and its chart, as stored now, or as it was effective on a date and known at an instant; as the viewer sees it,
 * or somebody of another role, with what both of them may see. On record is what the viewer is given.
 * @throws CommandRefusedError 404 where there is no such record, or it is of a body that the viewer does not see.
 * @throws ProblemError 404 where it did not exist then, or was not known yet, or is not there for who has the other role; 403 where the viewer
 * does not look as others.
 */
export async function seePage(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'lifecycles' | 'histories' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  { view, now, entries, as }: PageAsked,
): Promise<SeenPage> {
  const history = await visibleHistory(access, viewer, reference);
  const recipient = recipientOf(history.events);
  const own = readsInternal(viewer, recipient);
  const seesInternal = (as === undefined || otherReadsInternal(viewer, recipient, as)) && own;
  const { standing, steps, events } = await standingAt(access, history, { view }, now);
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const taken = isView ? steps.map(({ event }) => event) : events;
  const details = new Set(events.filter((event, index) => event !== history.events[index]));
  // What says the record's details is whole already.
  const whole: Whole = async (asked) => {
    const missing = asked.filter((event) => !details.has(event));
    const read = await wholeEvents(access, missing);
    const byId = new Map(read.map((event) => [event.eventId, event]));
    return asked.map((event) => byId.get(event.eventId) ?? event);
  };
  const seen = await entriesOf(steps, entries, {
    seesInternal,
    whole,
    given: async (shown) => {
      if (seesInternal) await recordInternal(access, viewer, reference, shown);
    },
  });
  const { name } = standing.record.lifecycle;
  const { submissions: submitted, correctable, correctBy = '' } = viewOf(name);
  const all = submitted(taken);
  const submissions = await submissionsOf(all.slice(-SUBMISSIONS_MAX), whole);
  const roles = rolesOn(viewer, standing.record.recipient);
  const correcting = access.lifecycles.current(name).commands[correctBy]?.roles ?? [];
  const mayCorrect = correcting.some((role) => roles.includes(role));
  await turnIfLong(steps);
  return {
    ...standing,
    submissions,
    cameBack:
      isView || as !== undefined ? [] : await sentBack(access, history, { seesInternal, whole, roles }),
    submitted: all.length,
    entries: seen,
    correctable: mayCorrect ? correctable(taken) : new Map(),
    roles,
    hidden: own === seesInternal ? 0 : timelineSteps(steps, { seesInternal: own }).length - seen.total,
  };
}

async function sentBack(
  { lifecycles }: Pick<RecordsAccess, 'lifecycles'>,
  { events }: RecordHistory,
  reader: { readonly seesInternal: boolean; readonly whole: Whole; readonly roles: readonly string[] },
): Promise<readonly TimelineItem[]> {
  const last = events.at(-1);
  if (last === undefined) return [];
  const lifecycle = lifecycles.of(last);
  if (last.state !== null && summaryBy(lifecycle).isClosed(last.state)) return [];
  const isOfBody = reader.roles.some((role) => lifecycle.kind.roles.body.includes(role));
  const steps = cameBack(lifecycles, events, isOfBody).map((event) => ({ event, status: '' }));
  return timelineItems(steps, reader);
}

/** @throws ProblemError as `seePage`. */
function otherReadsInternal(viewer: Viewer, recipient: string | null, as: string): boolean {
  requireRole({ ...viewer, roles: rolesOn(viewer, recipient) }, LOOKS_AS_OTHERS);
  const other = rightsOf(as, recipient);
  if (!seesRecipient(other, recipient))
    throw new ProblemError('not-found', 'The record is for no body: nobody sees it as one of its people');
  return readsInternal(other, recipient);
}

/**
 * How a record stands at a point, and the steps to there in effective order.
 * @throws ProblemError 404 where it did not exist then, or was not known yet.
 */
export async function standingAt(
  access: Pick<RecordsAccess, 'store' | 'lifecycles'>,
  history: RecordHistory,
  point: Point,
  now: number,
): Promise<{
  readonly standing: Standing;
  readonly steps: readonly PathStep<unknown, ReadEvent>[];
  readonly events: readonly ReadEvent[];
}> {
  const { lifecycles } = access;
  const read = await recordAt(access, history, point, now);
  if (read === null) throw notThen();
  const { record, day, events, view } = read;
  const steps = await byTurns(effectivePath(lifecycles, events, view));
  const isView = view.effectiveOn !== null || view.knownAt !== null;
  const chart = chartOfSteps(lifecycles, record, steps, { view, day });
  await turnIfLong(steps);
  const taken = isView ? steps.map(({ event }) => event) : events;
  const standing = {
    ...{ record, day, chart, textEvent: textEventOf(taken), telling: [], waiting: [] },
    ...(record.says !== undefined && {
      ...summed(record, steps, day),
      telling: await wholeEvents(access, tellingAt(taken, chart)),
    }),
  };
  return { standing, steps, events };
}

function tellingAt(taken: readonly ReadEvent[], { regions }: RecordChart): readonly ReadEvent[] {
  const details = tellingOf(taken);
  const led = new Set([1, ...regions.map(({ path }) => path.at(-1)?.version)]);
  return taken.filter((event) => details.has(event) || led.has(event.version));
}

/** What a record's summary says of its dates, and of what waits, where nothing else says it. */
function summed(
  record: ReadRecord,
  steps: readonly PathStep<unknown, ReadEvent>[],
  day: string,
): Pick<Standing, 'record' | 'waiting'> {
  const last = steps.at(-1);
  const code = last === undefined ? NO_SUMMARY : summaryBy(last.lifecycle);
  const value = last?.value ?? {};
  const summary = steps.reduce(
    (before, step) => summaryBy(step.lifecycle).after(before, step.event, step.value),
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
  // A view that has deadlines says more of each.
  return { record: record.deadlines.length > 0 ? record : { ...record, deadlines }, waiting };
}

type Whole = (events: readonly ReadEvent[]) => Promise<ReadEvent[]>;

function textEventOf(taken: readonly ReadEvent[]): string {
  const says = taken.findLast((event) => viewOfEvent(event).says(event).includes('text'));
  return (says ?? taken.find(({ version }) => version === 1))?.eventId ?? '';
}

/** The same newest first, and with their texts. */
async function submissionsOf(latest: readonly Submitted[], whole: Whole): Promise<SeenSubmission[]> {
  if (latest.length === 0) return [];
  const events = latest.flatMap(({ event, decision }) => (decision === null ? [event] : [event, decision]));
  const read = new Map((await whole([...new Set(events)])).map((event) => [event.eventId, event]));
  const readOf = (event: ReadEvent): ReadEvent => read.get(event.eventId) ?? event;
  return latest
    .toReversed()
    .map(({ event, decision }) =>
      viewOfEvent(event).submission({ event: readOf(event), decision: decision && readOf(decision) }),
    );
}

async function entriesOf(
  view: readonly PathStep<unknown, ReadEvent>[],
  asked: EntriesAsked,
  reader: {
    readonly seesInternal: boolean;
    readonly whole: Whole;
    /** Told of the events that are shown, before they are. */
    readonly given: (events: readonly ReadEvent[]) => Promise<void>;
  },
): Promise<SeenEntries> {
  const steps = timelineSteps(view, reader).reverse();
  await turnIfLong(steps);
  const pages = Math.max(1, Math.ceil(steps.length / asked.size));
  const page = Math.min(Math.max(1, pageOf(steps, asked)), pages);
  const before = asked.from === undefined ? (page - 1) * asked.size : Math.max(0, indexOf(steps, asked.from));
  const shown = steps.slice(before, before + asked.size);
  await reader.given(shown.map(({ event }) => event));
  const items = await timelineItems(shown, reader);
  return {
    items,
    before,
    page,
    pages,
    total: steps.length,
    versions: versionsOf(items, view),
    redactedBy: redactedBy(steps),
  };
}

const redactedBy = (steps: readonly TimelineStep[]): ReadonlyMap<string, number> =>
  new Map(
    steps.flatMap(({ event }) => {
      const redaction = redactionOf(event);
      return redaction === null ? [] : [[redaction.eventId, event.version] as const];
    }),
  );

function pageOf(steps: readonly TimelineStep[], { page, size, at }: EntriesAsked): number {
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
