import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import type { CommandName } from '#state-machines/inspection-recommendation/v1/policy';

/** The facts of a record that determine which commands are allowed, in the terms of the lifecycle's document. */
export interface Situation {
  readonly value: StateValue;
  readonly facts: SituationFacts;
}

export interface SituationFacts {
  readonly recipient: 'given' | 'none';
  readonly owner: 'none' | 'named';
  readonly text: 'as issued' | 'amended';
  /** The outcome of the pending closure. For a superseded record, payloads contain its successor. */
  readonly closure: 'complete' | 'no-further-action' | 'superseded';
  /** The deadlines of the recommendation itself. */
  readonly deadline: 'none' | 'one' | 'two';
  /** The pending extensions: of the first deadline, or of both. */
  readonly extension: 'none' | 'one' | 'two';
  /** Whether there was another deadline, d2, that an approver withdrew. */
  readonly withdrawn: 'none' | 'one';
  /** Whether another deadline can be added. */
  readonly room: 'some' | 'none';
  /** Whether the log records that the first deadline has passed. */
  readonly passing: 'nothing' | 'passed';
  /** An extension that was requested and refused. */
  readonly request: 'none' | 'decided';
  /** Whether the record was issued to several bodies; devon then has one too. */
  readonly issue: 'to one' | 'to several';
  /** A deadline found in the text. */
  readonly proposal: 'none' | 'waiting';
  readonly responseDeadline: 'none' | 'set';
  readonly comment: 'readable' | 'redacted';
  /** A pending correction of the issue. */
  readonly correction: 'none' | 'waiting';
  /** The author of the comment, by role. */
  readonly author: 'another' | 'an approver';
}

export const PLAIN: SituationFacts = {
  recipient: 'given',
  owner: 'none',
  text: 'as issued',
  closure: 'complete',
  deadline: 'none',
  extension: 'none',
  withdrawn: 'none',
  room: 'some',
  passing: 'nothing',
  request: 'none',
  issue: 'to one',
  proposal: 'none',
  responseDeadline: 'none',
  comment: 'readable',
  correction: 'none',
  author: 'another',
};

/** The people in a situation's history, named for the part that each plays. The first plays none. */
export const PEOPLE = [
  'somebody',
  'issuer',
  'amender',
  'requester',
  'submitter',
  'extender',
  'decider',
  'setter',
  'withdrawer',
  'commenter',
  'claimant',
] as const;
export type PersonName = (typeof PEOPLE)[number];

/** The ids to which a payload can refer: those of the record, of other records, and of its comment. */
interface NamedInBody {
  readonly record: string;
  readonly successor: string;
  /** The id of a record that this one superseded. */
  readonly predecessor: string;
  /** The id of a closed record. */
  readonly closed: string;
  /** The id of a record of another body. */
  readonly foreign: string;
  readonly comment: string;
  /** The id of the event that issued the record. */
  readonly issued: string;
  /** The id of the decided request for an extension; an id without an event if there is none. */
  readonly request: string;
}

/** The same ids, with the pending events. */
export interface Named extends NamedInBody {
  readonly standing: Standing;
}

/** The ids of the pending events. */
export interface Standing {
  readonly closure: readonly string[];
  /** The submissions since the last decision. */
  readonly submissions: readonly string[];
  /** The submissions that an approval of the pending closure considers, and the other submissions. */
  readonly considered: readonly string[];
  readonly notConsidered: readonly string[];
  /** The requests for the deadline d1. */
  readonly extension: readonly string[];
  readonly correction: readonly string[];
}

export const NOTHING_STANDS: Standing = {
  closure: [],
  submissions: [],
  considered: [],
  notConsidered: [],
  extension: [],
  correction: [],
};

export interface DocumentedEvent {
  readonly type: string;
  readonly data: JsonObject;
}

/** A refusal because of the payload, and its position among the refusals. */
interface DocumentedRefusal {
  readonly code: string;
  /**
   * The position: before the check of the role, before that of the state, with it, before that of the person, or last.
   */
  readonly order: 'first' | 'before-state' | 'with-state' | 'before-person' | 'last';
  /** Returns whether the payload is refused in a situation and for a role; always if absent. */
  readonly where?: (situation: Situation, role: string) => boolean;
}

/** One variant of a command's request. */
export interface DocumentedRequest {
  /** The name in the permissions document. */
  readonly name: string;
  readonly body: (named: NamedInBody) => JsonObject;
  readonly roles?: readonly string[];
  /** True if it is a variant of every command. */
  readonly always?: true;
  /** True if the person does not matter. */
  readonly byAnybody?: true;
  /** The only person, or the excluded one, if that differs from the command's rule. */
  readonly person?: PersonRule;
  readonly refused?: readonly DocumentedRefusal[];
  readonly records?: (situation: Situation, named: Named) => readonly DocumentedEvent[];
}

