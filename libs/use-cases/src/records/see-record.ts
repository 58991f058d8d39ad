import { redactionOf } from '#event-sourcing/erasure';
import type { ViewPoint } from '#lifecycle/effective-view';
import type { Viewer } from '#state-machines/access';
import type { ReadRecord } from './read-record.ts';
import { recordAt } from './record-at.ts';
import type { RecordsAccess } from './records-access.ts';
import {
  notKnownAtThatTime,
  visibleHistory,
  visibleState,
  recipientOf,
  recipientNow,
} from './visible-record.ts';
import type { RecordReference } from '#lifecycle/kind';
import type { ShownRecord } from '#state-machines/record-view';
import { runYielding } from '#event-sourcing/folding';
import { londonDate } from '#state-machines/london';
import type { RecordChart } from '#lifecycle/travelled-chart';
import { recordChart } from './record-chart.ts';
import type { Reason } from '#lifecycle/refused';
import { callerOf } from '../call-context.ts';
import { timelineOf } from '#read-models/timeline/timeline';
import type { TimelineItem } from '#read-models/timeline/timeline';
import { readsInternal, seesRecipient } from '#state-machines/access';
import type { Reader } from '../call-context.ts';
import { wholeEvents } from './record-events.ts';
import { recordInternal } from './withhold.ts';
import type { Envelope } from '#event-sourcing/envelope';
import { streamOf } from '#lifecycle/kind';
import { redactFor } from './see-events.ts';

/** A record as shown, its day, and the version of its last redaction: together they identify the version of a cached copy. */
export interface SeenRecord {
  readonly record: ReadRecord;
  /** The record with only the parts that its lifecycle has. */
  readonly shown: ShownRecord;
  readonly day: string;
  readonly redactedIn: number | null;
}

/**
 * Returns a record, now or as effective on a date and known at an instant.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then.
 */
export async function seeRecord(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
  { view, now }: { readonly view: ViewPoint; readonly now: number },
): Promise<SeenRecord> {
  const history = await visibleHistory(access, viewer, reference);
  const read = await recordAt(access, history, { view }, now);
  if (read === null) throw notKnownAtThatTime();
  const redactedIn = history.events.findLast((event) => redactionOf(event) !== null)?.version ?? null;
  const { record, shown, day } = read;
  return { record, shown, day, redactedIn };
}

/**
 * Returns a record's statechart with its current state and path, now or as effective on a date and known at an instant.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws ProblemError 404 if it did not exist or was not known then.
 */
export async function seeChart(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
  { view, now }: { readonly view: ViewPoint; readonly now: number },
): Promise<RecordChart> {
  const { events, state } = await visibleHistory(access, viewer, reference);
  const chart = await runYielding(recordChart(access.lifecycles, events, view, londonDate(now), state));
  if (chart === null) throw notKnownAtThatTime();
  return chart;
}

/** A command and all current reasons against it. */
export interface SeenCommand {
  readonly command: string;
  readonly allowed: boolean;
  readonly because: readonly Reason[];
  /** The open points of the record that do not prevent the command; absent if there are none. */
  readonly stillOpen?: readonly string[];
}

/**
 * Returns every command of a record, whether the viewer may use it now, and all reasons against it.
 * @param now milliseconds since 1970.
 * @throws CommandRefusedError 404 if the record does not exist or belongs to a body that the viewer cannot see.
 */
export async function seeCommands(
  access: RecordsAccess,
  viewer: Viewer,
  reference: RecordReference,
  now: number,
): Promise<SeenCommand[]> {
  const { commands } = access;
  const loaded = await visibleState(access, viewer, reference);
  const caller = {
    ...{ ...callerOf(viewer), now, streamId: streamOf(reference) },
    mayTouch: ({ body }: { readonly body: string | null }) => seesRecipient(viewer, body, reference.kind),
  };
  const { state, lifecycle } = loaded;
  return Promise.all(
    Object.keys(lifecycle.commands).map(async (command) => {
      const because = await commands.allowed.allReasonsAgainst(command, loaded, caller);
      const isAllowed = because.length === 0;
      const stillOpen = isAllowed
        ? (lifecycle.commands[command]?.stillOpen?.(state, londonDate(now)) ?? [])
        : [];
      return { command, allowed: isAllowed, because, ...(stillOpen.length > 0 && { stillOpen }) };
    }),
  );
}

/**
 * Yields a record's history line by line, as far as the viewer may read it.
 * @throws CommandRefusedError 404, before the first line, if the record does not exist or belongs to a body that the viewer cannot see.
 * @throws StoreUnavailableError as `recordInternal`.
 */
export async function seeTimeline(
  access: RecordsAccess,
  viewer: Reader,
  reference: RecordReference,
): Promise<AsyncIterable<TimelineItem>> {
  const { events } = await visibleHistory(access, viewer, reference);
  const seesInternal = readsInternal(viewer, recipientOf(events), reference.kind);
  if (seesInternal) await recordInternal(access, viewer, reference, events);
  return timelineOf(access.lifecycles, events, {
    seesInternal,
    whole: (requested) => wholeEvents(access, requested),
  });
}

/** Returns one event of a record as a person may read it now; null if there is none or they cannot see the record. */
export async function seeEvent(
  access: Pick<RecordsAccess, 'store' | 'readModels' | 'accesses'>,
  viewer: Reader,
  reference: RecordReference,
  eventId: string,
): Promise<Envelope | null> {
  const recipient = await recipientNow(access.store, access.readModels, reference);
  if (recipient === undefined || !seesRecipient(viewer, recipient, reference.kind)) return null;
  const stored = await access.store.findEvents(streamOf(reference), [eventId]);
  const [event] = await redactFor(access, viewer, reference, recipient)(stored);
  return event ?? null;
}
