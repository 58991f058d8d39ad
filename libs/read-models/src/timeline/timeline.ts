import { runYielding, stopIfLong, turnIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { effectivePath } from '#lifecycle/effective-view';
import type { HistoryLine } from '#lifecycle/command-form';
import type { PathStep } from '#lifecycle/effective-view';
import type { Lifecycles, ReadEvent } from '#lifecycle/lifecycles';
import { headlineOf } from '#lifecycle/words';
import { lifecycles } from '#state-machines/lifecycles';
import { isInternal, viewOfEvent } from '#state-machines/any-kind';
import { groundsOf, memberValue } from '#state-machines/record-view';
import type { LineMembers } from '#state-machines/record-view';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';

/** One entry of a record's history, as shown to a reader. */
export interface TimelineItem extends LineMembers, Omit<HistoryLine, 'decides'> {
  readonly version: number;
  readonly recordedAt: string;
  /** The reason, as text or a code; null if erased, absent if the event has none. */
  readonly reason?: string | null;
  /** The status after the event, in effective order. */
  readonly status: string;
}

/** An event to show, and the status after it. */
export interface TimelineStep {
  readonly event: ReadEvent;
  readonly status: string;
}

interface Reader {
  readonly seesInternal: boolean;
}

interface WholeReader extends Reader {
  /** Returns the events with their texts, in the same order. Called only for entries with text that is not erased. */
  readonly whole: (events: readonly ReadEvent[]) => Promise<readonly ReadEvent[]>;
}

/** The number of events whose texts are read at once; a text has at most 50,000 characters. */
const READ_AT_ONCE = 16;

/**
 * Yields the entries of a record's events by effective date, then in stored order. Unless `seesInternal`, leaves out
 * internal comments and events that reveal them. Texts are read in groups as entries are consumed.
 */
export async function* timelineOf(
  lifecycles: Lifecycles,
  events: readonly ReadEvent[],
  reader: WholeReader,
): AsyncGenerator<TimelineItem> {
  const steps = await runYielding(stepsOf(lifecycles, events, reader));
  await turnIfLong(steps);
  for (let from = 0; from < steps.length; from += READ_AT_ONCE) {
    yield* await timelineItems(steps.slice(from, from + READ_AT_ONCE), reader);
    await turnIfLong(steps);
  }
}

/** Returns the entries of events, reading all texts at once. */
export async function timelineItems(
  steps: readonly TimelineStep[],
  reader: WholeReader,
): Promise<TimelineItem[]> {
  const withText = steps.map(({ event }) => event).filter(hasShownText);
  const read = withText.length === 0 ? [] : await reader.whole(withText);
  const wholes = new Map(read.map((event) => [event.eventId, event]));
  return steps.map(({ event, status }) =>
    shownItem({ event: wholes.get(event.eventId) ?? event, status }, reader),
  );
}

/** Returns whether an entry shows a text. Sources are never shown, and an owner's name is already loaded. */
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

/** Returns the events of a view that the reader may see, in order. */
export function timelineSteps(
  view: readonly PathStep<unknown, ReadEvent>[],
  { seesInternal }: Reader,
): TimelineStep[] {
  const events = view.map(({ event }) => event).sort((one, other) => one.version - other.version);
  const isShown = seesInternal ? () => true : isShownWithoutInternal(events);
  // A comment that completes another is shown in place of the other.
  const [first] = events;
  const replacementOf = first === undefined ? () => null : viewOfEvent(first).replacements(events);
  return view.flatMap(({ event, value, lifecycle }) => {
    const replacement = replacementOf(event);
    return replacement === null || !isShown(replacement)
      ? []
      : [{ event: replacement, status: lifecycle.statusOf(value) }];
  });
}

/**
 * Returns a predicate for the events that readers without access to internal comments may see.
 * @param events all events to which an event may refer.
 */
export function isShownWithoutInternal(events: readonly ReadEvent[]): (event: ReadEvent) => boolean {
  const hidden = new Set(events.filter(isInternal).map(({ eventId }) => eventId));
  return (event) => !hidden.has(event.eventId) && !hidden.has(redactionOf(event)?.eventId ?? '');
}

function shownItem({ event, status }: TimelineStep, { seesInternal }: Reader): TimelineItem {
  const item = itemOf(event, status);
  return seesInternal ? item : withoutWhy(item);
}

/** Removes the reason of a redaction, which can reveal the redacted text, for readers with restricted access. */
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
    ...viewOfEvent(event).lineMembers(event),
    status,
  };
}

/** The members that can contain personal text; each event has at most one. */
export const TEXT_MEMBERS = ['text', 'title', 'statement', 'reason', 'note'] as const;

function textOf(event: ReadEvent): string | null | undefined {
  // A reason can also be a code, which the headline shows.
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(event.commitments, `/data/${each}`));
  const value = member && memberValue(event, member);
  return typeof value === 'string' || value === null ? value : undefined;
}