type PersonRule =
  | { readonly only: PersonName }
  | { readonly never: (situation: Situation, role: string) => readonly PersonName[] };

interface DocumentedCommand {
  readonly roles: readonly string[];
  readonly when: (situation: Situation, role: string) => boolean;
  /** The only person who may use the command, or the excluded one; any person with the role if absent. */
  readonly person?: PersonRule | { readonly byRole: Readonly<Record<string, PersonRule>> };
  readonly body: (named: NamedInBody) => JsonObject;
  readonly refused?: readonly DocumentedRefusal[];
  /** The refusal of a past effective date; absent if such a date is accepted. */
  readonly refusedDate?: DocumentedRefusal;
  readonly records: (situation: Situation, named: Named) => readonly DocumentedEvent[];
  /** Returns the events that are recorded on the successor. */
  elsewhere?(named: Named): readonly DocumentedEvent[];
  /** The changed states; none if absent. */
  readonly moves?: StateValue;
  /** Other variants: payloads for fewer roles, or that a rule refuses. */
  readonly otherwise?: readonly DocumentedRequest[];
}

const open = ({ value }: Situation) =>
  value['progress'] === 'awaiting-review' || value['progress'] === 'being-progressed';
const pending = ({ value }: Situation) => value['closure'] === 'requested';
const undecided = ({ value }: Situation) => value['evidence'] === 'submitted';
const always = () => true;

/** Returns the refusal if no closure with this outcome was requested. */
const requestNeeded = (outcome: SituationFacts['closure']): DocumentedRefusal => ({
  code: 'closure-request-needed',
  order: 'with-state',
  where: (situation) => !pending(situation) || situation.facts.closure !== outcome,
});

/** Returns the decision in an approval of the pending closure. */
const closing = ({ standing: { closure, considered, notConsidered } }: Named) => ({
  decides: [...closure, ...considered],
  ...(notConsidered.length > 0 && { notConsidered }),
});

/** Returns whether a deadline of the histories has passed and is not met. */
const passed = (situation: Situation): boolean =>
  (situation.facts.deadline !== 'none' && open(situation)) ||
  (situation.facts.responseDeadline === 'set' && situation.value['response'] !== 'published');

/** Excludes a person who withdrew another person's deadline from setting a later one. */
const notTheWithdrawer: PersonRule = {
  never: ({ facts }) => (facts.withdrawn === 'one' ? ['withdrawer'] : []),
};

/** Returns who wrote what a closure relies on: the text and the dates. The issuer does not count. */
const authorsIn = ({ facts }: Situation): PersonName[] => {
  const isDated = facts.deadline !== 'none' || facts.responseDeadline === 'set';
  return [
    ...(facts.text === 'amended' ? (['amender'] as const) : []),
    ...(isDated || facts.withdrawn === 'one' ? (['setter'] as const) : []),
  ];
};
const amenderIn = ({ facts }: Situation): PersonName[] => (facts.text === 'amended' ? ['amender'] : []);

/** Excludes the requester of a closure, the authors, and who submitted evidence that the decision considers. */
const notItsAuthors = {
  never: (situation: Situation): PersonName[] => [
    'requester',
    ...authorsIn(situation),
    // In the histories, pending evidence came after the request, which did not consider it.
    ...(['accepted', 'rejected'].includes(String(situation.value['evidence']))
      ? (['submitter'] as const)
      : []),
  ],
} satisfies PersonRule;

/** Excludes every inspector, and among approvers the author and the decider, from redacting a refused request. */
const notItsDecider: PersonRule = {
  never: ({ facts }, role) => {
    if (facts.request === 'none') return [];
    return role === 'inspector' ? PEOPLE : ['extender', 'decider'];
  },
};

/** On a record without a body, every successor is for another body. */
const isForeign = ({ facts }: Situation): boolean => facts.recipient === 'none';

/** Returns whether exactly one extension is pending. */
const onePending = ({ facts }: Situation) => facts.extension === 'one';

/** Refuses a decision that does not select one of several pending requests. */
const severalRequested: DocumentedRefusal = {
  code: 'deadline-ambiguous',
  order: 'last',
  where: ({ facts }) => facts.extension === 'two',
};

const nextDeadline = ({ facts }: Situation): string => {
  const actionDeadlines = { none: 0, one: 1, two: 2 }[facts.deadline];
  const others = [facts.responseDeadline === 'set', facts.proposal === 'waiting', facts.withdrawn === 'one'];
  return `d${actionDeadlines + others.filter(Boolean).length + 1}`;
};
const proposalIn = ({ facts }: Situation): boolean => facts.proposal === 'waiting';

/** The texts in the histories. */
export const TEXT = 'Within six months every force should publish a plan.';
export const titleOf = (record: string): string => `Recommendation ${record}`;

