import type { Envelope } from '#event-sourcing/envelope';
import { eventData, rowOf } from '#lifecycle/capability';
import type { Fold } from '#lifecycle/capability';
import { asRule } from '#lifecycle/decide';
import type {
  CommandDefinition,
  CommandPayload,
  Precondition,
  Guard,
  OtherStates,
  Rule,
} from '#lifecycle/decide';
import { withDescription, optional } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { seniorOf, isOfBody, issueStreamOf, pathOf, streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import type { NamedBody } from '#lifecycle/summary';
import { commandPayload, changing, note } from '#lifecycle/shapes';
import type { Notices } from '#lifecycle/notices';
import type { PayloadOf } from '#lifecycle/shapes';
import { oneOfRoles } from '#lifecycle/words';
import { isSamePerson, whyNotAs, withActor } from './persons.ts';
import { asIssueEvents } from '../issue-events.ts';
import { hasPassed } from './deadline-facts.ts';
import type { DeadlineFacts } from './deadline-facts.ts';
import { reason, recipient } from './fields.ts';

/** The facts that the recipient commands need. */
export interface RecipientFacts {
  /** The record's body; null if none was set. */
  readonly recipient: string | null;
  /** The event that set the body. */
  readonly recipientEvent: string | null;
  /** The effective date of that event. */
  readonly recipientOn: string | null;
  /** True if people of the body have sent a command since then. */
  readonly recipientActed: boolean;
  /** Everyone who acted on the record for a body. */
  readonly bodyActors: readonly string[];
  /** The issue that this record shares with records of other bodies; null if there is none. */
  readonly issue: string | null;
}

/** Returns the next unloaded record of the same issue; null after the last. Each body has one record. */
export function nextOfIssue(
  kind: RecordKind,
  streamId: string,
  loaded: OtherStates,
  index: readonly Envelope[],
): string | null {
  const streams = asIssueEvents(index).flatMap(({ data: { issue, recipients: bodies } }) =>
    bodies.map((body) => streamOf({ kind, id: `${issue}.${body}` })),
  );
  return streams.find((each) => each !== streamId && !loaded.has(each)) ?? null;
}

/** Returns the stream of a body's record in the same issue; undefined if there is none. */
export const recordOf = (body: string, others: OtherStates): string | undefined =>
  [...others].find(([, state]) => state?.body === body)?.[0];

/** Refuses people of a body on a record without a recipient, because the record may turn out to be their own body's. */
const noBodyDecides: Precondition<Partial<RecipientFacts>> = {
  code: 'own-body-decides',
  kind: 'people',
  hasOwnCode: true,
  isMet: ({ facts }, { bodies }) => facts.recipient !== null || bodies.length === 0,
  detail: () =>
    'The record has no recipient yet, so it may be for one of your organisations. Someone whose account has no organisations must set the recipient (assign-recipient) or do this',
};

/** Refuses people who acted on the record for a body, also if their account no longer shows that they belong to one. */
const notForABody = (kind: RecordKind): Precondition<Partial<RecipientFacts>> => ({
  code: 'own-body-decides',
  kind: 'people',
  hasOwnCode: true,
  isMet: ({ facts: { bodyActors = [] } }, { actor, role }) =>
    isOfBody(kind, role) || !bodyActors.some((each) => isSamePerson(each, actor.subject)),
  detail: () =>
    'You acted on this record for the body that it concerns, so you cannot decide on it; someone who did not must do this',
});

/**
 * Returns a function for commands that request, approve, decide, or define the duty: people of any body may not send
 * them on a record without a recipient, and people who acted for a body on the record may not send them at all.
 */
export const judgingOf =
  (kind: RecordKind) =>
  <Facts extends object, Payload extends CommandPayload>(
    row: CommandDefinition<Facts, Payload>,
  ): CommandDefinition<Facts, Payload> => {
    if (kind.roles.body.length === 0) return row;
    const conditions = [noBodyDecides, notForABody(kind)];
    return {
      ...row,
      preconditions: [...(row.preconditions ?? []), ...conditions],
      rules: [...(row.rules ?? []), ...conditions.map((each) => asRule<Facts>(each))],
    };
  };

const RECIPIENT_EVENTS = {
  RecipientAssigned: changing(
    'recipient',
    note({
      recipient,
      reason: optional(
        withDescription(reason, 'The reason; required if the record already had a recipient.'),
      ),
    }),
  ),
};
const AssignRecipientPayload = commandPayload(
  'AssignRecipientPayload',
  RECIPIENT_EVENTS.RecipientAssigned.members,
);
type AssignRecipientPayload = PayloadOf<typeof AssignRecipientPayload>;
type RecipientRule = Rule<RecipientFacts, AssignRecipientPayload>;

/** The facts of a record that may have deadlines. */
type MaybeDated = RecipientFacts & Partial<Pick<DeadlineFacts, 'deadlines' | 'isClosed' | 'isAnswered'>>;

/**
 * Refuses to change the body after a deadline has passed, so that a late body cannot lose its record through the
 * correction of a mistake. Only dates count, not what a sweep recorded.
 */
const noDeadlinePassed = (kind: RecordKind): Precondition<MaybeDated> => ({
  code: 'no-deadline-passed',
  kind: 'state',
  isMet: ({ facts }, { role, today }) =>
    role === seniorOf(kind) || facts.recipient === null || !hasPassed(facts, today),
  detail: () =>
    `A deadline has passed; only ${oneOfRoles([seniorOf(kind)])} may now change the recipient, with a reason`,
});
const noneHasPassed = (kind: RecordKind) => asRule(noDeadlinePassed(kind));

/**
 * Allows staff to correct a mistake if no one has acted on it, and approvers to pass a record to a merged or renamed
 * body.
 */
const mayChange = (kind: RecordKind): Guard<RecipientFacts> => ({
  code: 'recipient-may-change',
  isMet: ({ facts }, _, role) => role === seniorOf(kind) || facts.recipient === null || !facts.recipientActed,
  detail: () =>
    `The recipient has acted on the record; only ${oneOfRoles([seniorOf(kind)])} may now change the recipient, with a reason`,
});

/**
 * Refuses people of either body. They could otherwise assign a record that they decided to their own body, or remove
 * their own body's record from it.
 */
const notTheirOwnBody: RecipientRule = {
  code: 'not-their-own-body',
  kind: 'role',
  isMet: (_, { recipient: body }, { organisations }) => !organisations.includes(body),
  detail: (_, { recipient: body }, { organisations, role }) => whyNotAs({ organisations }, body, [role]),
};

const isDifferentRecipient: RecipientRule = {
  code: 'another-recipient',
  kind: 'state',
  isMet: ({ facts }, { recipient: body }) => facts.recipient !== body,
  detail: (_, { recipient: body }) => `The recipient is already ${body}`,
};

const noneOfTheSameIssue = (kind: RecordKind): RecipientRule => {
  const idOf = (body: string, others: OtherStates) =>
    (recordOf(body, others) ?? '').slice(streamOf({ kind, id: '' }).length);
  return {
    code: 'id-already-used',
    kind: 'state',
    hasOwnCode: true,
    isMet: (_, { recipient: body }, { others }) => recordOf(body, others) === undefined,
    detail: (_, { recipient: body }, { others }) =>
      `${body} already has a record of the same ${kind.noun.singular}: ${idOf(body, others)}`,
    members: (_, { recipient: body }, { others }) => ({
      location: `/api${pathOf({ kind, id: idOf(body, others) })}`,
    }),
  };
};

const reasonNeeded = (kind: RecordKind): Rule<MaybeDated, AssignRecipientPayload> => ({
  code: 'reason-for-a-recipient',
  kind: 'invalid',
  pointer: '/reason',
  isMet: (state, payload, context) =>
    payload.reason !== undefined ||
    // A reason would not help here, so the message states the obstacle.
    (context.role !== seniorOf(kind) &&
      (state.facts.recipient === null ||
        !mayChange(kind).isMet(state, context.actor, context.role) ||
        !noneHasPassed(kind).isMet(state, payload, context))),
  detail: () =>
    `is required if the record already has a recipient, and always from ${oneOfRoles([seniorOf(kind)])}`,
});

const textOrNull = (value: unknown): string | null => (typeof value === 'string' ? value : null);

interface RecipientOptions {
  readonly kind: RecordKind;
  /**
   * The type of the first event, which has the members `recipient` (the body) and `issue` (shared with records of other
   * bodies).
   */
  readonly first: string;
}

const assigning = (kind: RecordKind) =>
  judgingOf(kind)<MaybeDated, CommandPayload>(
    rowOf<MaybeDated, typeof RECIPIENT_EVENTS, AssignRecipientPayload>({
      summary:
        'Sets the body that the record is for, if the record was imported without a body or with the wrong one.',
      payload: AssignRecipientPayload,
      roles: kind.roles.staff,
      emits: ['RecipientAssigned'],
      state: [mayChange(kind)],
      index: ({ facts: { issue } }) =>
        issue === null || kind.issueStream === undefined ? null : issueStreamOf(kind, issue),
      nextStream: (_, streamId, loaded, index) => nextOfIssue(kind, streamId, loaded, index),
      preconditions: [noDeadlinePassed(kind)],
      rules: [
        notTheirOwnBody,
        reasonNeeded(kind),
        noneHasPassed(kind),
        isDifferentRecipient,
        noneOfTheSameIssue(kind),
      ],
      events: (_, payload) => [{ type: 'RecipientAssigned', data: eventData(payload) }],
    }),
  );

const NOTICES: Notices = {
  RecipientAssigned: {
    kind: 'recipient-changed',
    title: 'Body changed',
    to: ['owner', 'body'],
  },
};

/**
 * Returns the capability of a record's body: its people act on the record, and people of other bodies do not see it.
 */
export function recipients({ kind, first }: RecipientOptions) {
  const initial: RecipientFacts = {
    ...{ recipient: null, recipientEvent: null, recipientOn: null, recipientActed: false, issue: null },
    bodyActors: [],
  };
  const names = (type: string): boolean => type === first || type === 'RecipientAssigned';
  const fold: Fold<RecipientFacts> = (facts, event) => {
    const { type, decision, effectiveOn } = event;
    const { recipient: named, issue } = event.data;
    // The id of an event that is being decided is a hash, computed on first use.
    if (names(type))
      return {
        ...facts,
        ...{ recipient: textOrNull(named), recipientEvent: event.eventId, recipientOn: effectiveOn },
        recipientActed: false,
        ...(type === first && { issue: textOrNull(issue) }),
      };
    if (decision === null || !isOfBody(kind, decision.role)) return facts;
    const bodyActors = withActor(facts.bodyActors, event);
    const isKnown = facts.recipientActed && bodyActors === facts.bodyActors;
    return isKnown ? facts : { ...facts, recipientActed: true, bodyActors };
  };
  return {
    events: RECIPIENT_EVENTS,
    initial,
    fold,
    effectiveOnsOfEarlier: ({ recipientOn }: RecipientFacts, { type }: Pick<FoldedEvent, 'type'>) =>
      type === 'RecipientAssigned' && recipientOn !== null ? [recipientOn] : [],
    /** Returns the record's body, for the lifecycle's code and its summary. */
    body: ({ recipient: body }: RecipientFacts): string | null => body,
    bodyAfter: (
      before: NamedBody,
      { type, eventId, data: { recipient: named } }: Pick<FoldedEvent, 'type' | 'eventId' | 'data'>,
    ): NamedBody => (names(type) ? { body: textOrNull(named), event: eventId } : before),
    commands: { 'assign-recipient': assigning(kind) },
    notices: NOTICES,
    words: {
      commands: {
        'assign-recipient': {
          title: 'Assign a body',
          purpose: `Assign the body that the ${kind.noun.singular} is for. A change of body requires a reason.`,
        },
      },
    },
  };
}
