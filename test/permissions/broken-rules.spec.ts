import { describe, expect, test } from '@jest/globals';
import { brokenRules } from '../support/broken-rules.ts';
import type { LoggedEvent } from '../support/broken-rules.ts';

/** An event of a log of one record: type, person, command, and data if they matter. */
type Line = readonly [type: string, subject: string, command: string, data?: LoggedEvent['data']];

const ALL = ['inspector', 'approver', 'force-lead', 'commissioner'];
const log = (lines: readonly Line[], roles: readonly string[] = ALL): LoggedEvent[] =>
  lines.map(([type, subject, command, data = {}], index) => ({
    streamId: 'recommendation-r-1',
    version: index + 1,
    eventId: `e${index + 1}`,
    type,
    origin: 'command',
    actor: { subject, roles },
    command: { name: command },
    data,
  }));

/** Returns data with the decided events, by number. */
const of = (...versions: number[]) => ({ decides: versions.map((version) => `e${version}`) });

const ASKED: Line = ['ClosureRequested', 'ann', 'request-closure'];
const NFA = 'decide-no-further-action';
const SUBMITTED: Line = ['EvidenceSubmitted', 'ann', 'submit-evidence'];
const EXTENSION: Line = ['ExtensionRequested', 'ann', 'request-extension', { deadlineId: 'd1' }];

const set = (subject: string, deadlineId: string, dueOn: string, command = 'set-deadline'): Line => [
  'DeadlineSet',
  subject,
  command,
  { deadlineId, kind: 'action', dueOn },
];
const withdrawn = (subject: string, deadlineId: string): Line => [
  'DeadlineWithdrawn',
  subject,
  'withdraw-deadline',
  { deadlineId },
];
const [MARCH, JUNE, JULY] = ['2027-03-31', '2027-06-30', '2027-07-31'];

/** Returns a correction that ann requests, as the event with this number, and bob approves. */
const corrected = (version: number, correction: LoggedEvent['data']): Line[] => {
  const data = { eventId: `of ${version}`, ...correction };
  return [
    ['CorrectionRequested', 'ann', 'request-correction', data],
    ['CorrectionApproved', 'bob', 'approve-correction', { ...data, ...of(version) }],
  ];
};