/** The date to which histories extend a deadline, and the place of their proposal in the text. */
export const EXTENDED_TO = '2026-12-31';
export const PROPOSAL_PLACE = { from: 0, to: 17 };

const reason = { reason: 'a reason' };
const statement = { statement: 'a statement' };
const response = { position: 'action-taken', text: 'a response' };
const dated = ({ facts }: Situation) => {
  const isDated = facts.responseDeadline === 'set';
  return { dueOn: isDated ? RESPONSE_DUE_ON : null, late: isDated };
};
const extended = (_: Situation, { standing: { extension } }: Named): DocumentedEvent[] => [
  { type: 'DeadlineExtended', data: { deadlineId: 'd1', dueOn: EXTENDED_TO, decides: extension } },
];
const extensionRefused = (_: Situation, { standing: { extension } }: Named): DocumentedEvent[] => [
  { type: 'ExtensionRefused', data: { deadlineId: 'd1', ...reason, decides: extension } },
];
const waiting = ({ facts }: Situation): boolean => facts.correction === 'waiting';
const approved = (_: Situation, { issued, standing: { correction } }: Named): DocumentedEvent[] => [
  {
    type: 'CorrectionApproved',
    data: { eventId: issued, recipient: 'kent', insteadOf: 'wiltshire', decides: correction },
  },
];
/** Returns the variants that decide on a correction that is not pending. */
const notThePendingCorrection = (more: JsonObject): DocumentedRequest[] => [
  wrongIds(more),
  neverTaken('of an event without a pending correction', 'command-not-allowed', 'with-state', () => {
    return { ...more, eventId: NO_EVENT };
  }),
];
/** Returns a variant that is always refused, with this code. */
const neverTaken = (
  name: string,
  code: string,
  order: DocumentedRefusal['order'],
  body: DocumentedRequest['body'],
): DocumentedRequest => ({ name, body, refused: [{ code, order }] });
const wrongIds = (more: JsonObject): DocumentedRequest =>
  neverTaken('with wrong ids in decides', 'command-not-allowed', 'with-state', () => {
    return { ...more, decides: [NO_EVENT] };
  });
/** Returns a payload that is recorded as it is, in one event. */
const recording = (type: string, payload: JsonObject | DocumentedRequest['body']) => {
  const body = typeof payload === 'function' ? payload : () => payload;
  return { body, records: (_: Situation, named: Named) => [{ type, data: body(named) }] };
};
const evidence = { items: [{ name: 'a plan', sha256: 'a'.repeat(64) }] };
const noSuchDeadline = 'd999';
/** An id without an event. */
export const NO_EVENT = '00000000-0000-5000-8000-000000000000';

