import type { Envelope, JsonObject, JsonValue } from '#event-sourcing/envelope';
import { effectiveView } from '#lifecycle/effective-view';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { isInternalComment, standIns } from '#state-machines/inspection-recommendation/v1/record';
import { groundsOf, namedIds, particularsOf } from '#state-machines/inspection-recommendation/v1/told';
import type { NamedIds, Particulars } from '#state-machines/inspection-recommendation/v1/told';
import { inspectionRecommendation } from '#state-machines/inspection-recommendation/v1/lifecycle';

/** One line of a record's history, as a reader wants to see it, with the ids of what it names and what else it says. */
export interface TimelineItem extends NamedIds, Particulars {
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
interface Step {
  readonly event: Envelope;
  readonly status: string;
}

interface Reader {
  readonly seesInternal: boolean;
}

/**
 * A record's events in effective order: by the date on which each holds, then as they were stored. Without
 * `seesInternal`, internal comments are left out, and what tells of them too.
 */
export const timeline = (events: readonly Envelope[], reader: Reader): TimelineItem[] =>
  stepsOf(events, reader).map((step) => shownItem(step, reader));

/** So many events are read whole at once; a text has 50,000 characters at most. */
const READ_AT_ONCE = 16;

/**
 * The same of events without their texts, some of them at once read whole as they are shown.
 * @param reader.whole gives events as they are stored, in their order; asked only for those of which a line has a text that is still there.
 */
export async function* timelineOf(
  events: readonly Envelope[],
  reader: Reader & { readonly whole: (events: readonly Envelope[]) => Promise<readonly Envelope[]> },
): AsyncGenerator<TimelineItem> {
  const steps = stepsOf(events, reader);
  for (let from = 0; from < steps.length; from += READ_AT_ONCE) {
    const shown = steps.slice(from, from + READ_AT_ONCE);
    const asked = shown.map(({ event }) => event).filter(hasShownText);
    const read = asked.length === 0 ? [] : await reader.whole(asked);
    const wholes = new Map(read.map((event) => [event.eventId, event]));
    for (const { event, status } of shown) {
      yield shownItem({ event: wholes.get(event.eventId) ?? event, status }, reader);
    }
  }
}

/** A source is never shown, and the owner is at hand. */
const hasShownText = ({ type, salts, data, commitments }: Envelope): boolean =>
  type !== 'RegisterRecordImported' &&
  Object.keys(commitments).some(
    (pointer) => Object.hasOwn(salts, pointer) && !(pointer === '/data/owner' && 'owner' in data),
  );

function stepsOf(events: readonly Envelope[], { seesInternal }: Reader): Step[] {
  const hidden = new Set(seesInternal ? [] : events.filter(isInternalComment).map(({ eventId }) => eventId));
  const isShown = ({ eventId, data }: Envelope) =>
    !hidden.has(eventId) && !hidden.has(data['eventId'] as string);
  // A comment that completes another one has its place.
  const standIn = standIns(events);
  return effectiveView(inspectionRecommendation, events, { effectiveOn: null, knownAt: null })
    .flatMap(({ event, state }) => {
      const stands = standIn(event);
      return stands === null || !isShown(stands) ? [] : [{ event: stands, state }];
    })
    .map(({ event, state }) => ({ event, status: state.value['progress'] as string }));
}

function shownItem({ event, status }: Step, { seesInternal }: Reader): TimelineItem {
  const item = itemOf(event, status);
  return seesInternal ? item : withoutWhy(item);
}

/** Why a text was redacted can tell what it said: it is for those who read everything. */
function withoutWhy(item: TimelineItem): TimelineItem {
  if (item.type !== 'CommentRedacted') return item;
  const { text: _text, reason: _reason, ...rest } = item;
  return rest;
}

function itemOf(event: Envelope, status: string): TimelineItem {
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
    headline: headlineOf(event),
    ...(text !== undefined && { text }),
    ...(reason !== undefined && { reason }),
    ...namedIds(event),
    ...particularsOf(event),
    status,
  };
}

/** Where events keep what a person wrote; an event has one of these. */
const TEXT_MEMBERS = ['text', 'title', 'statement', 'reason', 'note'] as const;

function textOf({ data, commitments }: Envelope): string | null | undefined {
  for (const member of TEXT_MEMBERS) {
    const value = data[member];
    // A reason can also be a code, which the headline tells.
    if (!Object.hasOwn(commitments, `/data/${member}`)) continue;
    return typeof value === 'string' ? value : null;
  }
  return undefined;
}

