import { asRule } from '#lifecycle/decide';
import type { Foreseen, Rule } from '#lifecycle/decide';
import { DEADLINES_MAX } from './deadlines.ts';
import type { Facts } from './facts.ts';
import type { ConfirmDeadlinePayload, SetDeadlinePayload } from './payloads.ts';

/** A date that has passed would be overdue, or escalated, at once. */
export const dueNotInPast: Rule<Facts, SetDeadlinePayload> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  holds: (_, { dueOn, effectiveOn }, { today }) => dueOn >= (effectiveOn ?? today),
  detail: (_, { dueOn, effectiveOn }) =>
    `dueOn ${dueOn} is earlier than the day from which it is to hold, ${effectiveOn ?? 'today'}`,
};

/** A proposal is what the text says, also where that day has passed. */
export const dueFromIssueOn: Rule<Facts, ConfirmDeadlinePayload> = {
  code: 'due-in-past',
  pointer: '/dueOn',
  holds: ({ firstOn }, { dueOn }) => dueOn >= firstOn,
  detail: ({ firstOn }, { dueOn }) => `dueOn ${dueOn} is earlier than the issue, on ${firstOn}`,
};

export const fullOfDeadlines: Foreseen<Facts> = {
  code: 'too-many-deadlines',
  kind: 'rule',
  holds: ({ facts }) => facts.deadlines.length < DEADLINES_MAX,
  detail: () =>
    `The record has ${DEADLINES_MAX} deadlines in force, the most that it can; withdraw one first`,
};

export const roomForOneMore: Rule<Facts, unknown> = asRule(fullOfDeadlines);