/** The expected rules of each command. Their test generates docs/permissions.md. */
export const DOCUMENTED: Readonly<Record<CommandName, DocumentedCommand>> = {
  'start-progress': {
    roles: ['inspector'],
    when: ({ value }) => value['progress'] === 'awaiting-review',
    ...recording('ProgressStarted', {}),
    moves: { progress: 'being-progressed' },
  },
  'return-to-review': {
    roles: ['inspector'],
    when: ({ value }) => value['progress'] === 'being-progressed',
    ...recording('ReturnedToReview', reason),
    moves: { progress: 'awaiting-review' },
  },
  'add-comment': {
    roles: ['inspector', 'approver', 'force-lead', 'commissioner'],
    when: always,
    body: () => ({ text: 'a comment', visibility: 'public' }),
    records: () => [{ type: 'CommentAdded', data: { text: 'a comment', visibility: 'public' } }],
    otherwise: [
      {
        name: 'an internal comment',
        roles: ['inspector', 'approver'],
        ...recording('CommentAdded', { text: 'a comment', visibility: 'internal' }),
      },
    ],
  },
  'correct-comment': {
    roles: ['inspector', 'approver', 'force-lead', 'commissioner'],
    when: always,
    person: { only: 'commenter' },
    body: ({ comment }) => ({ eventId: comment, text: 'a better comment', ...reason }),
    refusedDate: { code: 'effective-date-of-correction', order: 'last' },
    refused: [
      {
        code: 'command-not-allowed',
        order: 'with-state',
        where: ({ facts }) => facts.comment === 'redacted',
      },
    ],
    records: (_, { comment }) => [
      {
        type: 'CommentAdded',
        data: { text: 'a better comment', visibility: 'public', completes: comment, ...reason },
      },
    ],
    otherwise: [
      {
        ...neverTaken('for an event that does not exist', 'event-not-found', 'last', () => ({
          eventId: NO_EVENT,
          text: 'a better comment',
          ...reason,
        })),
        byAnybody: true,
      },
    ],
  },
  'request-closure': {
    roles: ['inspector'],
    when: (situation) => open(situation) && !pending(situation) && !undecided(situation),
    body: () => statement,
    records: (_, { standing: { considered: considers } }) => [
      { type: 'ClosureRequested', data: { outcome: 'complete', ...statement, considers } },
    ],
    moves: { closure: 'requested' },
    otherwise: [
      {
        name: 'with no further action',
        body: () => ({ outcome: 'no-further-action', reason: 'merged', ...statement }),
        records: (_, { standing: { considered: considers } }) => [
          {
            type: 'ClosureRequested',
            data: { outcome: 'no-further-action', reason: 'merged', ...statement, considers },
          },
        ],
      },
      neverTaken('with no further action and no reason', 'invalid-payload', 'first', () => ({
        outcome: 'no-further-action',
        ...statement,
      })),
      {
        name: 'as superseded',
        refused: [
          {
            code: 'successor-of-another-body',
            order: 'last',
            where: isForeign,
          },
        ],
        body: ({ successor }) => ({ outcome: 'superseded', supersededBy: successor, ...statement }),
        records: (_, { successor, standing: { considered: considers } }) => [
          {
            type: 'ClosureRequested',
            data: { outcome: 'superseded', supersededBy: successor, ...statement, considers },
          },
        ],
      },
      neverTaken('as superseded by itself', 'successor-is-itself', 'last', ({ record }) => ({
        outcome: 'superseded',
        supersededBy: record,
        ...statement,
      })),
      neverTaken('as superseded by a missing record', 'successor-not-found', 'last', () => ({
        outcome: 'superseded',
        supersededBy: 'nobody-knows-it',
        ...statement,
      })),
      neverTaken(
        'as superseded by a record that it replaced',
        'supersede-cycle',
        'last',
        ({ predecessor }) => ({ outcome: 'superseded', supersededBy: predecessor, ...statement }),
      ),
      neverTaken(
        'as superseded by a record of another body',
        'successor-of-another-body',
        'last',
        ({ foreign }) => ({ outcome: 'superseded', supersededBy: foreign, ...statement }),
      ),
      neverTaken('as superseded by a record that is closed', 'successor-closed', 'last', ({ closed }) => ({
        outcome: 'superseded',
        supersededBy: closed,
        ...statement,
      })),
    ],
  },
  'withdraw-closure': {
    roles: ['inspector'],
    when: pending,
    person: { only: 'requester' },
    ...recording('ClosureWithdrawn', {}),
    moves: { closure: 'none' },
  },
  'refuse-closure': {
    roles: ['approver'],
    when: pending,
    person: { never: () => ['requester'] },
    body: () => reason,
    records: (_, { standing: { closure } }) => [
      { type: 'ClosureRefused', data: { ...reason, decides: closure } },
    ],
    moves: { closure: 'none' },
    otherwise: [wrongIds(reason)],
  },
  'approve-closure': {
    roles: ['approver'],
    when: (situation) => pending(situation) && situation.facts.closure === 'complete',
    person: notItsAuthors,
    body: () => statement,
    records: (_, named) => [{ type: 'RecommendationCompleted', data: { ...statement, ...closing(named) } }],
    moves: { progress: 'complete', closure: 'none' },
    otherwise: [wrongIds(statement)],
  },
  'decide-no-further-action': {
    roles: ['approver'],
    when: open,
    refused: [requestNeeded('no-further-action')],
    person: notItsAuthors,
    body: () => ({ reason: 'merged', ...statement }),
    records: (_, named) => [
      { type: 'NoFurtherActionDecided', data: { reason: 'merged', ...statement, ...closing(named) } },
    ],
    moves: { progress: 'no-further-action-needed', closure: 'none' },
    otherwise: [
      neverTaken('for a reason other than the one requested', 'closure-request-needed', 'with-state', () => ({
        reason: 'withdrawn',
        ...statement,
      })),
      {
        name: 'with wrong ids in decides',
        body: () => ({ reason: 'merged', ...statement, decides: [NO_EVENT] }),
        refused: [requestNeeded('no-further-action'), { code: 'command-not-allowed', order: 'with-state' }],
      },
    ],
  },
  supersede: {
    roles: ['approver'],
    when: open,
    refused: [requestNeeded('superseded')],
    // In these histories the issuer of all records also issued the successor.
    person: { never: (situation) => [...notItsAuthors.never(situation), 'issuer'] },
    body: ({ successor }) => ({ by: successor, ...statement }),
    records: (_, named) => [
      {
        type: 'NoFurtherActionDecided',
        data: { reason: 'superseded', ...statement, supersededBy: named.successor, ...closing(named) },
      },
    ],
    elsewhere: ({ record }) => [{ type: 'SupersedesRecorded', data: { supersedes: record } }],
    moves: { progress: 'no-further-action-needed', closure: 'none' },
    otherwise: [
      neverTaken(
        'by a record other than the one requested',
        'closure-request-needed',
        'with-state',
        ({ predecessor }) => ({ by: predecessor, ...statement }),
      ),
    ],
  },
  reopen: {
    roles: ['approver'],
    when: (situation) => !open(situation),
    body: () => reason,
    records: () => [{ type: 'RecommendationReopened', data: reason }],
    moves: { progress: 'being-progressed', evidence: 'none' },
  },
  'assign-recipient': {
    roles: ['inspector', 'approver'],
    when: (situation, role) =>
      role === 'approver' || situation.facts.recipient === 'none' || !passed(situation),
    body: () => ({ recipient: 'kent', ...reason }),
    records: () => [{ type: 'RecipientAssigned', data: { recipient: 'kent', ...reason } }],
    otherwise: [
      {
        name: 'without a reason',
        body: () => ({ recipient: 'kent' }),
        refused: [
          {
            code: 'invalid-payload',
            order: 'before-state',
            // If a reason would not help, the response states the obstacle instead.
            where: (situation, role) =>
              role === 'approver' || (situation.facts.recipient === 'given' && !passed(situation)),
          },
        ],
        records: () => [{ type: 'RecipientAssigned', data: { recipient: 'kent' } }],
      },
      {
        name: 'to the body that is already the recipient',
        ...recording('RecipientAssigned', { recipient: 'wiltshire', ...reason }),
        refused: [
          {
            code: 'command-not-allowed',
            order: 'with-state',
            where: ({ facts }) => facts.recipient === 'given',
          },
        ],
      },
      {
        name: 'for a body that has a record of the same issue',
        ...recording('RecipientAssigned', { recipient: 'devon', ...reason }),
        refused: [
          {
            code: 'id-already-used',
            order: 'with-state',
            where: ({ facts }) => facts.issue === 'to several',
          },
        ],
      },
    ],
  },
  'assign-owner': {
    roles: ['inspector', 'force-lead'],
    when: open,
    ...recording('OwnerAssigned', { owner: 'an owner', ...reason }),
    otherwise: [
      {
        name: 'without a reason, on a record with an owner',
        ...recording('OwnerAssigned', { owner: 'an owner' }),
        refused: [
          { code: 'invalid-payload', order: 'before-state', where: ({ facts }) => facts.owner === 'named' },
        ],
      },
    ],
  },
  'submit-evidence': {
    roles: ['force-lead', 'inspector'],
    when: open,
    ...recording('EvidenceSubmitted', evidence),
    moves: { evidence: 'submitted' },
  },
  'accept-evidence': {
    roles: ['inspector'],
    when: (situation) => open(situation) && undecided(situation),
    person: { never: (situation) => ['submitter', ...amenderIn(situation)] },
    body: () => ({}),
    records: (_, { standing: { submissions } }) => [
      { type: 'EvidenceAccepted', data: { decides: submissions } },
    ],
    moves: { evidence: 'accepted' },
    otherwise: [wrongIds({})],
  },
  'reject-evidence': {
    roles: ['inspector'],
    when: (situation) => open(situation) && undecided(situation),
    person: { never: () => ['submitter'] },
    body: () => reason,
    records: (_, { standing: { submissions } }) => [
      { type: 'EvidenceRejected', data: { ...reason, decides: submissions } },
    ],
    moves: { evidence: 'rejected' },
    otherwise: [wrongIds(reason)],
  },
  'set-deadline': {
    roles: ['inspector'],
    when: open,
    person: notTheWithdrawer,
    refused: [{ code: 'too-many-deadlines', order: 'last', where: ({ facts }) => facts.room === 'none' }],
    body: () => ({ dueOn: '2027-06-30' }),
    records: (situation) => [
      {
        type: 'DeadlineSet',
        data: { deadlineId: nextDeadline(situation), kind: 'action', dueOn: '2027-06-30' },
      },
    ],
    otherwise: [
      {
        ...neverTaken('to a past date', 'due-in-past', 'last', () => ({ dueOn: '2026-06-30' })),
        byAnybody: true,
      },
    ],
  },
  'withdraw-deadline': {
    roles: ['approver', 'inspector'],
    when: ({ facts }) => facts.deadline !== 'none',
    person: { byRole: { approver: { never: () => ['setter'] }, inspector: { only: 'setter' } } },
    ...recording('DeadlineWithdrawn', { deadlineId: 'd1', ...reason }),
    otherwise: [
      neverTaken('for an unknown deadline', 'deadline-unknown', 'before-person', () => ({
        deadlineId: noSuchDeadline,
        ...reason,
      })),
      {
        name: 'for a deadline that was withdrawn',
        ...recording('DeadlineWithdrawn', { deadlineId: 'd2', ...reason }),
        refused: [
          {
            code: 'command-not-allowed',
            order: 'with-state',
            where: ({ facts }) => facts.withdrawn === 'one',
          },
          {
            code: 'deadline-unknown',
            order: 'before-person',
            where: ({ facts }) => facts.deadline === 'one',
          },
        ],
      },
    ],
  },
  'confirm-deadline': {
    roles: ['inspector'],
    when: (situation) => open(situation) && proposalIn(situation),
    person: notTheWithdrawer,
    body: () => ({ deadlineId: 'd1', dueOn: '2027-06-30' }),
    records: (_, { comment }) => [
      {
        type: 'DeadlineSet',
        data: {
          deadlineId: 'd1',
          kind: 'action',
          dueOn: '2027-06-30',
          source: { eventId: comment, ...PROPOSAL_PLACE },
        },
      },
    ],
    otherwise: [
      neverTaken('for an unknown deadline', 'deadline-unknown', 'last', () => ({
        deadlineId: noSuchDeadline,
        dueOn: '2027-06-30',
      })),
      {
        ...neverTaken('to a date before the issue', 'due-in-past', 'last', () => ({
          deadlineId: 'd1',
          dueOn: '2025-12-31',
        })),
        byAnybody: true,
      },
    ],
  },
  'dismiss-deadline': {
    roles: ['inspector'],
    when: (situation) => open(situation) && proposalIn(situation),
    body: () => ({ deadlineId: 'd1' }),
    records: () => [{ type: 'DeadlineDismissed', data: { deadlineId: 'd1' } }],
    otherwise: [
      neverTaken('for an unknown deadline', 'deadline-unknown', 'last', () => ({
        deadlineId: noSuchDeadline,
      })),
    ],
  },
  'request-extension': {
    roles: ['force-lead', 'inspector'],
    when: (situation) => open(situation) && situation.facts.deadline !== 'none',
    body: () => ({ dueOn: '2027-06-30', ...reason }),
    refused: [
      { code: 'command-not-allowed', order: 'with-state', where: onePending },
      { code: 'deadline-ambiguous', order: 'last', where: ({ facts }) => facts.deadline === 'two' },
    ],
    records: () => [
      { type: 'ExtensionRequested', data: { deadlineId: 'd1', dueOn: '2027-06-30', ...reason } },
    ],
    otherwise: [
      {
        name: 'naming the deadline',
        ...recording('ExtensionRequested', { deadlineId: 'd1', dueOn: '2027-06-30', ...reason }),
        refused: [
          {
            code: 'command-not-allowed',
            order: 'with-state',
            where: ({ facts }) => facts.extension !== 'none',
          },
        ],
      },
      neverTaken('for a missing deadline', 'deadline-unknown', 'last', () => ({
        deadlineId: noSuchDeadline,
        dueOn: '2027-06-30',
        ...reason,
      })),
      {
        name: 'to a date that is not later',
        body: () => ({ deadlineId: 'd1', dueOn: '2026-06-30', ...reason }),
        refused: [
          {
            code: 'command-not-allowed',
            order: 'with-state',
            where: ({ facts }) => facts.extension !== 'none',
          },
          { code: 'deadline-not-later', order: 'last' },
        ],
      },
    ],
  },
  'grant-extension': {
    roles: ['inspector'],
    when: (situation) => open(situation) && situation.facts.extension !== 'none',
    person: { never: (situation) => ['extender', ...amenderIn(situation)] },
    body: () => ({}),
    refused: [severalRequested],
    records: extended,
    otherwise: [
      wrongIds({ deadlineId: 'd1' }),
      {
        name: 'naming the deadline',
        body: () => ({ deadlineId: 'd1' }),
        records: extended,
      },
      neverTaken('of a deadline without a requested extension', 'command-not-allowed', 'with-state', () => ({
        deadlineId: noSuchDeadline,
      })),
    ],
  },
  'refuse-extension': {
    roles: ['inspector'],
    when: (situation) => open(situation) && situation.facts.extension !== 'none',
    person: { never: () => ['extender'] },
    body: () => reason,
    refused: [severalRequested],
    records: extensionRefused,
    otherwise: [
      wrongIds({ deadlineId: 'd1', ...reason }),
      {
        name: 'naming the deadline',
        body: () => ({ deadlineId: 'd1', ...reason }),
        records: extensionRefused,
      },
      neverTaken('of a deadline without a requested extension', 'command-not-allowed', 'with-state', () => ({
        deadlineId: noSuchDeadline,
        ...reason,
      })),
    ],
  },
  'withdraw-extension': {
    roles: ['force-lead', 'inspector'],
    when: (situation) => open(situation) && situation.facts.extension !== 'none',
    person: { only: 'extender' },
    body: () => ({}),
    refused: [{ code: 'deadline-ambiguous', order: 'last', where: ({ facts }) => facts.extension === 'two' }],
    records: () => [{ type: 'ExtensionWithdrawn', data: { deadlineId: 'd1' } }],
    otherwise: [
      {
        name: 'naming the deadline',
        body: () => ({ deadlineId: 'd1' }),
        records: () => [{ type: 'ExtensionWithdrawn', data: { deadlineId: 'd1' } }],
      },
      neverTaken('of a deadline without a requested extension', 'command-not-allowed', 'with-state', () => ({
        deadlineId: noSuchDeadline,
      })),
    ],
  },
  'publish-response': {
    roles: ['commissioner', 'inspector'],
    when: ({ value }) => value['response'] === 'due',
    body: () => response,
    refused: [{ code: 'invalid-payload', order: 'before-state', where: (_, role) => role === 'inspector' }],
    records: (situation) => [{ type: 'ResponsePublished', data: { ...response, ...dated(situation) } }],
    moves: { response: 'published' },
    otherwise: [
      {
        name: 'naming where it was published',
        body: () => ({ ...response, publishedElsewhere: 'a web page' }),
        records: (situation) => [
          {
            type: 'ResponsePublished',
            data: { ...response, publishedElsewhere: 'a web page', ...dated(situation) },
          },
        ],
      },
    ],
  },
  'amend-text': {
    roles: ['inspector'],
    when: always,
    body: () => ({ text: 'a text', ...reason }),
    records: (situation) => [
      {
        type: 'TextAmended',
        data: {
          text: 'a text',
          ...reason,
          // The text of the proposal is gone.
          ...(proposalIn(situation) && { places: [{ deadlineId: 'd1', source: null }] }),
        },
      },
    ],
    otherwise: [
      {
        name: 'of the title alone',
        body: () => ({ title: 'a title', ...reason }),
        records: () => [{ type: 'TextAmended', data: { title: 'a title', ...reason } }],
      },
      neverTaken('with neither text nor title', 'invalid-payload', 'first', () => reason),
      neverTaken('that changes nothing', 'command-not-allowed', 'with-state', ({ record }) => ({
        title: titleOf(record),
        text: TEXT,
        ...reason,
      })),
    ],
  },
  'request-correction': {
    roles: ['inspector'],
    when: always,
    body: ({ issued }) => ({ eventId: issued, recipient: 'kent', ...reason }),
    refused: [
      { code: 'command-not-allowed', order: 'with-state', where: waiting },
      { code: 'not-correctable', order: 'last', where: ({ facts }) => facts.recipient === 'none' },
    ],
    records: (_, { issued }) => [
      { type: 'CorrectionRequested', data: { eventId: issued, recipient: 'kent', ...reason } },
    ],
    otherwise: [
      neverTaken('of two things at once', 'invalid-payload', 'before-state', ({ issued }) => ({
        eventId: issued,
        recipient: 'kent',
        dueOn: '2027-01-31',
        ...reason,
      })),
      neverTaken('for an event that does not exist', 'event-not-found', 'last', () => ({
        eventId: NO_EVENT,
        recipient: 'kent',
        ...reason,
      })),
      neverTaken('for an event without that value', 'not-correctable', 'last', ({ comment }) => ({
        eventId: comment,
        dueOn: '2027-01-31',
        ...reason,
      })),
      {
        name: 'to a body that has a record of the same issue',
        ...recording('CorrectionRequested', ({ issued }) => ({
          eventId: issued,
          recipient: 'devon',
          ...reason,
        })),
        refused: [
          {
            code: 'id-already-used',
            order: 'before-state',
            where: ({ facts }) => facts.issue === 'to several',
          },
          { code: 'command-not-allowed', order: 'with-state', where: waiting },
          { code: 'not-correctable', order: 'last', where: ({ facts }) => facts.recipient === 'none' },
        ],
      },
    ],
  },
  'approve-correction': {
    roles: ['inspector', 'approver'],
    when: waiting,
    person: { never: () => ['claimant'] },
    body: () => ({}),
    refusedDate: { code: 'effective-date-of-correction', order: 'last' },
    records: approved,
    otherwise: [
      { name: 'naming the event', body: ({ issued }) => ({ eventId: issued }), records: approved },
      ...notThePendingCorrection({}),
    ],
  },
  'refuse-correction': {
    roles: ['inspector', 'approver'],
    when: waiting,
    person: { never: () => ['claimant'] },
    body: () => reason,
    records: (_, { issued, standing: { correction } }) => [
      { type: 'CorrectionRefused', data: { eventId: issued, ...reason, decides: correction } },
    ],
    otherwise: notThePendingCorrection(reason),
  },
  'redact-comment': {
    roles: ['approver', 'inspector'],
    when: always,
    person: {
      never: ({ facts }, role) =>
        role === 'inspector' && facts.author !== 'an approver' ? PEOPLE : ['commenter'],
    },
    body: ({ comment }) => ({ eventId: comment, ...reason }),
    refused: [
      {
        code: 'command-not-allowed',
        order: 'with-state',
        where: ({ facts }) => facts.comment === 'redacted',
      },
    ],
    records: (_, { comment }) => [
      { type: 'CommentRedacted', data: { eventId: comment, erased: ['/data/text'], ...reason } },
    ],
    otherwise: [
      {
        name: 'for a request that was decided',
        person: notItsDecider,
        body: ({ request }) => ({ eventId: request, ...reason }),
        refused: [{ code: 'event-not-found', order: 'last', where: ({ facts }) => facts.request === 'none' }],
        records: (_, { request }) => [
          { type: 'CommentRedacted', data: { eventId: request, erased: ['/data/reason'], ...reason } },
        ],
      },
      {
        ...neverTaken('for an event that does not exist', 'event-not-found', 'last', () => ({
          eventId: NO_EVENT,
          ...reason,
        })),
        byAnybody: true,
      },
      neverTaken('for a value that is not free text', 'not-redactable', 'last', ({ comment }) => ({
        eventId: comment,
        pointers: ['/data/visibility'],
        ...reason,
      })),
    ],
  },
};