describe('a log', () => {
  test.each<[string, readonly Line[]]>([
    [
      'a closure that another approves',
      [ASKED, ['RecommendationCompleted', 'bob', 'approve-closure', of(1)]],
    ],
    [
      'a closure that another approves with what was changed, and without what was submitted since',
      [
        ASKED,
        ['TextAmended', 'ann', 'amend-text'],
        ['EvidenceSubmitted', 'sue', 'submit-evidence'],
        ['RecommendationCompleted', 'bob', 'approve-closure', { ...of(1, 2), notConsidered: ['e3'] }],
      ],
    ],
    [
      'a closure that another approves with what was corrected, and without the claim that was confirmed',
      [
        ...[ASKED, ...corrected(2, { dueOn: JUNE }), ...corrected(4, { confirms: true })],
        ['RecommendationCompleted', 'bob', 'approve-closure', of(1, 3)],
      ],
    ],
    ['a closure that its requester withdraws', [ASKED, ['ClosureWithdrawn', 'ann', 'withdraw-closure']]],
    ['evidence that another accepts', [SUBMITTED, ['EvidenceAccepted', 'bob', 'accept-evidence', of(1)]]],
    [
      'an extension that another grants',
      [EXTENSION, ['DeadlineExtended', 'bob', 'grant-extension', { deadlineId: 'd1', ...of(1) }]],
    ],
    [
      'a submitter who decides on what others submitted later',
      [
        SUBMITTED,
        ['EvidenceAccepted', 'bob', 'accept-evidence', of(1)],
        ['EvidenceSubmitted', 'bob', 'submit-evidence'],
        ['EvidenceRejected', 'ann', 'reject-evidence', of(3)],
      ],
    ],
    [
      'a deadline that one withdraws, and another sets later',
      [set('ann', 'd1', JUNE), withdrawn('bob', 'd1'), set('ann', 'd2', JULY), set('bob', 'd3', JULY)],
    ],
    [
      'an earlier date in the place of one that the same person withdrew',
      [set('ann', 'd1', JUNE), withdrawn('bob', 'd1'), set('bob', 'd2', MARCH), set('bob', 'd3', JUNE)],
    ],
    [
      'a slip that its setter takes back',
      [set('ann', 'd1', JUNE), set('ann', 'd2', JULY), withdrawn('ann', 'd1'), set('ann', 'd3', JULY)],
    ],
    [
      'an earlier date that was set before the one of another is withdrawn',
      [set('ann', 'd1', JUNE), set('bob', 'd2', MARCH), withdrawn('bob', 'd1')],
    ],
    [
      'a later date that was set before the one of another',
      [set('bob', 'd1', JULY), set('ann', 'd2', JUNE), withdrawn('bob', 'd2')],
    ],
  ])('breaks no rule by %s', (_, lines) => {
    expect(brokenRules(log(lines))).toEqual([]);
  });

  test.each<[string, readonly Line[]]>([
    ['approves their own closure', [ASKED, ['RecommendationCompleted', 'ann', 'approve-closure', of(1)]]],
    ['refuses their own closure', [ASKED, ['ClosureRefused', 'cli:ann', 'refuse-closure', of(1)]]],
    ['withdraws the closure of another', [ASKED, ['ClosureWithdrawn', 'bob', 'withdraw-closure']]],
    ['approves without a request', [['RecommendationCompleted', 'bob', 'approve-closure', of()]]],
    ['accepts their own evidence', [SUBMITTED, ['EvidenceAccepted', 'ann', 'accept-evidence', of(1)]]],
    [
      'rejects evidence of which they submitted the first part',
      [
        SUBMITTED,
        ['EvidenceSubmitted', 'bob', 'submit-evidence'],
        ['EvidenceRejected', 'ann', 'reject-evidence', of(1, 2)],
      ],
    ],
    [
      'grants their own extension',
      [EXTENSION, ['DeadlineExtended', 'ann', 'grant-extension', { deadlineId: 'd1', ...of(1) }]],
    ],
    [
      'refuses an extension of another deadline',
      [EXTENSION, ['ExtensionRefused', 'bob', 'refuse-extension', { deadlineId: 'd2', ...of() }]],
    ],
    [
      'decides on more than was submitted',
      [SUBMITTED, ['EvidenceAccepted', 'bob', 'accept-evidence', of(1, 2)]],
    ],
    ['decides without a name', [SUBMITTED, ['EvidenceAccepted', 'bob', 'accept-evidence']]],
    ['decides alone that nothing is needed', [['NoFurtherActionDecided', 'ann', NFA, of()]]],
    [
      'decides that nothing is needed where a completion was requested',
      [ASKED, ['NoFurtherActionDecided', 'bob', NFA, { reason: 'merged', ...of(1) }]],
    ],
    [
      'decides that nothing is needed for another reason than was requested',
      [
        ['ClosureRequested', 'ann', 'request-closure', { outcome: 'no-further-action', reason: 'merged' }],
        ['NoFurtherActionDecided', 'bob', NFA, { reason: 'withdrawn', ...of(1) }],
      ],
    ],
    [
      'completes after they requested that nothing be done',
      [
        ['ClosureRequested', 'bob', 'request-closure', { outcome: 'no-further-action', reason: 'merged' }],
        ['ClosureWithdrawn', 'bob', 'withdraw-closure'],
        ASKED,
        ['RecommendationCompleted', 'bob', 'approve-closure', of(3)],
      ],
    ],
    [
      'completes without naming what was changed since the request',
      [
        ASKED,
        ['TextAmended', 'ann', 'amend-text'],
        ['RecommendationCompleted', 'bob', 'approve-closure', of(1)],
      ],
    ],
    [
      'completes without naming what was corrected since the request',
      [
        ...[ASKED, ...corrected(2, { dueOn: JUNE })],
        ['RecommendationCompleted', 'bob', 'approve-closure', of(1)],
      ],
    ],
    ...(['ann', 'bob'] as const).map((corrector): [string, readonly Line[]] => [
      `replaces a record with one of which ${corrector} corrected a date, and is ${corrector}`,
      [
        ...corrected(1, { dueOn: JUNE }),
        ['ClosureRequested', 'cat', 'request-closure', { outcome: 'superseded', supersededBy: 'r-1' }],
        ['NoFurtherActionDecided', corrector, 'supersede', { supersededBy: 'r-1', ...of(3) }],
      ],
    ]),
    [
      'leaves aside what was submitted before the request',
      [
        SUBMITTED,
        ASKED,
        ['RecommendationCompleted', 'bob', 'approve-closure', { ...of(2), notConsidered: ['e1'] }],
      ],
    ],
    [
      'sets a later date in the place of one of another that they withdrew',
      [set('ann', 'd1', JUNE), withdrawn('bob', 'd1'), set('cli:bob', 'd2', JULY)],
    ],
    [
      'confirms a later date than the earliest of another that they withdrew',
      [
        ...[set('ann', 'd1', JUNE), set('ann', 'd2', JULY), withdrawn('bob', 'd1'), withdrawn('bob', 'd2')],
        set('bob', 'd3', JULY, 'confirm-deadline'),
      ],
    ],
    [
      'withdraws the date of another after they set a later one',
      [set('ann', 'd1', JUNE), set('bob', 'd2', JULY), withdrawn('bob', 'd1')],
    ],
    ['withdraws what is not in force', [withdrawn('bob', 'd1')]],
    ['sends an unknown command', [['ProgressStarted', 'bob', 'root']]],
  ])('breaks a rule where a person %s', (_, lines) => {
    expect(brokenRules(log(lines))).toEqual([expect.stringMatching(/^recommendation-r-1 v\d /)]);
  });

  test('breaks a rule where a role is not one for the command', () => {
    const lines: Line[] = [['ProgressStarted', 'bob', 'start-progress']];
    expect(brokenRules(log(lines, ['approver']))).toHaveLength(1);
    const internal: Line[] = [['CommentAdded', 'bob', 'add-comment', { visibility: 'internal' }]];
    expect(brokenRules(log(internal, ['force-lead']))).toHaveLength(1);
    expect(brokenRules(log(internal, ['approver']))).toEqual([]);
  });
});
