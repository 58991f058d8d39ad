import type { Envelope } from '#event-sourcing/envelope';
import { eventData, foldBy, readerOf, rowOf } from '#lifecycle/capability';
import type { EventOf } from '#lifecycle/capability';
import type { DecisionContext, Precondition, Rule } from '#lifecycle/decide';
import {
  byEngine,
  freeText,
  identifier,
  withLabel,
  withDescription,
  optional,
  commandMembers,
} from '#lifecycle/fields';
import type { Members } from '#lifecycle/fields';
import { seniorOf } from '#lifecycle/kind';
import type { Noun, RecordKind } from '#lifecycle/kind';
import { inOneSentence, oneOfRoles, roleInWords } from '#lifecycle/words';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { commandPayload, note } from '#lifecycle/shapes';
import type { Notices } from '#lifecycle/notices';
import type { PayloadOf } from '#lifecycle/shapes';
import type { TextsCode } from '#lifecycle/summary';
import { text, visibility, whichEvent, why } from './fields.ts';
import { withActor, isSamePerson } from './persons.ts';
import { presentPointers, withoutRedacted } from './redacted.ts';

/** The facts that the comment commands need. */
export interface CommentFacts {
  /** The people who added comments by commands. */
  readonly commenters: readonly string[];
}

const membersOf = (kind: Pick<RecordKind, 'noun' | 'roles'>) => ({
  text: withLabel(withDescription(text, 'The text of the comment.'), 'Comment'),
  visibility: visibility(kind),
  completes: byEngine(optional(identifier('The id of the comment that this one replaces.'))),
  reason: byEngine(optional(freeText('The reason for the new text.'))),
});

/** The events of every comment, without members that a lifecycle adds. */
const COMMENTS = {
  CommentAdded: note(
    membersOf({ noun: { singular: 'record', plural: 'records' }, roles: { staff: [], body: [] } }),
  ),
};
const read = readerOf(COMMENTS);
type CommentEvent<Base extends Pick<FoldedEvent, 'type' | 'data'>> = EventOf<typeof COMMENTS, Base>;

/** The pointers of a comment's text. */
const COMMENT_TEXTS = ['/data/text'];

/** Returns whether only staff and auditors may read a comment; comments are internal by default. */
export const isInternalComment = (event: Pick<FoldedEvent, 'type' | 'data'>): boolean => {
  const comment = read(event);
  return comment !== null && comment.data.visibility !== 'public';
};

export const isComment = ({ type }: Pick<FoldedEvent, 'type'>): boolean => Object.hasOwn(COMMENTS, type);

/**
 * Returns the id of the comment that an event completes; null for any other event. It also applies to stored events,
 * because this member has the same name in every shape.
 */
const completedBy = (event: Pick<FoldedEvent, 'type' | 'data'>): string | null => {
  const { completes } = event.data;
  return isComment(event) && typeof completes === 'string' ? completes : null;
};

type Listed = Pick<FoldedEvent, 'eventId' | 'type' | 'data'>;

/**
 * Returns a function from an event to the one that is shown in its place: the last comment that completes it, or the
 * event itself. The function returns null for a comment that is shown in place of another.
 */
export function replacementsOf<Event extends Listed>(
  events: readonly Event[],
): (event: Event) => Event | null {
  const completing = new Map<string, Event>();
  const seen = new Set<string>();
  const moved = new Set<string>();
  for (const event of events) {
    const completed = completedBy(event);
    // Requiring the completed comment to be earlier rules out cycles.
    if (completed !== null && seen.has(completed)) {
      completing.set(completed, event);
      moved.add(event.eventId);
    }
    seen.add(event.eventId);
  }
  return (event) => {
    if (moved.has(event.eventId)) return null;
    let last = event;
    for (let next = completing.get(last.eventId); next; next = completing.get(last.eventId)) last = next;
    return last;
  };
}

/** Returns a record's events with each completed comment replaced by its latest version. */
export function withoutReplaced<Event extends Listed>(events: readonly Event[]): Event[] {
  const replacementOf = replacementsOf(events);
  return events.flatMap((event) => replacementOf(event) ?? []);
}