/** The due date of the required response in the histories, which has passed. */
export const RESPONSE_DUE_ON = '2026-02-25';

/** Refuses any effective date that the recipient's users set. */
const notTheirs: DocumentedRefusal = {
  code: 'effective-date-not-yours',
  order: 'last',
  where: (_, role) => ofTheRecipient(role),
};
const ofTheRecipient = (role: string): boolean => ['force-lead', 'commissioner'].includes(role);

/** Returns the variants that are tried with every command. */
export const requestsOfEveryCommand = (
  { body, refused = [], refusedDate }: Pick<DocumentedCommand, 'body' | 'refused' | 'refusedDate'>,
  { yesterday, tomorrow }: { readonly yesterday: string; readonly tomorrow: string },
): readonly DocumentedRequest[] => [
  {
    name: 'with an unknown member',
    always: true,
    body: (named) => ({ ...body(named), unheardOf: 1 }),
    refused: [{ code: 'invalid-payload', order: 'first' }],
  },
  {
    name: 'with a future date',
    always: true,
    body: (named) => ({ ...body(named), effectiveOn: tomorrow }),
    refused: [...refused, notTheirs, { code: 'effective-date-in-future', order: 'last' }],
  },
  {
    name: 'with a past date',
    always: true,
    body: (named) => ({ ...body(named), effectiveOn: yesterday }),
    refused: [...refused, notTheirs, ...(refusedDate === undefined ? [] : [refusedDate])],
  },
];

