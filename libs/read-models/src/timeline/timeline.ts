import { atOnce, byTurns, stopIfLong, turnIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { effectivePath } from '#lifecycle/effective-view';
import type { PathStep } from '#lifecycle/effective-view';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { headlineOf } from '#lifecycle/words';
import { lifecycles } from '#state-machines/lifecycles';
import { isInternal, viewOfEvent } from '#state-machines/any-kind';
import { groundsOf, saidBy } from '#state-machines/record-view';
import type { Said } from '#state-machines/record-view';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';

/** One line of a record's history, as a reader wants to see it, with what else it says. */
export interface TimelineItem extends Said {
  readonly eventId: string;
  readonly version: number;
  readonly type: string;
  readonly effectiveOn: string;
  readonly recordedAt: string;
  /** The subject who acted. */
  readonly actor: string;
  /** The role under which it was allowed; null where no command was decided. */
  readonly role: string | null;
  readonly headline: string;
  /** What was written; null where it was erased, absent where nothing was written. */
  readonly text?: string | null;
  /** Why, in words or as the code that was chosen; null where it was erased, absent where none was given. */
  readonly reason?: string | null;
  /** The status after it, in this order. */
  readonly status: string;
}

/** A line that is to be shown: its event, and the status after it. */
export interface TimelineStep {
  readonly event: ReadEvent;
  readonly status: string;
}

interface Reader {
  readonly seesInternal: boolean;
}

interface WholeReader extends Reader {
  /** Gives events as they are stored, in their order; asked only for those of which a line has a text that is still there. */
  readonly whole: (events: readonly ReadEvent[]) => Promise<readonly ReadEvent[]>;
}

/**
 * A record's events in effective order: by the date on which each holds, then as they were stored. Without
 * `seesInternal`, internal comments are left out, and what tells of them too.
 */
export const timeline = (
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  reader: Reader,
): TimelineItem[] => atOnce(stepsOf(lifecycles, events, reader)).map((step) => shownItem(step, reader));

/** So many events are read whole at once; a text has 50,000 characters at most. */
const READ_AT_ONCE = 16;

/** The same of events without their texts, some of them at once read whole as they are shown. */
export async function* timelineOf(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  reader: WholeReader,
): AsyncGenerator<TimelineItem> {
  const steps = await byTurns(stepsOf(lifecycles, events, reader));
  await turnIfLong(steps);
  for (let from = 0; from < steps.length; from += READ_AT_ONCE)
    yield* await timelineItems(steps.slice(from, from + READ_AT_ONCE), reader);
}

/** Lines of events without their texts, which are read whole for them, at once. */
export async function timelineItems(
  steps: readonly TimelineStep[],
  reader: WholeReader,
): Promise<TimelineItem[]> {
  const asked = steps.map(({ event }) => event).filter(hasShownText);
  const read = asked.length === 0 ? [] : await reader.whole(asked);
  const wholes = new Map(read.map((event) => [event.eventId, event]));
  return steps.map(({ event, status }) =>
    shownItem({ event: wholes.get(event.eventId) ?? event, status }, reader),
  );
}

/** A source is never shown, and the owner is at hand. */
const hasShownText = ({ type, lifecycle, salts, data, commitments }: ReadEvent): boolean =>
  type !== lifecycles.find(lifecycle)?.words.importEvent &&
  Object.keys(commitments).some(
    (pointer) => Object.hasOwn(salts, pointer) && !(pointer === '/data/owner' && 'owner' in data),
  );

function* stepsOf(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  reader: Reader,
): Folding<TimelineStep[]> {
  const path = yield* effectivePath(lifecycles, events, { effectiveOn: null, knownAt: null });
  yield* stopIfLong(path);
  return timelineSteps(path, reader);
}

/** What is shown of a view, in its order, to a reader. */
export function timelineSteps(
  view: readonly PathStep<unknown, ReadEvent>[],
  { seesInternal }: Reader,
): TimelineStep[] {
  const events = view.map(({ event }) => event).sort((one, other) => one.version - other.version);
  const isShown = seesInternal ? () => true : isShownWithoutInternal(events);
  // A comment that completes another one has its place.
  const [first] = events;
  const standIn = first === undefined ? () => null : viewOfEvent(first).standIns(events);
  return view.flatMap(({ event, value, lifecycle }) => {
    const stands = standIn(event);
    return stands === null || !isShown(stands) ? [] : [{ event: stands, status: lifecycle.statusOf(value) }];
  });
}

/**
 * Says whether an event is shown to who does not read internal comments: those are left out, and what tells of them too.
 * @param events all of which an event may tell
 */
export function isShownWithoutInternal(events: readonly ReadEvent[]): (event: ReadEvent) => boolean {
  const hidden = new Set(events.filter(isInternal).map(({ eventId }) => eventId));
  return (event) => !hidden.has(event.eventId) && !hidden.has(redactionOf(event)?.eventId ?? '');
}

function shownItem({ event, status }: TimelineStep, { seesInternal }: Reader): TimelineItem {
  const item = itemOf(event, status);
  return seesInternal ? item : withoutWhy(item);
}

/** Why a text was redacted can tell what it said: it is for those who read everything. */
function withoutWhy(item: TimelineItem): TimelineItem {
  if (item.type !== REDACTION) return item;
  const { text: _text, reason: _reason, ...rest } = item;
  return rest;
}

function itemOf(event: ReadEvent, status: string): TimelineItem {
  const { eventId, version, type, effectiveOn, recordedAt, actor, decision } = event;
  const text = textOf(event);
  const { reason } = groundsOf(event);
  return {
    eventId,
    version,
    type,
    effectiveOn,
    recordedAt,
    actor: actor.subject,
    role: decision && decision.role,
    headline: headlineOf(lifecycles.find(event.lifecycle)?.words, event),
    ...(text !== undefined && { text }),
    ...(reason !== undefined && { reason }),
    ...viewOfEvent(event).said(event),
    status,
  };
}

/** Where events keep what a person wrote; an event has one of these. */
export const TEXT_MEMBERS = ['text', 'title', 'statement', 'reason', 'note'] as const;

function textOf(event: ReadEvent): string | null | undefined {
  // A reason can also be a code, which the headline tells.
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(event.commitments, `/data/${each}`));
  const said = member && saidBy(event, member);
  return typeof said === 'string' || said === null ? said : undefined;
}
