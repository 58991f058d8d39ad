import type { Envelope } from '#event-sourcing/envelope';
import type { DecisionContext, Foreseen, Rule } from '#lifecycle/decide';
import { WRITES_INTERNAL, isSamePerson } from '../../access.ts';
import type { Facts } from './facts.ts';
import type { CorrectCommentPayload } from './payloads.ts';
import { isInternalComment, sameComment } from './record.ts';
import { asRecordEvents } from './record-event.ts';
import type { DecidedRecordEvent, RecordEnvelope } from './record-event.ts';
import { present, withoutRedacted } from './redaction.ts';

type CommentRule = Rule<Facts, CorrectCommentPayload>;

const TEXT = '/data/text';

/** The events of a comment: as it was written first, and each correction of it; empty where the record has no such event. */
function eventsOf(history: readonly Envelope[], eventId: string): readonly RecordEnvelope[] {
  const events = asRecordEvents(history);
  const ids = sameComment(events, [eventId]);
  return events.filter((event) => ids.has(event.eventId));
}

/** The same as somebody sees it: an internal comment is to those who do not read it as if it were absent. */
function seenEventsOf(
  { history, role }: Pick<DecisionContext<Facts>, 'history' | 'role'>,
  eventId: string,
): readonly RecordEnvelope[] {
  const found = eventsOf(history, eventId);
  const seesInternal = WRITES_INTERNAL.some((each) => each === role);
  return seesInternal || !found.some(isInternalComment) ? found : [];
}

/** The comment with its texts: what is corrected is compared with the new text. */
export const commentTexts = ({ eventId }: CorrectCommentPayload, events: readonly Envelope[]): string[] =>
  eventsOf(events, eventId).map((event) => event.eventId);

export const commentKnown: CommentRule = {
  code: 'event-not-found',
  holds: (_, { eventId }, context) => seenEventsOf(context, eventId).length > 0,
  detail: (_, { eventId }) => `This record has no event ${eventId}; GET its events lists them`,
};

export const givenHere: CommentRule = {
  code: 'comment-given-here',
  kind: 'state',
  holds: (_, { eventId }, context) =>
    seenEventsOf(context, eventId).every(
      ({ type, origin }) => type === 'CommentAdded' && origin === 'command',
    ),
  detail: () => 'Only a comment that a person added here can be corrected, and not one from a file',
};

export const notErased: CommentRule = {
  code: 'comment-readable',
  kind: 'state',
  holds: (_, { eventId }, context) => {
    const ids = new Set(seenEventsOf(context, eventId).map((event) => event.eventId));
    return withoutRedacted(context.history).every(
      (event) => !ids.has(event.eventId) || event.type !== 'CommentAdded' || present(event).includes(TEXT),
    );
  },
  detail: () => 'The comment was redacted; add a new one instead',
};

export const saysSomethingElse: CommentRule = {
  code: 'comment-changes',
  kind: 'state',
  holds: (_, { eventId, text }, context) => {
    const last = seenEventsOf(context, eventId).at(-1);
    return last?.type !== 'CommentAdded' || last.data.text !== text;
  },
  detail: () => 'The comment says exactly this already',
};

export const itsAuthor: CommentRule = {
  code: 'the-author',
  kind: 'people',
  holds: (_, { eventId }, context) => {
    const [first] = seenEventsOf(context, eventId);
    return first === undefined || isSamePerson(first.actor.subject, context.actor.subject);
  },
  detail: () => WHO_CORRECTS,
};

const WHO_CORRECTS = 'Only the person who added a comment corrects it; an approver can redact it';

export const noneToCorrect: Foreseen<Facts> = {
  code: 'the-author',
  kind: 'people',
  holds: ({ facts }, { actor }) => facts.commenters.some((each) => isSamePerson(each, actor.subject)),
  detail: () => WHO_CORRECTS,
};

/** A correction has the date of its comment: any other would be dropped. */
export const onItsOwnDate: CommentRule = {
  code: 'effective-date-of-correction',
  pointer: '/effectiveOn',
  holds: (_, { effectiveOn }, { today }) => effectiveOn === undefined || effectiveOn >= today,
  detail: () =>
    'A correction takes effect on the date of the comment that it corrects; leave effectiveOn out',
};

/** The corrected comment, in the place and on the day of the one that it corrects; what is not corrected of it stays. */
export function correction(
  { eventId, text, reason }: CorrectCommentPayload,
  history: readonly Envelope[],
): readonly DecidedRecordEvent[] {
  const corrected = eventsOf(withoutRedacted(history), eventId).at(-1);
  if (corrected?.type !== 'CommentAdded') return [];
  const data = { ...corrected.data, text, completes: corrected.eventId, reason };
  return [{ type: 'CommentAdded', data, effectiveOn: corrected.effectiveOn }];
}