function headlineOf({ type, data, commitments }: Envelope): string {
  if (type === 'TextAmended' && Object.hasOwn(commitments, '/data/title')) {
    // Also where what was written is erased.
    return Object.hasOwn(commitments, '/data/text') ? 'Title and text amended' : 'Title amended';
  }
  const headline = Object.hasOwn(HEADLINES, type) ? HEADLINES[type as EventType] : inWords(type);
  return typeof headline === 'string' ? headline : headline(data);
}

const HEADLINES: Readonly<Record<EventType, string | ((data: JsonObject) => string)>> = {
  RecommendationIssued: ({ recipient }) =>
    isWord(recipient) ? `Recommendation issued to ${recipient}` : 'Recommendation issued',
  RecipientAssigned: ({ recipient }) => `Recipient named: ${shown(recipient)}`,
  OwnerAssigned: ({ owner }) => `Owner named: ${shown(owner)}`,
  TextAmended: 'Text amended',

  ProgressStarted: 'Being progressed',
  ReturnedToReview: 'Returned to review',
  RecommendationCompleted: 'Completed',
  NoFurtherActionDecided: ({ reason }) =>
    isWord(reason) ? `No further action needed: ${reason.replaceAll('-', ' ')}` : 'No further action needed',
  RecommendationReopened: 'Reopened',
  'StatusRecorded.awaiting-review': 'Recorded as awaiting review',
  'StatusRecorded.being-progressed': 'Recorded as being progressed',
  'StatusRecorded.complete': 'Recorded as complete',
  'StatusRecorded.no-further-action-needed': 'Recorded as no further action needed',
  UnknownStatusRecorded: ({ status }) =>
    isWord(status) ? `A status recorded that is not known: ${status}` : 'A status recorded that is not known',

  ClosureRequested: 'Closure requested',
  ClosureWithdrawn: 'Closure request withdrawn',
  ClosureRefused: 'Closure refused',

  EvidenceSubmitted: ({ items }) => `Evidence submitted: ${countOf(items)}`,
  EvidenceAccepted: 'Evidence accepted',
  EvidenceRejected: 'Evidence rejected',

  ResponseRequired: 'A response is required',
  ResponsePublished: ({ position, late }) => {
    const published = late === true ? 'Response published late' : 'Response published';
    return isWord(position) ? `${published}: ${position.replaceAll('-', ' ')}` : published;
  },

  CommentAdded: ({ completes }) =>
    isWord(completes) ? 'Comment that takes the place of an earlier one' : 'Comment',
  CommentRedacted: 'A text was redacted',

  DeadlineSet: ({ kind, dueOn }) =>
    `${kind === 'response' ? 'Response due' : 'Deadline set'}: ${longDate(dueOn)}`,
  DeadlineProposed: ({ suggestedOn }) =>
    isWord(suggestedOn)
      ? `A possible deadline was found in the text: ${longDate(suggestedOn)}`
      : 'A possible deadline was found in the text',
  DeadlineDismissed: 'A possible deadline was dismissed',
  DeadlineExtended: ({ dueOn }) => `Deadline extended to ${longDate(dueOn)}`,
  ExtensionRequested: ({ dueOn }) => `Extension requested to ${longDate(dueOn)}`,
  ExtensionRefused: 'Extension refused',
  ExtensionWithdrawn: 'Extension request withdrawn',
  DeadlineWithdrawn: 'Deadline withdrawn',
  DeadlineApproaching: ({ dueOn }) => `The deadline is near: ${longDate(dueOn)}`,
  DeadlinePassed: ({ dueOn }) => `The deadline has passed: ${longDate(dueOn)}`,
  DeadlineEscalated: ({ dueOn }) => `The deadline is long overdue: ${longDate(dueOn)}`,

  SupersedesRecorded: 'Takes the place of another recommendation',
  RegisterRecordImported: 'Imported from a register record',
};

const isWord = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== '';

const shown = (value: JsonValue | undefined): string => (isWord(value) ? value : 'not known');

function countOf(items: JsonValue | undefined): string {
  const count = Array.isArray(items) ? items.length : 0;
  return count === 1 ? '1 item' : `${count} items`;
}

const longDateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `2016-06-30` as `30 June 2016`. */
function longDate(date: JsonValue | undefined): string {
  const time = typeof date === 'string' ? Date.parse(date) : Number.NaN;
  return Number.isNaN(time) ? 'a date that is not known' : longDateFormat.format(time);
}

/** An event type of a later version: `EvidenceLost` as `Evidence lost`. */
function inWords(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
