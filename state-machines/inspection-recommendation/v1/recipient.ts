import type { Envelope } from '#event-sourcing/envelope';
import { asRule } from '#lifecycle/decide';
import type { Foreseen, Guard, OtherStates, Rule } from '#lifecycle/decide';
import { singleDeadlineState } from './deadlines.ts';
import type { DeadlineState } from '../../capabilities/deadlines.ts';
import { isOfTheRecipient, whyNotAs } from '../../access.ts';
import type { Facts } from './facts.ts';
import { asIssueEvents } from '../../issue-events.ts';
import { recordAddress, recordIdOf, recordStream } from '../kind.ts';
import type { AssignRecipientPayload, PublishResponsePayload } from './payloads.ts';

export const placeOfResponse: Rule<Facts, PublishResponsePayload> = {
  code: 'published-elsewhere',
  kind: 'invalid',
  pointer: '/publishedElsewhere',
  holds: (_, { publishedElsewhere }, { role }) => publishedElsewhere !== undefined || isOfTheRecipient(role),
  detail: () =>
    'must say where the response was published, where it is not the body itself that publishes it here',
};

/** An inspector mends a slip, as long as nobody has acted on it; a body that was merged or renamed is for an approver. */
export const recipientMayChange: Guard<Facts> = {
  code: 'recipient-may-change',
  holds: ({ facts }, _, role) => role === 'approver' || facts.recipient === null || !facts.recipientActed,
  detail: () =>
    'The recipient has acted on the record; only an approver names another recipient now, with a reason',
};

const PASSED: ReadonlySet<DeadlineState> = new Set(['overdue', 'escalated']);

/** Of those in force: by their dates alone, whether a sweep has told of it or not; none that was extended or settled in time. */
export const passedForeseen: Foreseen<Facts> = {
  code: 'no-deadline-passed',
  kind: 'state',
  holds: ({ value, facts }, { role, today }) =>
    role === 'approver' ||
    facts.recipient === null ||
    !facts.deadlines.some((each) => each.passed || PASSED.has(singleDeadlineState(value, each, today))),
  detail: () => 'A deadline has passed; only an approver names another recipient now, with a reason',
};

export const noDeadlinePassed: Rule<Facts, unknown> = asRule(passedForeseen);

/** Else somebody would take for their own body a record that they decided, or decide whose it is. */
export const notTheirOwnBody: Rule<Facts, AssignRecipientPayload> = {
  code: 'not-their-own-body',
  kind: 'role',
  holds: (_, { recipient }, { organisations }) => !organisations.includes(recipient),
  detail: (_, { recipient }, { organisations, role }) => whyNotAs({ organisations }, recipient, [role]),
};

export const anotherRecipient: Rule<Facts, AssignRecipientPayload> = {
  code: 'another-recipient',
  kind: 'state',
  holds: ({ facts }, { recipient }) => facts.recipient !== recipient,
  detail: (_, { recipient }) => `The record is for ${recipient} already`,
};

export const reasonForARecipient: Rule<Facts, AssignRecipientPayload> = {
  code: 'reason-for-a-recipient',
  kind: 'invalid',
  pointer: '/reason',
  holds: (state, payload, context) =>
    payload.reason !== undefined ||
    // Where a reason would not help, it is said what stands in the way.
    (context.role !== 'approver' &&
      (state.facts.recipient === null ||
        !recipientMayChange.holds(state, context.actor, context.role) ||
        !noDeadlinePassed.holds(state, payload, context))),
  detail: () => 'must be given where the record has a recipient already, and always by an approver',
};

/** The records of the same issue, one to each body that it went to. */
export function nextOfIssue(
  streamId: string,
  loaded: OtherStates<Facts>,
  index: readonly Envelope[],
): string | null {
  const streams = asIssueEvents(index).flatMap(({ data: { issue, recipients } }) =>
    recipients.map((recipient) => recordStream(`${issue}.${recipient}`)),
  );
  return streams.find((each) => each !== streamId && !loaded.has(each)) ?? null;
}

/** The record of the same issue that a body has already. */
export const recordOf = (recipient: string, others: OtherStates<Facts>): string | undefined =>
  [...others].find(([, state]) => state?.facts.recipient === recipient)?.[0];

export const noneOfTheSameIssue: Rule<Facts, AssignRecipientPayload> = {
  code: 'id-already-used',
  kind: 'state',
  hasOwnCode: true,
  holds: (_, { recipient }, { others }) => recordOf(recipient, others) === undefined,
  detail: (_, { recipient }, { others }) =>
    `${recipient} has a record of the same recommendation, ${recordIdOf(recordOf(recipient, others) ?? '') ?? ''}`,
  members: (_, { recipient }, { others }) => ({
    location: recordAddress(recordIdOf(recordOf(recipient, others) ?? '') ?? ''),
  }),
};
