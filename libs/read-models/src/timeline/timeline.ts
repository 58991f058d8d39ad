import { atOnce, byTurns, stopIfLong, turnIfLong } from '#event-sourcing/folding';
import type { Folding } from '#event-sourcing/folding';
import { effectivePath } from '#lifecycle/effective-view';
import type { PathStep } from '#lifecycle/effective-view';
import type { Lifecycles } from '#lifecycle/lifecycles';
import type { EventType } from '#state-machines/inspection-recommendation/v1/events';
import { isInternalComment, standIns } from '#state-machines/inspection-recommendation/v1/record';
import type { RecordEnvelope, StoredData } from '#state-machines/inspection-recommendation/v1/record-event';
import { groundsOf, saidBy, saidOf } from '#state-machines/inspection-recommendation/v1/told';
import type { Said } from '#state-machines/inspection-recommendation/v1/told';

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
  readonly event: RecordEnvelope;
  readonly status: string;
}

interface Reader {
  readonly seesInternal: boolean;
}

interface WholeReader extends Reader {
  /** Gives events as they are stored, in their order; asked only for those of which a line has a text that is still there. */
  readonly whole: (events: readonly RecordEnvelope[]) => Promise<readonly RecordEnvelope[]>;
}

/**
 * A record's events in effective order: by the date on which each holds, then as they were stored. Without
 * `seesInternal`, internal comments are left out, and what tells of them too.
 */
export const timeline = (
  lifecycles: Lifecycles,
  events: readonly RecordEnvelope[],
  reader: Reader,
): TimelineItem[] => atOnce(stepsOf(lifecycles, events, reader)).map((step) => shownItem(step, reader));

/** So many events are read whole at once; a text has 50,000 characters at most. */
const READ_AT_ONCE = 16;

/** The same of events without their texts, some of them at once read whole as they are shown. */
export async function* timelineOf(
  lifecycles: Lifecycles,
  events: readonly RecordEnvelope[],
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
const hasShownText = ({ type, salts, data, commitments }: RecordEnvelope): boolean =>
  type !== 'RegisterRecordImported' &&
  Object.keys(commitments).some(
    (pointer) => Object.hasOwn(salts, pointer) && !(pointer === '/data/owner' && 'owner' in data),
  );

function* stepsOf(
  lifecycles: Lifecycles,
  events: readonly RecordEnvelope[],
  reader: Reader,
): Folding<TimelineStep[]> {
  const path = yield* effectivePath(lifecycles, events, { effectiveOn: null, knownAt: null });
  yield* stopIfLong(path);
  return timelineSteps(path, reader);
}

/** What is shown of a view, in its order, to a reader. */
export function timelineSteps(
  view: readonly PathStep<unknown, RecordEnvelope>[],
  { seesInternal }: Reader,
): TimelineStep[] {
  const events = view.map(({ event }) => event).sort((one, other) => one.version - other.version);
  const isShown = seesInternal ? () => true : isShownWithoutInternal(events);
  // A comment that completes another one has its place.
  const standIn = standIns(events);
  return view.flatMap(({ event, value, lifecycle }) => {
    const stands = standIn(event);
    return stands === null || !isShown(stands) ? [] : [{ event: stands, status: lifecycle.statusOf(value) }];
  });
}

/**
 * Says whether an event is shown to who does not read internal comments: those are left out, and what tells of them too.
 * @param events all of which an event may tell
 */
export function isShownWithoutInternal(
  events: readonly RecordEnvelope[],
): (event: RecordEnvelope) => boolean {
  const hidden = new Set(events.filter(isInternalComment).map(({ eventId }) => eventId));
  return ({ eventId, type, data }) =>
    !hidden.has(eventId) && !(type === 'CommentRedacted' && hidden.has(data.eventId));
}

function shownItem({ event, status }: TimelineStep, { seesInternal }: Reader): TimelineItem {
  const item = itemOf(event, status);
  return seesInternal ? item : withoutWhy(item);
}

/** Why a text was redacted can tell what it said: it is for those who read everything. */
function withoutWhy(item: TimelineItem): TimelineItem {
  if (item.type !== 'CommentRedacted') return item;
  const { text: _text, reason: _reason, ...rest } = item;
  return rest;
}

function itemOf(event: RecordEnvelope, status: string): TimelineItem {
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
    ...saidOf(event),
    status,
  };
}