/** Returns the ids of all events that complete these comments or are completed by them. */
export function sameComment(events: readonly Listed[], eventIds: readonly string[]): ReadonlySet<string> {
  const ids = new Set(eventIds);
  for (const event of events.toReversed()) {
    const completed = completedBy(event);
    if (completed !== null && ids.has(event.eventId)) ids.add(completed);
  }
  for (const event of events) {
    const completed = completedBy(event);
    if (completed !== null && ids.has(completed)) ids.add(event.eventId);
  }
  return ids;
}

/** Returns a comment's events, the original and its corrections; empty if the record does not contain it. */
function eventsOf(history: readonly Envelope[], eventId: string): readonly Envelope[] {
  const ids = sameComment(history, [eventId]);
  return history.filter((event) => ids.has(event.eventId));
}

type SeenEvents = (
  context: Pick<DecisionContext, 'history' | 'role'>,
  eventId: string,
) => readonly Envelope[];

/**
 * Returns a function for the events of a record that a person may see: without internal comments if they may not read
 * those.
 */
const seenEventsBy =
  (staff: readonly string[]): SeenEvents =>
  ({ history, role }, eventId) => {
    const found = eventsOf(history, eventId);
    return staff.includes(role) || !found.some(isInternalComment) ? found : [];
  };

const internalComment = (staff: readonly string[]) => ({
  what: 'An internal comment',
  roles: staff,
  instead: 'send "visibility": "public"',
});

const CorrectCommentPayload = commandPayload('CorrectCommentPayload', {
  eventId: whichEvent(
    'The event id of the comment, or of an earlier correction of it.',
    'Comment',
    'Choose a comment',
  ),
  text: withLabel(withDescription(text, 'The corrected comment.'), 'Comment', {
    missing: 'Enter the comment',
  }),
  reason: why('Reason for the correction'),
});
type CorrectCommentPayload = PayloadOf<typeof CorrectCommentPayload>;
type CommentRule = Rule<CommentFacts, CorrectCommentPayload>;

const eventExists = (seen: SeenEvents): CommentRule => ({
  code: 'event-not-found',
  isMet: (_, { eventId }, context) => seen(context, eventId).length > 0,
  detail: (_, { eventId }) => `This record has no event ${eventId}; list its events to find the id`,
});

const addedHere = (seen: SeenEvents): CommentRule => ({
  code: 'comment-given-here',
  kind: 'state',
  isMet: (_, { eventId }, context) =>
    seen(context, eventId).every((event) => read(event) !== null && event.origin === 'command'),
  detail: () => 'Only a comment added in Docket can be corrected, not one from an imported file',
});

const notErased = (seen: SeenEvents): CommentRule => ({
  code: 'comment-readable',
  kind: 'state',
  isMet: (_, { eventId }, context) => {
    const ids = new Set(seen(context, eventId).map((event) => event.eventId));
    return withoutRedacted(context.history).every(
      (event) =>
        !ids.has(event.eventId) ||
        read(event) === null ||
        COMMENT_TEXTS.every((pointer) => presentPointers(event).includes(pointer)),
    );
  },
  detail: () => 'The comment was redacted; add a new one instead',
});

const hasNewText = (seen: SeenEvents): CommentRule => ({
  code: 'comment-changes',
  kind: 'state',
  isMet: (_, { eventId, text: written }, context) => {
    const last = seen(context, eventId).at(-1);
    return last === undefined || read(last)?.data.text !== written;
  },
  detail: () => 'The comment already has this text',
});

const itsAuthor = (seen: SeenEvents, kind: RecordKind): CommentRule => ({
  code: 'the-author',
  kind: 'people',
  isMet: (_, { eventId }, context) => {
    const [first] = seen(context, eventId);
    return first === undefined || isSamePerson(first.actor.subject, context.actor.subject);
  },
  detail: () => whoCorrects(kind),
});

const whoCorrects = (kind: RecordKind): string =>
  `Only the author of a comment can correct it; ${oneOfRoles([seniorOf(kind)])} can redact it`;

const noneToCorrect = (kind: RecordKind): Precondition<CommentFacts> => ({
  code: 'the-author',
  kind: 'people',
  isMet: ({ facts }, { actor }) => facts.commenters.some((each) => isSamePerson(each, actor.subject)),
  detail: () => whoCorrects(kind),
});