export type Expected =
  | { readonly code: string }
  | {
      readonly events: readonly DocumentedEvent[];
      readonly elsewhere: readonly DocumentedEvent[];
      readonly value: StateValue;
    };

const ruleOf = (person: DocumentedCommand['person'], role: string): PersonRule | undefined =>
  person && 'byRole' in person ? person.byRole[role] : person;

/** Returns the people that the rule names. */
export function ruledPeople(
  person: DocumentedCommand['person'],
  role: string,
  situation: Situation,
): readonly PersonName[] {
  const rule = ruleOf(person, role);
  if (rule === undefined) return [];
  return 'only' in rule ? [rule.only] : rule.never(situation, role);
}

/** Returns the documented response to a request, with refusals in the documented order. */
export function expectedOf(
  command: DocumentedCommand,
  request: Pick<DocumentedRequest, 'roles' | 'refused' | 'records' | 'byAnybody'> & {
    readonly person?: DocumentedCommand['person'];
  },
  who: { readonly role: string; readonly person: PersonName },
  situation: Situation,
  named: Named,
): Expected {
  const { when, moves } = command;
  const roles: readonly string[] = request.roles ?? command.roles;
  // Users of a body act only on its own records; without a recipient there are none.
  const acts = !ofTheRecipient(who.role) || situation.facts.recipient === 'given';
  const refusal = (order: DocumentedRefusal['order']) =>
    request.refused?.find((each) => each.order === order && each.where?.(situation, who.role) !== false)
      ?.code;
  const rule = ruleOf(request.person ?? command.person, who.role);
  const isWrongPerson =
    rule !== undefined &&
    request.byAnybody !== true &&
    ('only' in rule ? rule.only !== who.person : rule.never(situation, who.role).includes(who.person));
  const code =
    refusal('first') ??
    (roles.includes(who.role) && acts ? undefined : 'role-not-permitted') ??
    refusal('before-state') ??
    (when(situation, who.role) ? undefined : 'command-not-allowed') ??
    refusal('with-state') ??
    refusal('before-person') ??
    (isWrongPerson ? 'separation-of-duties' : undefined) ??
    refusal('last');
  if (code !== undefined) return { code };
  return {
    events: (request.records ?? command.records)(situation, named),
    elsewhere: command.elsewhere?.(named) ?? [],
    value: { ...situation.value, ...moves },
  };
}