/** Where events keep what a person wrote; an event has one of these. */
const TEXT_MEMBERS = ['text', 'title', 'statement', 'reason', 'note'] as const;

function textOf(event: RecordEnvelope): string | null | undefined {
  // A reason can also be a code, which the headline tells.
  const member = TEXT_MEMBERS.find((each) => Object.hasOwn(event.commitments, `/data/${each}`));
  return member && saidBy(event, member);
}

function headlineOf(event: RecordEnvelope): string {
  const { type, commitments } = event;
  if (type === 'TextAmended' && Object.hasOwn(commitments, '/data/title')) {
    // Also where what was written is erased.
    return Object.hasOwn(commitments, '/data/text') ? 'Title and text amended' : 'Title amended';
  }
  return Object.hasOwn(HEADLINES, type) ? headlineFor(event) : eventTypeInWords(type);
}

function headlineFor<Type extends EventType>({ type, data }: Headlined<Type>): string {
  const headline: Headline<Type> = HEADLINES[type];
  return typeof headline === 'string' ? headline : headline(data);
}

interface Headlined<Type extends EventType> {
  readonly type: Type;
  readonly data: StoredData[Type];
}

/** A line is told whatever is missing. */
type Headline<Type extends EventType> = string | ((data: Partial<StoredData[Type]>) => string);

const HEADLINES: { readonly [Type in EventType]: Headline<Type> } = {
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

  ClosureRequested: ({ outcome, reason, supersededBy }) => {
    if (outcome === 'superseded') return `Closure requested: superseded by ${shown(supersededBy)}`;
    if (outcome !== 'no-further-action') return 'Closure requested';
    return `Closure requested: no further action, ${shown(reason).replaceAll('-', ' ')}`;
  },
  ClosureWithdrawn: 'Closure request withdrawn',
  ClosureRefused: 'Closure refused',

  EvidenceSubmitted: ({ items }) => `Evidence submitted: ${counted(items)}`,
  EvidenceAccepted: 'Evidence accepted',
  EvidenceRejected: 'Evidence rejected',

  ResponseRequired: 'A response is required',
  ResponsePublished: ({ position, late }) => {
    const published = late ? 'Response published late' : 'Response published';
    return isWord(position) ? `${published}: ${position.replaceAll('-', ' ')}` : published;
  },

  CommentAdded: ({ completes, reason }) => {
    if (!isWord(completes)) return 'Comment';
    return isWord(reason) ? 'Comment, corrected' : 'Comment that takes the place of an earlier one';
  },
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

  CorrectionRequested: (data) => `Correction requested: ${correctionInWords(data)}`,
  CorrectionApproved: (data) => `Corrected: ${correctionInWords(data)}`,
  CorrectionRefused: 'Correction refused',

  SupersedesRecorded: 'Takes the place of another recommendation',
  RegisterRecordImported: 'Imported from a register record',
};

/** A correction as a sentence ends: what it says now, and what was said before. */
function correctionInWords({
  publishedOn,
  recipient,
  dueOn,
  insteadOf,
}: Partial<StoredData['CorrectionApproved']>): string {
  const was = (shownAs: (text: string) => string) => (isWord(insteadOf) ? `, not ${shownAs(insteadOf)}` : '');
  if (isWord(publishedOn)) return `published on ${longDate(publishedOn)}${was(longDate)}`;
  if (isWord(recipient)) return `the recipient is ${recipient}${was((text) => text)}`;
  if (isWord(dueOn)) return `due on ${longDate(dueOn)}${was(longDate)}`;
  return 'a claim is confirmed';
}

const isWord = (text: string | null | undefined): text is string => text != null && text !== '';

const shown = (text: string | null | undefined): string => (isWord(text) ? text : 'not known');

const counted = (items: readonly unknown[] = []): string =>
  items.length === 1 ? '1 item' : `${items.length} items`;

const longDateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

/** `2016-06-30` as `30 June 2016`. */
function longDate(date: string | undefined): string {
  const time = Date.parse(date ?? '');
  return Number.isNaN(time) ? 'a date that is not known' : longDateFormat.format(time);
}

/** The name of an event type in words: `EvidenceLost` as `Evidence lost`. */
export function eventTypeInWords(type: string): string {
  const words = type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