/** Requires a correction to have the date of its comment, because another date would be ignored. */
const onItsOwnDate: CommentRule = {
  code: 'effective-date-of-correction',
  pointer: '/effectiveOn',
  isMet: (_, { effectiveOn }, { today }) => effectiveOn === undefined || effectiveOn >= today,
  detail: () =>
    'A correction takes effect on the date of the comment that it corrects; leave effectiveOn out',
};

/**
 * Returns the event that replaces a comment, with the same date and position. Members without a correction are copied.
 */
function correction({ eventId, text: written, reason }: CorrectCommentPayload, history: readonly Envelope[]) {
  const last = eventsOf(withoutRedacted(history), eventId).at(-1);
  const corrected: CommentEvent<Envelope> | null = last === undefined ? null : read(last);
  if (corrected === null) return [];
  const data = { ...corrected.data, text: written, completes: corrected.eventId, reason };
  return [{ type: 'CommentAdded', data, effectiveOn: corrected.effectiveOn } as const];
}

const NOTICES: Notices = {
  CommentAdded: { kind: 'comment', title: 'Comment added', to: ['owner', 'body'] },
};

const TEXTS: TextsCode = {
  at: { CommentAdded: { '/data/text': 'comment' } },
  isInternal: isInternalComment,
  completes: completedBy,
};

const wordsOf = ({ singular }: Noun) => ({
  commands: {
    'add-comment': {
      title: 'Add a comment',
      purpose: `Add to the history of the ${singular}. You can correct it later; the history keeps both texts.`,
    },
    'correct-comment': {
      title: 'Correct a comment',
      purpose: 'Correct a comment that you added. Readers see the new text; the history keeps both texts.',
    },
  },
});

interface CommentOptions<Imported extends Members> {
  readonly kind: RecordKind;
  /** The members that only imported comments have. */
  readonly imported: Imported;
}

/**
 * Returns the capability of comments by all people who act on a record. Authors can correct their comments; comments by
 * staff can be internal.
 */
export function comments<Imported extends Members>({ kind, imported }: CommentOptions<Imported>) {
  const roles = [...kind.roles.staff, ...kind.roles.body];
  const seen = seenEventsBy(kind.roles.staff);
  const members = membersOf(kind);
  const AddCommentPayload = commandPayload('AddCommentPayload', commandMembers(members));
  return {
    events: { CommentAdded: note({ ...members, ...imported }) },
    AddCommentPayload,
    initial: { commenters: [] } satisfies CommentFacts as CommentFacts,
    fold: foldBy<CommentFacts, typeof COMMENTS>(COMMENTS, {
      CommentAdded: ({ commenters }, event) => {
        const after = event.origin === 'command' ? withActor(commenters, event) : commenters;
        return after === commenters ? null : { commenters: after };
      },
    }),
    commands: {
      'add-comment': rowOf<CommentFacts, typeof COMMENTS, PayloadOf<typeof AddCommentPayload>>({
        summary: `Adds a comment, in any status; only ${inOneSentence([...kind.roles.staff, 'auditor'].map((role) => `${roleInWords(role)}s`))} can see an internal comment.`,
        payload: AddCommentPayload,
        roles,
        narrowerUse: ({ visibility: readBy }) =>
          readBy === 'internal' ? internalComment(kind.roles.staff) : null,
        emits: ['CommentAdded'],
        events: (_, payload) => [{ type: 'CommentAdded', data: eventData(payload) }],
      }),
      'correct-comment': rowOf<CommentFacts, typeof COMMENTS, CorrectCommentPayload>({
        summary: 'Corrects your own comment; readers see the new text, and the history keeps both texts.',
        payload: CorrectCommentPayload,
        roles,
        emits: ['CommentAdded'],
        history: ({ eventId }, events) => eventsOf(events, eventId).map((event) => event.eventId),
        preconditions: [noneToCorrect(kind)],
        rules: [
          ...[addedHere, notErased, hasNewText, itsAuthor, eventExists].map((rule) => rule(seen, kind)),
          onItsOwnDate,
        ],
        events: (_, payload, { history }) => correction(payload, history),
      }),
    },
    texts: TEXTS,
    notices: NOTICES,
    words: wordsOf(kind.noun),
  };
}
