import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { Field, Members } from '#lifecycle/fields';
import type { Envelope, JsonObject, JsonValue, StateValue } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { decide, draftEvents } from '#lifecycle/decide';
import { permittedRoles } from '#lifecycle/command-roles';
import type { CommandTable, Decided } from '#lifecycle/decide';
import { validatePayload } from '#lifecycle/validate-payload';
import { DOCUMENTED, NOTHING_STANDS, PEOPLE } from '#test/support/documented-commands';
import { decisionServices } from '#use-cases/records/dates-in-text';
import { pastEvent, reachableValues } from '#test/support/situations';
import { IssuePayload } from './payloads.ts';
import { isOfTheRecipient } from '../../access.ts';
import { recommendation } from '../kind.ts';
import type { Facts } from './facts.ts';
import { inspectionRecommendation } from './lifecycle.ts';
import * as access from '../../access.ts';
import * as policy from './policy.ts';
import { pendingOn } from './record.ts';
import type { CommandName } from './policy.ts';
import type { Rights } from '../../person-events.ts';
import { folded, recordedBy } from '#test/support/recording';

const { commands } = policy;
const { ROLES } = access;
const rows: CommandTable<Facts> = commands;
const names = Object.keys(commands) as CommandName[];

type State = LifecycleState<Facts>;
const ISSUED = '2026-01-01';
const TODAY = '2026-11-24';

interface Happening {
  readonly type: string;
  readonly by?: string;
  readonly on?: string;
  readonly eventId?: string;
  readonly recordedAt?: string;
  readonly data?: JsonObject;
}

/** The default data of events. */
const DATA: Readonly<Record<string, JsonObject>> = { RecommendationIssued: { recipient: 'wiltshire' } };

/** Returns the state after these events, one a day from the issue on, each by its person (by default `requester`). */
function after(...happened: readonly (string | Happening)[]): State {
  let state: State | null = null;
  for (const [day, event] of ['RecommendationIssued', ...happened].entries()) {
    const happening: Happening = typeof event === 'string' ? { type: event } : event;
    const {
      type,
      by = happening.type === 'RecommendationIssued' ? 'issuer' : 'requester',
      on,
      eventId = `${happening.type} on day ${day}`,
      recordedAt = '2026-01-01T00:00:00.000Z',
      data = DATA[happening.type] ?? {},
    } = happening;
    const effectiveOn = on ?? `2026-01-${String(day + 1).padStart(2, '0')}`;
    const version = day + 1;
    state = inspectionRecommendation.evolve(
      state,
      folded(type, { eventId, version, data, effectiveOn, recordedAt, subject: by }),
    );
  }
  return state!;
}

/** A state for each value that the machine can reach. */
const reachable = reachableValues().map(({ path }) =>
  path
    .map((type) => pastEvent(type))
    .reduce<State>(
      (before, { type, by }, index) =>
        inspectionRecommendation.evolve(
          before,
          folded(type, { eventId: `${type} ${index}`, version: index + 2, effectiveOn: ISSUED, subject: by }),
        ),
      after(),
    ),
);

/** Returns a record that a person imported. */
const imported = (subject: string): State =>
  inspectionRecommendation.evolve(
    null,
    folded('RecommendationIssued', { subject, origin: 'import', data: { recipient: 'wiltshire' } }),
  );

type Outcome =
  | {
      readonly events: readonly { readonly type: string; readonly data: JsonObject }[];
      readonly value: StateValue;
    }
  | { readonly code: string };

const OWN = 'recommendation-r-1';
const COMMENT = '6f9619ff-8b86-5011-b42d-00c04fc964ff';
const NO_ACTION = { outcome: 'no-further-action', reason: 'merged' };
const SUPERSEDED = { outcome: 'superseded', supersededBy: 'r-2' };
/** Returns a request for closure by a person. */
const closureRequest = (by: string, data: JsonObject = {}) => ({ type: 'ClosureRequested', by, data });
const ISSUE = '7c9619ff-8b86-5011-b42d-00c04fc964ff';
const NAMED = {
  issued: ISSUE,
  record: 'r-1',
  successor: 'r-2',
  predecessor: 'r-3',
  closed: 'r-4',
  foreign: 'r-5',
  request: COMMENT,
  comment: COMMENT,
  standing: NOTHING_STANDS,
};
const bodyOf = (name: string): JsonObject => DOCUMENTED[name as CommandName].body(NAMED);

/** Returns a stored comment by Ann, with other members. */
const comment = (more: Partial<Envelope> = {}): Envelope =>
  ({
    type: 'CommentAdded',
    eventId: COMMENT,
    origin: 'command',
    actor: { subject: 'commenter', roles: [] },
    data: { text: 'Ann Smith called.', visibility: 'public' },
    commitments: { '/data/text': 'c' },
    salts: { '/data/text': 's' },
    ...more,
  }) as Envelope;

/** Returns the stored first event. */
const issue = (): Envelope =>
  comment({
    type: 'RecommendationIssued',
    eventId: ISSUE,
    effectiveOn: ISSUED,
    data: { title: 'a title', recipient: 'wiltshire', report: null, reference: null, issue: null },
    commitments: {},
    salts: {},
  });

/** Runs a command, and returns its events or the code of its refusal. */
function run(
  name: string,
  state: State,
  roles: readonly string[],
  {
    subject = 'somebody',
    body = bodyOf(name),
    today = TODAY,
    others = { 'recommendation-r-2': after() },
    history = [issue(), comment()],
    organisations = roles.every(isOfTheRecipient) ? ['wiltshire'] : [],
    ownOrganisations = [],
  }: {
    subject?: string;
    body?: JsonObject;
    today?: string;
    others?: Readonly<Record<string, State>>;
    history?: readonly Envelope[];
    organisations?: readonly string[];
    ownOrganisations?: readonly string[];
  } = {},
): Outcome {
  const row = rows[name]!;
  const actor = { subject, roles };
  const payload = validatePayload(row.payload, body);
  const acting = access.rolesOn({ roles, organisations }, state.facts.recipient, recommendation);
  const whyNotAs = (not: readonly string[]) =>
    access.rolesPolicy.whyNotAs({ organisations }, state.facts.recipient, not);
  const permitted = permittedRoles(name, row, { own: roles, acting, whyNotAs }, payload);
  if ('refusal' in permitted) return { code: permitted.refusal.reason.code };
  const context = {
    actor,
    organisations,
    bodies: organisations.filter((each) => !ownOrganisations.includes(each)),
    today,
    streamId: OWN,
    others: new Map(Object.entries(others)),
    history,
    services: decisionServices,
    eventIdAt: (index: number) => `event ${index}`,
  };
  const decided: Decided = decide(inspectionRecommendation, row, permitted.roles, state, payload, context);
  if (!decided.allowed) return { code: decided.refusal.reason.code };
  const { events, effectiveOn } = decided;
  const own = events.filter(({ streamId = OWN }) => streamId === OWN);
  const { state: next } = draftEvents(inspectionRecommendation, state, own, effectiveOn, recordedBy(actor));
  return { events: events.map(({ type, data }) => ({ type, data })), value: next.value };
}

test('the document names every command and every role, and the machine reaches 72 values', () => {
  expect(Object.keys(DOCUMENTED).sort()).toEqual(names.toSorted());
  expect(reachable).toHaveLength(72);
  const { staff, body } = recommendation.roles;
  expect([...staff, ...body]).toEqual(['inspector', 'approver', 'force-lead', 'commissioner']);
});

describe.each(names)('%s', (name) => {
  test('is for no one without a role, or with an unknown one', () => {
    for (const roles of [[], [''], ['Inspector'], ['inspector '], ['root']]) {
      expect(run(name, after(), roles)).toEqual({ code: 'role-not-permitted' });
    }
  });
});

describe('two persons', () => {
  const both: string[] = ['inspector', 'approver'];
  const pendingOf = (by: string) => after('ProgressStarted', { type: 'ClosureRequested', by });

  test('are one where they act at the command line and with a token', () => {
    expect(run('approve-closure', pendingOf('ann'), both, { subject: 'cli:ann' })).toEqual({
      code: 'separation-of-duties',
    });
    expect(run('approve-closure', pendingOf('cli:ann'), both, { subject: 'ann' })).toEqual({
      code: 'separation-of-duties',
    });
    expect(run('withdraw-closure', pendingOf('cli:ann'), both, { subject: 'ann' })).toHaveProperty('events');
    expect(run('approve-closure', pendingOf('cli:ann'), both, { subject: 'cli:bob' })).toHaveProperty(
      'events',
    );
  });

  test('are one in each form of Unicode', () => {
    expect(run('approve-closure', pendingOf('zo\u00eb'), both, { subject: 'zoe\u0308' })).toEqual({
      code: 'separation-of-duties',
    });
  });

  test('are distinguished by their exact subject', () => {
    expect(run('approve-closure', pendingOf('ann'), both, { subject: 'Ann' })).toHaveProperty('events');
  });

  test('change places when the closure is requested again', () => {
    const again = after(
      { type: 'ClosureRequested', by: 'ann' },
      { type: 'ClosureRefused', by: 'bob' },
      { type: 'ClosureRequested', by: 'bob' },
    );
    expect(run('approve-closure', again, both, { subject: 'ann' })).toHaveProperty('events');
    expect(run('approve-closure', again, both, { subject: 'bob' })).toEqual({ code: 'separation-of-duties' });
  });

  const closers = [
    ['decide-no-further-action', NO_ACTION],
    ['supersede', SUPERSEDED],
  ] as const;

  test.each(closers)('are needed for %s, and the issuer can be one of them', (name, data) => {
    const others = { 'recommendation-r-2': after({ type: 'ProgressStarted' }) };
    const asking = (subject: string, state = after(closureRequest('ann', data))) =>
      run(name, state, both, { subject, others: name === 'supersede' ? { ...others } : {} });
    expect(asking('ann')).toEqual({ code: 'separation-of-duties' });
    expect(asking('cli:ann')).toEqual({ code: 'separation-of-duties' });
    expect(asking('bob')).toHaveProperty('events');
    expect(asking('bob', after())).toEqual({ code: 'closure-request-needed' });
    expect(asking('bob', after(closureRequest('ann', data), 'ClosureWithdrawn'))).toEqual({
      code: 'closure-request-needed',
    });
    if (name === 'decide-no-further-action') expect(asking('issuer')).toHaveProperty('events');
  });

  test.each(closers)('are needed for %s with the same reason or successor', (name, data) => {
    const needed = { code: 'closure-request-needed' };
    const bob = { subject: 'bob' };
    expect(run(name, after(closureRequest('ann')), both, bob)).toEqual(needed);
    for (const [, other] of closers.filter(([, each]) => each !== data))
      expect(run(name, after(closureRequest('ann', other)), both, bob)).toEqual(needed);
    const another = { ...data, ...('reason' in data ? { reason: 'withdrawn' } : { supersededBy: 'r-3' }) };
    expect(run(name, after(closureRequest('ann', another)), both, bob)).toEqual(needed);
    expect(run('approve-closure', after(closureRequest('ann', data)), both, bob)).toEqual({
      code: 'command-not-allowed',
    });
    expect(run('refuse-closure', after(closureRequest('ann', data)), both, bob)).toHaveProperty('events');
    expect(
      run('withdraw-closure', after(closureRequest('ann', data)), both, { subject: 'ann' }),
    ).toHaveProperty('events');
  });

  test.each(['ClosureWithdrawn', 'ClosureRefused'])(
    'are not requesters of another closure before, which ended in %s, until the record is reopened',
    (ended) => {
      const forms = [
        closureRequest('bob', NO_ACTION),
        closureRequest('bob', { ...NO_ACTION, reason: 'withdrawn' }),
        closureRequest('bob'),
      ];
      const decide = (state: State) => run('decide-no-further-action', state, both, { subject: 'cli:bob' });
      const [same, ...others] = forms.map((form) => after(form, ended, closureRequest('ann', NO_ACTION)));
      expect(decide(same!)).toHaveProperty('events');
      for (const state of others) expect(decide(state)).toEqual({ code: 'separation-of-duties' });
      expect(
        run('approve-closure', after(closureRequest('bob', NO_ACTION), ended, closureRequest('ann')), both, {
          subject: 'bob',
        }),
      ).toEqual({ code: 'separation-of-duties' });
      const reopened = after(
        closureRequest('bob'),
        'RecommendationCompleted',
        'RecommendationReopened',
        closureRequest('ann', NO_ACTION),
      );
      expect(decide(reopened)).toHaveProperty('events');
    },
  );

  test.each<[string, State]>([
    ['issued it', after()],
    ['imported it', imported('bob')],
    ['set a date', after({ type: 'DeadlineSet', by: 'cli:bob', data: { deadlineId: 'd1', kind: 'action' } })],
    [
      'granted a later date',
      after({ type: 'DeadlineExtended', by: 'bob', data: { deadlineId: 'd1', decides: [] } }),
    ],
    ['withdrew a date', after({ type: 'DeadlineWithdrawn', by: 'bob', data: { deadlineId: 'd1' } })],
    ['dismissed a date', after({ type: 'DeadlineDismissed', by: 'bob', data: { deadlineId: 'd1' } })],
    ['amended its text', after({ type: 'TextAmended', by: 'cli:bob', data: { text: 'less', reason: 'r' } })],
    ['changed its body', after({ type: 'RecipientAssigned', by: 'bob', data: { recipient: 'wiltshire' } })],
  ])('are needed for the successor: not who %s', (what, successor) => {
    const subject = what === 'issued it' ? 'issuer' : 'bob';
    const others = { 'recommendation-r-2': successor };
    expect(run('supersede', after(closureRequest('ann', SUPERSEDED)), both, { subject, others })).toEqual({
      code: 'separation-of-duties',
    });
    expect(
      run('supersede', after(closureRequest('ann', SUPERSEDED)), both, { subject: 'carl', others }),
    ).toHaveProperty('events');
  });

  test('are needed for a successor that is still there and open when the request is approved', () => {
    const approve = (others: Readonly<Record<string, State>>) =>
      run('supersede', after(closureRequest('ann', SUPERSEDED)), both, { subject: 'bob', others });
    expect(approve({ 'recommendation-r-2': after('NoFurtherActionDecided') })).toEqual({
      code: 'successor-closed',
    });
    expect(approve({})).toEqual({ code: 'successor-not-found' });
    const back = {
      type: 'NoFurtherActionDecided',
      data: { reason: 'superseded', statement: 's', supersededBy: 'r-1' },
    };
    expect(approve({ 'recommendation-r-2': after(back) })).toEqual({ code: 'supersede-cycle' });
  });

  test('are still needed after a refusal, a closing and a reopening', () => {
    const reopened = after(
      { type: 'ClosureRequested', by: 'ann' },
      { type: 'RecommendationCompleted', by: 'bob' },
      { type: 'RecommendationReopened', by: 'ann' },
      { type: 'ClosureRequested', by: 'bob' },
    );
    expect(run('approve-closure', reopened, both, { subject: 'ann' })).toHaveProperty('events');
    expect(run('approve-closure', reopened, both, { subject: 'bob' })).toEqual({
      code: 'separation-of-duties',
    });
  });
});

describe('a decision', () => {
  const NOTHING = '00000000-0000-5000-8000-000000000000';
  const first = '6f9619ff-8b86-5011-b42d-000000000001';
  const second = '6f9619ff-8b86-5011-b42d-000000000002';
  const request = '6f9619ff-8b86-5011-b42d-000000000003';
  const submission = (eventId: string) => ({ type: 'EvidenceSubmitted', by: 'sue', eventId });
  const refused = { code: 'command-not-allowed' };
  const accept = (state: State, decides?: string[]) =>
    run('accept-evidence', state, ['inspector'], { body: decides === undefined ? {} : { decides } });

  describe.each([
    ['approve-closure', 'ClosureRequested', { statement: 's' }, ['text', 'recipient', 'deadline']],
    ['grant-extension', 'ExtensionRequested', {}, ['text', 'recipient', 'own deadline']],
    ['accept-evidence', 'EvidenceSubmitted', {}, ['text']],
  ] as const)('%s', (name, requested, body, wanted) => {
    const role = name === 'approve-closure' ? 'approver' : 'inspector';
    const set = { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' } };
    const later = { deadlineId: 'd1', dueOn: '2026-12-31', reason: 'r', decides: [] };
    const waiting = { type: requested, eventId: request, data: later };
    const changes = {
      text: { type: 'TextAmended', data: { text: 'less', reason: 'r' } },
      recipient: { type: 'RecipientAssigned', data: { recipient: 'wiltshire' } },
      deadline: { type: 'DeadlineSet', data: { deadlineId: 'd2', kind: 'action', dueOn: '2027-06-30' } },
      'own deadline': { type: 'DeadlineExtended', data: { ...later, dueOn: '2026-09-30' } },
    };
    const decideAfter = (state: State, decides?: readonly string[]) =>
      run(name, state, [role], { body: { ...body, ...(decides && { decides }) } });

    test.each(wanted)('is outdated by a change of the %s that it does not name', (change) => {
      const state = after(set, waiting, { ...changes[change], eventId: first });
      for (const decides of [undefined, [request], []])
        expect(decideAfter(state, decides)).toEqual({ code: 'decides-outdated' });
      expect(decideAfter(state, [first, request])).toMatchObject({
        events: [{ data: { decides: [request, first] } }],
      });
      expect(decideAfter(state, [first, request, second])).toEqual(refused);
    });

    test('is outdated by nothing else: no comment, no owner, and no change before the request', () => {
      const before = [set, changes.text, changes.recipient, changes.deadline];
      const state = after(...before, waiting, 'CommentAdded', 'OwnerAssigned', 'DeadlinePassed');
      expect(decideAfter(state)).toMatchObject({ events: [{ data: { decides: [request] } }] });
    });
  });

  describe('supersede', () => {
    const set = { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' };
    const onSuccessor: Readonly<Record<string, Happening>> = {
      text: { type: 'TextAmended', data: { text: 'less', reason: 'r' } },
      recipient: { type: 'RecipientAssigned', data: { recipient: 'wiltshire' } },
      deadline: { type: 'DeadlineExtended', data: { ...set, dueOn: '2030-06-30', reason: 'r', decides: [] } },
    };
    const [before, then, later] = ['01', '02', '03'].map((day) => `2026-03-${day}T12:00:00.000Z`) as [
      string,
      string,
      string,
    ];
    const state = after({ ...closureRequest('ann', SUPERSEDED), eventId: request, recordedAt: then });
    const decideAfter = (change: Happening, decides?: readonly string[]) =>
      run('supersede', state, ['approver'], {
        subject: 'bob',
        body: { by: 'r-2', statement: 's', ...(decides && { decides }) },
        others: {
          'recommendation-r-2': after(
            { type: 'DeadlineSet', by: 'ann', recordedAt: before, data: set },
            change,
          ),
        },
      });

    test.each(Object.keys(onSuccessor))(
      'is outdated by a change of the successor’s %s since that it does not name',
      (of) => {
        const change = { ...onSuccessor[of]!, by: 'ann', eventId: first, recordedAt: later };
        for (const decides of [undefined, [request], []])
          expect(decideAfter(change, decides)).toEqual({ code: 'decides-outdated' });
        expect(decideAfter(change, [first, request])).toMatchObject({
          events: [{ data: { decides: [request, first] } }, { type: 'SupersedesRecorded' }],
        });
        expect(decideAfter(change, [request, first, second])).toEqual(refused);
      },
    );

    test('is outdated by no change of the successor before the request, and by no comment', () => {
      const earlier = { ...onSuccessor['deadline']!, by: 'ann', eventId: first, recordedAt: before };
      expect(decideAfter(earlier)).toMatchObject({ events: [{ data: { decides: [request] } }, {}] });
      expect(decideAfter(earlier, [request, first])).toEqual(refused);
      expect(decideAfter({ type: 'CommentAdded', recordedAt: later })).toHaveProperty('events');
    });
  });

  describe('on a correction', () => {
    const day = (deadlineId: string) => ({ deadlineId, kind: 'action', dueOn: '2027-06-30' });
    const withdrawn = { type: 'DeadlineWithdrawn', data: { deadlineId: 'd1', reason: 'r' } };
    const extended = { deadlineId: 'd1', dueOn: '2027-12-31', decides: [] };
    const changes: Readonly<Record<string, Happening>> = {
      'the text': { type: 'TextAmended', data: { text: 'less', reason: 'r' } },
      'the recipient': { type: 'RecipientAssigned', data: { recipient: 'essex' } },
      'the date of publication': {
        type: 'CorrectionApproved',
        data: { publishedOn: '2026-01-03', eventId: NOTHING, decides: [] },
      },
      'its deadline': { type: 'DeadlineExtended', data: extended },
      'its deadline, which is gone': withdrawn,
      'another deadline': { type: 'DeadlineSet', data: day('d2') },
    };
    const corrections = {
      dueOn: { dueOn: '2027-07-30' },
      recipient: { recipient: 'kent' },
      publishedOn: { publishedOn: '2026-01-02' },
      confirms: { confirms: true },
    };
    const outdatedBy: Readonly<Record<keyof typeof corrections, readonly string[]>> = {
      dueOn: ['its deadline', 'its deadline, which is gone'],
      recipient: ['the recipient'],
      publishedOn: ['the date of publication'],
      confirms: [],
    };
    const cases = (Object.keys(corrections) as (keyof typeof corrections)[]).flatMap((member) =>
      Object.keys(changes).map((change) => [member, change, outdatedBy[member].includes(change)] as const),
    );

    test.each(cases)('of %s is outdated by a change of %s since: %s', (member, change, isOutdated) => {
      const state = after(
        { type: 'DeadlineSet', eventId: second, data: day('d1') },
        {
          type: 'CorrectionRequested',
          eventId: request,
          data: { eventId: second, ...corrections[member], reason: 'r' },
        },
        { ...(changes[change] as Happening), eventId: first },
      );
      expect(pendingOn(state).corrections).toMatchObject([
        { decides: isOutdated ? [request, first] : [request] },
      ]);
    });
  });

  test('as a refusal need not name the changes, and may', () => {
    const state = after(
      { type: 'ClosureRequested', eventId: request },
      { type: 'TextAmended', eventId: first, data: { text: 'less', reason: 'r' } },
    );
    const refuse = (decides?: string[]) =>
      run('refuse-closure', state, ['approver'], { body: { reason: 'r', ...(decides && { decides }) } });
    expect(refuse()).toMatchObject({ events: [{ data: { decides: [request] } }] });
    expect(refuse([request, first])).toMatchObject({ events: [{ data: { decides: [request, first] } }] });
  });

  test('on an extension names the request, of the deadline that is meant', () => {
    const extensionRequest = (deadlineId: string, eventId: string) => ({
      type: 'ExtensionRequested',
      by: 'lea',
      eventId,
      data: { deadlineId, dueOn: '2026-12-31', reason: 'a reason' },
    });
    const set = (deadlineId: string) => ({
      type: 'DeadlineSet',
      data: { deadlineId, kind: 'action', dueOn: '2026-06-30' },
    });
    const state = after(set('d1'), set('d2'), extensionRequest('d1', first), extensionRequest('d2', second));
    const grant = (body: JsonObject) => run('grant-extension', state, ['inspector'], { body });
    expect(grant({ deadlineId: 'd2' })).toMatchObject({ events: [{ data: { decides: [second] } }] });
    expect(grant({ deadlineId: 'd2', decides: [second] })).toHaveProperty('events');
    expect(grant({ deadlineId: 'd2', decides: [first] })).toEqual(refused);
    expect(grant({ decides: [first] })).toEqual({ code: 'deadline-ambiguous' });
    const refuse = (body: JsonObject) =>
      run('refuse-extension', state, ['inspector'], { body: { reason: 'a reason', ...body } });
    expect(refuse({ deadlineId: 'd1', decides: [first] })).toMatchObject({
      events: [{ data: { decides: [first] } }],
    });
    expect(refuse({ deadlineId: 'd1', decides: [second] })).toEqual(refused);
  });

  test('accepts ids of events alone', () => {
    for (const decides of ['x', null, ['x'], [1], [null], {}, Array.from({ length: 10_001 }, () => first)]) {
      expect(() => accept(after(submission(first)), decides as string[])).toThrow(
        expect.objectContaining({ code: 'invalid-payload' }),
      );
    }
  });
});

describe('on a record that is for no body yet, a person of some body', () => {
  const judging = [
    ...['request-closure', 'approve-closure', 'refuse-closure', 'decide-no-further-action', 'supersede'],
    ...['reopen', 'accept-evidence', 'reject-evidence', 'request-extension', 'grant-extension'],
    ...['refuse-extension', 'confirm-deadline', 'dismiss-deadline', 'withdraw-deadline'],
    // They could otherwise assign another body first, or redefine the duty.
    ...['assign-recipient', 'set-deadline', 'amend-text'],
  ];
  const none = { type: 'RecipientAssigned', data: { recipient: null } };
  const due = {
    type: 'DeadlineSet',
    by: 'setter',
    data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-12-31' },
  };
  const source = { eventId: 'RecommendationIssued on day 0', from: 0, to: 4 };
  const proposal = { deadlineId: 'd1', suggestedOn: '2027-06-30', rule: 'within', source };
  const later = { deadlineId: 'd1', dueOn: '2027-06-30', reason: 'r' };
  const SETTINGS_OF: Readonly<Record<string, readonly (string | Happening)[]>> = {
    'approve-closure': ['ClosureRequested'],
    'refuse-closure': ['ClosureRequested'],
    'decide-no-further-action': [closureRequest('requester', NO_ACTION)],
    supersede: [closureRequest('requester', SUPERSEDED)],
    reopen: ['NoFurtherActionDecided'],
    'accept-evidence': ['EvidenceSubmitted'],
    'reject-evidence': ['EvidenceSubmitted'],
    'request-extension': [due],
    'grant-extension': [due, { type: 'ExtensionRequested', data: later }],
    'refuse-extension': [due, { type: 'ExtensionRequested', data: later }],
    'confirm-deadline': [{ type: 'DeadlineProposed', data: proposal }],
    'dismiss-deadline': [{ type: 'DeadlineProposed', data: proposal }],
    'withdraw-deadline': [due],
  };
  const roles: string[] = ['inspector', 'approver'];

  test.each(judging)('does not %s, unless all of theirs are the own ones', (name) => {
    const happened = SETTINGS_OF[name] ?? [];
    const state = after(none, ...happened);
    const asking = (organisations: readonly string[], ownOrganisations: readonly string[] = []) =>
      run(name, state, roles, {
        organisations,
        ownOrganisations,
        others: { 'recommendation-r-2': after(none) },
      });
    expect(asking(['essex'])).toEqual({ code: 'own-body-decides' });
    expect(asking(['hmicfrs', 'essex'], ['hmicfrs'])).toEqual({ code: 'own-body-decides' });
    expect(asking(['hmicfrs', 'home-office'], ['home-office', 'hmicfrs'])).toHaveProperty('events');
    expect(asking([])).toHaveProperty('events');
    // A record with a body belongs to another body here.
    expect(run(name, after(...happened), roles, { organisations: ['essex'] })).toHaveProperty('events');
  });

  test('still comments on it, and does not decide where an own organisation is the recipient', () => {
    expect(run('add-comment', after(none), roles, { organisations: ['kent'] })).toHaveProperty('events');
    const own = after({ type: 'RecipientAssigned', data: { recipient: 'hmicfrs' } });
    const asking = { organisations: ['hmicfrs'], ownOrganisations: ['hmicfrs'] };
    expect(run('request-closure', own, roles, asking)).toEqual({ code: 'role-not-permitted' });
  });
});

describe('a user of the body', () => {
  const roles = ['inspector', 'approver', 'force-lead', 'administrator'];

  test('acts on its records as one of its people only, with any other roles', () => {
    expect(access.rolesOn({ roles, organisations: ['kent', 'essex'] }, 'kent', recommendation)).toEqual([
      'force-lead',
    ]);
    expect(access.rolesOn({ roles: ['approver'], organisations: ['kent'] }, 'kent', recommendation)).toEqual(
      [],
    );
  });

  test('acts on those of other bodies, and of none, in all other roles', () => {
    for (const recipient of ['essex', null]) {
      expect(access.rolesOn({ roles, organisations: ['kent'] }, recipient, recommendation)).toEqual([
        'inspector',
        'approver',
        'administrator',
      ]);
    }
  });
});

describe('a deadline', () => {
  const due = (deadlineId: string, dueOn: string, kind = 'action') => ({
    type: 'DeadlineSet',
    data: { deadlineId, kind, dueOn },
  });
  const extensionRequest = (deadlineId: string, by: string) => ({
    type: 'ExtensionRequested',
    by,
    data: { deadlineId, dueOn: '2026-12-31', reason: 'a reason' },
  });
  const two = after(due('d1', '2026-06-30'), due('d2', '2026-09-30'));
  const later = { dueOn: '2026-12-31', reason: 'a reason' };

  test('is not extended to a date that was later when it was requested, and is earlier now', () => {
    const [request, correction] = [COMMENT, ISSUE];
    const moved = (dueOn: string) =>
      after(
        due('d1', '2026-06-30'),
        { ...extensionRequest('d1', 'lea'), eventId: request },
        {
          type: 'CorrectionApproved',
          eventId: correction,
          data: {
            eventId: 'DeadlineSet on day 1',
            deadlineId: 'd1',
            dueOn,
            insteadOf: '2026-06-30',
            decides: ['a request'],
          },
        },
      );
    const grant = (dueOn: string) =>
      run('grant-extension', moved(dueOn), ['inspector'], { body: { decides: [request, correction] } });
    for (const dueOn of ['2027-06-01', '2026-12-31'])
      expect(grant(dueOn)).toEqual({ code: 'deadline-not-later' });
    expect(grant('2026-12-30')).toMatchObject({ events: [{ data: { dueOn: '2026-12-31' } }] });
    expect(run('refuse-extension', moved('2027-06-01'), ['inspector'])).toHaveProperty('events');
  });

  test('must be named if several are possible', () => {
    expect(run('request-extension', two, ['force-lead'], { body: later })).toEqual({
      code: 'deadline-ambiguous',
    });
    const named = { ...later, deadlineId: 'd2' };
    expect(run('request-extension', two, ['force-lead'], { body: named })).toMatchObject({
      events: [{ data: { deadlineId: 'd2' } }],
    });
    const unknown = { ...later, deadlineId: 'd3' };
    expect(run('request-extension', two, ['force-lead'], { body: unknown })).toEqual({
      code: 'deadline-unknown',
    });
    const pendingTwo = after(
      due('d1', '2026-06-30'),
      due('d2', '2026-09-30'),
      extensionRequest('d1', 'ann'),
      extensionRequest('d2', 'bob'),
    );
    expect(run('grant-extension', pendingTwo, ['inspector'])).toEqual({ code: 'deadline-ambiguous' });
    // A requester of one may decide only the other, so the payload need not select it.
    for (const command of ['grant-extension', 'refuse-extension']) {
      const body = command === 'refuse-extension' ? { reason: 'a reason' } : {};
      expect(run(command, pendingTwo, ['inspector'], { subject: 'cli:ann', body })).toMatchObject({
        events: [{ data: { deadlineId: 'd2' } }],
      });
      const own = after(
        due('d1', '2026-06-30'),
        due('d2', '2026-09-30'),
        extensionRequest('d1', 'ann'),
        extensionRequest('d2', 'ann'),
      );
      expect(run(command, own, ['inspector'], { subject: 'ann', body })).toEqual({
        code: 'separation-of-duties',
      });
    }
    expect(run('grant-extension', pendingTwo, ['inspector'], { body: { deadlineId: 'd2' } })).toMatchObject({
      events: [{ data: { deadlineId: 'd2' } }],
    });
    expect(run('grant-extension', pendingTwo, ['inspector'], { body: { deadlineId: 'd3' } })).toEqual({
      code: 'command-not-allowed',
    });
  });

  test('loses its requests when the record closes, and not when a closure is refused', () => {
    const closed = after(due('d1', '2026-06-30'), extensionRequest('d1', 'ann'), 'NoFurtherActionDecided');
    expect(closed.facts.extensions).toEqual([]);
    const refused = after(
      due('d1', '2026-06-30'),
      extensionRequest('d1', 'ann'),
      'ClosureRequested',
      'ClosureRefused',
    );
    expect(refused.facts.extensions).toHaveLength(1);
  });

  test('that is one more gets an id of its own', () => {
    expect(run('set-deadline', two, ['inspector'])).toMatchObject({
      events: [{ data: { deadlineId: 'd3', kind: 'action', dueOn: '2027-06-30' } }],
    });
  });
});

test('an extension is not requested before the record was reopened', () => {
  const history = [
    { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-12-01' } },
    { type: 'RecommendationCompleted', on: '2026-02-05' },
    { type: 'RecommendationReopened', on: '2026-03-01' },
  ];
  const requested = (effectiveOn: string) =>
    run('request-extension', after(...history), ['inspector'], {
      body: { dueOn: '2027-01-01', reason: 'a reason', effectiveOn },
    });
  expect(requested('2026-02-28')).toEqual({ code: 'effective-date-out-of-order' });
  expect(requested('2026-03-01')).toHaveProperty('events');
});

describe('a recipient', () => {
  const refused = { code: 'command-not-allowed' };
  const kent = { recipient: 'kent', reason: 'a merger' };
  const assign = (state: State, role: string, body: JsonObject = kent, more: object = {}) =>
    run('assign-recipient', state, [role], { body, ...more });
  const due = (dueOn: string) => ({
    type: 'DeadlineSet',
    data: { deadlineId: 'd1', kind: 'action', dueOn },
  });
  const acted = (state: State): State => ({ ...state, facts: { ...state.facts, recipientActed: true } });

  test('is another one by an inspector, for a reason, until the body acted on it', () => {
    expect(assign(after(), 'inspector')).toMatchObject({
      events: [{ type: 'RecipientAssigned', data: kent }],
    });
    expect(assign(after(), 'inspector', { recipient: 'kent' })).toEqual({ code: 'invalid-payload' });
    expect(assign(acted(after()), 'inspector')).toEqual(refused);
    expect(assign(after(due(TODAY)), 'inspector')).toHaveProperty('events');
    expect(assign(after(due('2026-11-23')), 'inspector')).toEqual(refused);
  });

  test('is for an approver once a deadline in force has passed by its dates, and was not settled in time', () => {
    const settled = (type: string, data: JsonObject, on: string) => ({ type, data, on });
    const extension = { deadlineId: 'd1', dueOn: '2027-01-01' };
    const response = { ...due('2026-02-25'), data: { ...due('2026-02-25').data, kind: 'response' } };
    const answer = { position: 'no-action' };
    const passed = { type: 'DeadlinePassed', data: { deadlineId: 'd1', dateVersion: 1 } };
    const withdrawn = { type: 'DeadlineWithdrawn', data: { deadlineId: 'd1' } };
    const late = [
      [due('2026-02-05'), settled('DeadlineExtended', extension, '2026-02-06')],
      [due('2026-02-05'), settled('RecommendationCompleted', {}, '2026-02-06')],
      ['ResponseRequired', response],
      ['ResponseRequired', response, settled('ResponsePublished', answer, '2026-02-26')],
    ] as const;
    const inTime = [
      [due('2026-02-05'), settled('DeadlineExtended', extension, '2026-02-05')],
      [due('2026-02-05'), settled('RecommendationCompleted', {}, '2026-02-05')],
      [due('2026-02-05'), withdrawn],
      ['ResponseRequired', response, settled('ResponsePublished', answer, '2026-02-25')],
    ] as const;
    // A recorded sweep does not change the result.
    for (const history of late) {
      for (const more of [[], [passed]]) {
        const state = after(...history, ...more);
        expect(assign(state, 'inspector')).toEqual(refused);
        expect(assign(state, 'inspector', { recipient: 'kent' })).toEqual(refused);
        expect(assign(state, 'approver')).toHaveProperty('events');
      }
    }
    for (const history of inTime) {
      for (const more of [[], [passed]])
        expect(assign(after(...history, ...more), 'inspector')).toHaveProperty('events');
    }
  });

  test.each(['inspector', 'approver'] as const)('is not a body of their own, by an %s', (role) => {
    const own = { organisations: ['devon', 'kent'] };
    expect(assign(after(), role, kent, own)).toEqual({ code: 'role-not-permitted' });
    const none = after({ type: 'RecipientAssigned', data: { recipient: null } });
    expect(assign(none, role, kent, own)).toEqual({ code: 'role-not-permitted' });
    expect(assign(none, role, { ...kent, recipient: 'essex' }, own)).toEqual({ code: 'own-body-decides' });
  });

  test('is not the current one, and takes effect after the one before', () => {
    expect(assign(after(), 'approver', { ...kent, recipient: 'wiltshire' })).toEqual(refused);
    const state = after({ type: 'RecipientAssigned', data: { recipient: 'essex' }, on: '2026-06-01' });
    expect(assign(state, 'inspector', { ...kent, effectiveOn: '2026-05-31' })).toEqual({
      code: 'effective-date-out-of-order',
    });
    expect(assign(state, 'inspector', { ...kent, effectiveOn: '2026-06-01' })).toHaveProperty('events');
  });

  test('is not a body that has a record of the same recommendation', () => {
    const to = (recipient: string) => after({ type: 'RecipientAssigned', data: { recipient } });
    const others = { 'recommendation-i.kent': to('kent'), 'recommendation-i.devon': to('essex') };
    expect(assign(after(), 'approver', kent, { others })).toEqual({ code: 'id-already-used' });
    expect(assign(after(), 'approver', { ...kent, recipient: 'essex' }, { others })).toEqual({
      code: 'id-already-used',
    });
    expect(assign(after(), 'approver', { ...kent, recipient: 'devon' }, { others })).toHaveProperty('events');
  });
});

describe('an undecided piece of evidence', () => {
  const submitted = after(closureRequest('ann', NO_ACTION), 'EvidenceSubmitted');

  test('does not prevent a decision that no further action is needed; reopening then forgets it', () => {
    expect(run('decide-no-further-action', submitted, ['approver'])).toMatchObject({
      events: [{ data: { notConsidered: ['EvidenceSubmitted on day 2'] } }],
      value: { progress: 'no-further-action-needed', closure: 'none', evidence: 'submitted' },
    });
    const closed = after('ClosureRequested', 'EvidenceSubmitted', 'NoFurtherActionDecided');
    expect(run('reopen', closed, ['approver'])).toMatchObject({
      value: { progress: 'being-progressed', closure: 'none', evidence: 'none' },
    });
  });
});

describe('the effective date', () => {
  const comment = (state: State, effectiveOn: string, today = TODAY) =>
    run('add-comment', state, ['inspector'], {
      body: { text: 'x', visibility: 'public', effectiveOn },
      today,
    });
  const start = (state: State, effectiveOn: string, today = TODAY) =>
    run('start-progress', state, ['inspector'], { body: { effectiveOn }, today });

  test.each([
    ['2025-12-31', { code: 'effective-date-before-issue' }],
    ['2026-01-01', expect.objectContaining({ events: expect.anything() })],
    ['2026-11-24', expect.objectContaining({ events: expect.anything() })],
    ['2026-11-25', { code: 'effective-date-in-future' }],
  ])('of a first move and of a note, %s', (effectiveOn, expected) => {
    expect(start(after(), effectiveOn)).toEqual(expected);
    expect(comment(after(), effectiveOn)).toEqual(expected);
  });

  test('of a note may lie before the last move, of a move it may not', () => {
    const moved = after(
      { type: 'ProgressStarted', on: '2026-05-10' },
      { type: 'ReturnedToReview', on: '2026-06-10' },
    );
    expect(comment(moved, '2026-01-01')).toHaveProperty('events');
    expect(start(moved, '2026-06-09')).toEqual({ code: 'effective-date-out-of-order' });
    expect(start(moved, '2026-06-10')).toHaveProperty('events');
  });

  test('of a move is not compared with the moves of a region that it does not move', () => {
    const state = after({ type: 'EvidenceSubmitted', on: '2026-06-10' });
    expect(start(state, '2026-06-09')).toHaveProperty('events');
  });

  const requested = closureRequest('ann', NO_ACTION);
  test.each([
    ['decide-no-further-action', after(requested, { type: 'EvidenceSubmitted', on: '2026-06-10' })],
    ['decide-no-further-action', after({ ...requested, on: '2026-06-10' })],
    ['decide-no-further-action', after(requested, { type: 'ProgressStarted', on: '2026-06-10' })],
    ['approve-closure', after({ type: 'ClosureRequested', on: '2026-06-10' })],
    ['reopen', after({ type: 'StatusRecorded.complete', on: '2026-06-10' })],
  ])('of %s is compared with progress, closure and evidence', (name, state) => {
    const on = (effectiveOn: string) =>
      run(name, state, ['approver'], { body: { ...bodyOf(name), effectiveOn } });
    expect(on('2026-06-09')).toEqual({ code: 'effective-date-out-of-order' });
    expect(on('2026-06-10')).toHaveProperty('events');
  });

  test.each([
    ['ClosureRequested', 'request-closure', ['ClosureWithdrawn'] as const],
    [
      'EvidenceSubmitted',
      'request-closure',
      ['EvidenceAccepted', 'NoFurtherActionDecided', 'RecommendationReopened'] as const,
    ],
  ])('of a move after a reopening or a closing counts from there: %s', (first, name, then) => {
    const state = after(
      { type: first, on: '2026-02-01' },
      ...then.map((type) => ({ type, on: '2026-06-10' })),
    );
    const on = (effectiveOn: string) =>
      run(name, state, ['inspector'], { body: { statement: 'x', effectiveOn } });
    expect(on('2026-06-09')).toEqual({ code: 'effective-date-out-of-order' });
    expect(on('2026-06-10')).toHaveProperty('events');
  });

  test('is not compared with the response, which moves beside the rest', () => {
    const state = after('ResponseRequired', { type: 'ResponsePublished', on: '2026-06-10' });
    expect(start(state, '2026-06-09')).toHaveProperty('events');
  });

  test('is today where the command names none, and today is still allowed', () => {
    expect(start(after(), TODAY)).toHaveProperty('events');
    // An issue dated after today comes from a wrong clock.
    expect(run('start-progress', after(), ['inspector'], { today: '2025-12-31' })).toHaveProperty('events');
  });

  test('is refused for the state first', () => {
    expect(start(after('ProgressStarted'), '2030-01-01')).toEqual({ code: 'command-not-allowed' });
  });
});

describe('visibility by role', () => {
  const viewer = (roles: readonly string[], organisations: readonly string[] = ['essex']): Rights => ({
    roles,
    organisations,
  });

  test.each<[string, boolean]>([
    ['inspector', true],
    ['approver', true],
    ['auditor', true],
    ['scheduler', true],
    ['administrator', true],
    ['force-lead', false],
    ['commissioner', false],
  ])('%s sees every body: %s', (role, every) => {
    expect(access.visibleBodies(viewer([role]))).toEqual(every ? null : ['essex']);
    expect(access.seesRecipient(viewer([role]), 'essex', recommendation)).toBe(true);
    expect(access.seesRecipient(viewer([role]), 'kent', recommendation)).toBe(every);
    expect(access.seesRecipient(viewer([role]), null, recommendation)).toBe(every);
    expect(access.seesRecipient(viewer([role], []), 'essex', recommendation)).toBe(every);
  });

  test('no one without a role sees a record, even of their own body', () => {
    for (const roles of [[], ['guest']]) {
      expect(access.visibleBodies(viewer(roles))).toEqual([]);
      expect(access.seesRecipient(viewer(roles), 'essex', recommendation)).toBe(false);
      expect(access.seesRecipient(viewer(roles), null, recommendation)).toBe(false);
    }
  });

  test('a role that sees every body sees it, with any other roles', () => {
    expect(access.seesRecipient(viewer(['force-lead', 'auditor']), 'kent', recommendation)).toBe(true);
  });

  test.each(ROLES)('internal comments are read by inspector, approver and auditor alone: %s', (role) => {
    for (const recipient of ['nobody-of-theirs', null]) {
      const reads = ['inspector', 'approver', 'auditor'].includes(role);
      expect(access.readsInternal(viewer([role]), recipient, recommendation)).toBe(reads);
    }
    // On records of their own body, only readers of the whole log read internal comments.
    const theirs = { roles: [role], organisations: ['essex'] };
    expect(access.readsInternal(theirs, 'essex', recommendation)).toBe(role === 'auditor');
  });
});

describe('a record that another one supersedes', () => {
  const superseded = (by: string): State =>
    after({ type: 'NoFurtherActionDecided', data: { reason: 'superseded', supersededBy: by } });
  const supersede = (others: Readonly<Record<string, State>>, supersededBy = 'r-2') =>
    run('request-closure', after(), ['inspector'], {
      body: { outcome: 'superseded', supersededBy, statement: 'a statement' },
      others,
    });

  test('is not superseded by one that it supersedes, however many are in between', () => {
    expect(supersede({ 'recommendation-r-2': superseded('r-1') })).toEqual({ code: 'supersede-cycle' });
    const chain = {
      'recommendation-r-2': superseded('r-3'),
      'recommendation-r-3': superseded('r-4'),
      'recommendation-r-4': superseded('r-1'),
    };
    expect(supersede(chain)).toEqual({ code: 'supersede-cycle' });
  });

  test('is not superseded by one that is closed itself, whatever superseded it', () => {
    const chain = { 'recommendation-r-2': superseded('r-3'), 'recommendation-r-3': after() };
    expect(supersede(chain)).toEqual({ code: 'successor-closed' });
    expect(supersede({ 'recommendation-r-2': after('StatusRecorded.complete') })).toEqual({
      code: 'successor-closed',
    });
  });

  test('depends on every record of the chain, and on no other', () => {
    const bodies = { supersede: { by: 'r-2' }, 'request-closure': SUPERSEDED };
    const chain: Readonly<Record<string, State>> = {
      'recommendation-r-2': superseded('r-3'),
      'recommendation-r-3': superseded('r-1'),
    };
    for (const [name, body] of Object.entries(bodies)) {
      const row = rows[name]!;
      const payload = validatePayload(row.payload, { ...body, statement: 'a statement' });
      const loaded = new Map<string, State | null>();
      for (let next = row.nextStream!(payload, OWN, loaded, []); next !== null;) {
        loaded.set(next, chain[next] ?? null);
        next = row.nextStream!(payload, OWN, loaded, []);
      }
      expect([...loaded.keys()]).toEqual(Object.keys(chain));
    }
  });

  test('is free of it once it is reopened', () => {
    expect(superseded('r-2').facts.supersededBy).toBe('r-2');
    const reopened = after(
      { type: 'NoFurtherActionDecided', data: { reason: 'superseded', supersededBy: 'r-2' } },
      'RecommendationReopened',
    );
    expect(reopened.facts.supersededBy).toBeNull();
    expect(supersede({ 'recommendation-r-2': reopened })).toHaveProperty('events');
  });

  test('is not superseded on a day before the successor was issued', () => {
    const later = after();
    const others = { 'recommendation-r-2': { ...later, firstOn: '2026-06-01' } };
    const body = { ...bodyOf('supersede'), effectiveOn: '2026-05-31' };
    expect(
      run('supersede', after(closureRequest('ann', SUPERSEDED)), ['approver'], { body, others }),
    ).toEqual({
      code: 'effective-date-before-issue',
    });
  });
});

describe('a record that supersedes another one', () => {
  const source = { eventId: COMMENT, from: 0, to: 17 };
  const proposed = {
    type: 'DeadlineProposed',
    data: { deadlineId: 'd1', kind: 'action', suggestedOn: '2035-01-01', rule: 'months', source },
  };
  const due = { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-12-01' } };
  const requested = {
    type: 'ExtensionRequested',
    by: 'lea',
    data: { deadlineId: 'd1', dueOn: '2026-12-31', reason: 'a reason' },
  };
  const supersedes = { type: 'SupersedesRecorded', by: 'cli:cat', data: { supersedes: 'r-1' } };
  const roles: string[] = ['inspector', 'approver'];

  test.each([
    ['set-deadline', [], { dueOn: '2035-01-01' }],
    ['confirm-deadline', [proposed], { deadlineId: 'd1', dueOn: '2035-01-01' }],
    ['grant-extension', [due, requested], {}],
    ['dismiss-deadline', [proposed], { deadlineId: 'd1' }],
    ['withdraw-deadline', [due], { deadlineId: 'd1', reason: 'r' }],
    ['amend-text', [], { text: 'less', reason: 'r' }],
    ['assign-recipient', [], { recipient: 'kent', reason: 'r' }],
  ] as const)('is not changed by %s from the approver of that', (name, happened, body) => {
    const state = after(...happened, supersedes);
    expect(run(name, state, roles, { subject: 'cat', body })).toEqual({ code: 'separation-of-duties' });
    expect(run(name, state, roles, { subject: 'dan', body })).toHaveProperty('events');
    expect(run(name, after(...happened), roles, { subject: 'cat', body })).toHaveProperty('events');
  });
});

describe('a deadline that was found in the text', () => {
  const source = { eventId: COMMENT, from: 0, to: 17 };
  const proposed = (deadlineId: string) => ({
    type: 'DeadlineProposed',
    data: { deadlineId, kind: 'action', suggestedOn: '2027-08-01', rule: 'months', source },
  });

  test('is confirmed by the date that the inspector names, and keeps its id and its place', () => {
    const state = after(proposed('d1'), proposed('d2'));
    const body = { deadlineId: 'd2', dueOn: '2027-08-01' };
    expect(run('confirm-deadline', state, ['inspector'], { body })).toMatchObject({
      events: [
        { type: 'DeadlineSet', data: { deadlineId: 'd2', kind: 'action', dueOn: '2027-08-01', source } },
      ],
    });
    const confirmed = after(proposed('d1'), proposed('d2'), {
      type: 'DeadlineSet',
      data: { deadlineId: 'd2', kind: 'action', dueOn: '2027-08-01', source },
    });
    expect(confirmed.facts.proposals.map(({ id }) => id)).toEqual(['d1']);
    expect(run('set-deadline', confirmed, ['inspector'])).toMatchObject({
      events: [{ data: { deadlineId: 'd3' } }],
    });
  });

  test('is dismissed, and its id is not used again', () => {
    const state = after(proposed('d1'), proposed('d2'));
    const body = { deadlineId: 'd2', reason: 'a reason' };
    expect(run('dismiss-deadline', state, ['inspector'], { body })).toMatchObject({
      events: [{ type: 'DeadlineDismissed', data: body }],
    });
    const dismissed = after(proposed('d1'), proposed('d2'), { type: 'DeadlineDismissed', data: body });
    expect(dismissed.facts.proposals.map(({ id }) => id)).toEqual(['d1']);
    for (const name of ['confirm-deadline', 'dismiss-deadline']) {
      const again = { deadlineId: 'd2', ...(name === 'confirm-deadline' && { dueOn: '2026-08-01' }) };
      expect(run(name, dismissed, ['inspector'], { body: again })).toEqual({ code: 'deadline-unknown' });
    }
    expect(run('set-deadline', dismissed, ['inspector'])).toMatchObject({
      events: [{ data: { deadlineId: 'd3' } }],
    });
  });
});

describe('a text by a person', () => {
  /** Invalid values for members that are ids, codes, digests or days, whose form leaves no room for free text. */
  const FORMS = {
    '/by': ['r-2', 'a b', 'Ann Smith'],
    '/deadlineId': ['d1', 'd1 of Ann Smith', 'Ann Smith'],
    '/decides/*': [COMMENT, 'Ann Smith'],
    '/eventId': [COMMENT, 'Ann Smith'],
    '/items/*/mediaType': ['application/pdf', 'Ann Smith', 'application/pdf; by=Ann Smith'],
    '/items/*/sha256': ['a'.repeat(64), 'Ann Smith'],
    '/pointers/*': ['/data/text', 'Ann Smith'],
    '/recipient': ['kent', 'Ann Smith'],
    '/publishedOn': ['2027-06-30', '2027-06-30 says Ann Smith'],
    '/supersededBy': ['r-2', 'a b', 'Ann Smith'],
    '/dueOn': ['2027-06-30', '2027-06-30 says Ann Smith'],
    '/effectiveOn': ['2026-11-24', '2026-11-24 says Ann Smith'],
  } as const;
  const WRITTEN: readonly Field['kind'][] = ['freeText', 'identifier', 'sha256', 'plainDate'];

  interface Member {
    readonly pointer: string;
    readonly isUrl: boolean;
  }

  /** Returns every string member that is not a choice. */
  const stringMembers = (members: Members, path = ''): Member[] =>
    Object.entries(members).flatMap(([name, field]) => {
      const pointer = `${path}/${name}${field.kind === 'list' ? '/*' : ''}`;
      const inner = field.kind === 'list' ? field.of : field;
      if (inner.kind === 'object') return stringMembers(inner.members, pointer);
      return WRITTEN.includes(inner.kind) ? [{ pointer, isUrl: inner.limits?.isUrl === true }] : [];
    });

  const set = { type: 'DeadlineSet', data: { deadlineId: 'd1', kind: 'action', dueOn: '2026-12-31' } };
  const extension = { type: 'ExtensionRequested', data: { deadlineId: 'd1', dueOn: '2027-06-30' } };
  const source = { eventId: 'RecommendationIssued on day 0', from: 0, to: 4 };
  const found = { deadlineId: 'd1', suggestedOn: '2027-06-30', rule: 'within', source };
  const wrong = { type: 'CorrectionRequested', data: { eventId: ISSUE, recipient: 'kent' } };
  const withRequests = [
    ...[after(set), after(set, extension), after({ type: 'DeadlineProposed', data: found })],
    ...[after(closureRequest('ann', NO_ACTION)), after(closureRequest('ann', SUPERSEDED))],
    after(wrong),
  ];

  const said = ({ pointer, isUrl }: Member): string =>
    `${isUrl ? 'https://example.org/' : ''}Quillfeather${pointer.replaceAll(/[/*]+/g, '-')}`;

  const withValue = (value: JsonValue | undefined, [token, ...rest]: string[], to: string): JsonValue => {
    if (token === undefined) return to;
    if (token === '*') return [withValue((value as JsonValue[] | undefined)?.[0], rest, to)];
    const object = (value ?? {}) as JsonObject;
    return { ...object, [token]: withValue(object[token], rest, to) };
  };
  const tokensOf = (pointer: string): string[] => pointer.split('/').slice(1);

  function withoutSensitive({ type, data }: { readonly type: string; readonly data: JsonObject }): JsonValue {
    const remove = (value: JsonValue | undefined, [token, ...rest]: string[]): JsonValue => {
      if (value === undefined || value === null || token === undefined) return null;
      if (token === '*') return (value as JsonValue[]).map((item) => remove(item, rest));
      const object = value as JsonObject;
      return Object.hasOwn(object, token) ? { ...object, [token]: remove(object[token], rest) } : object;
    };
    return (inspectionRecommendation.code.shapes[type]?.sensitive ?? []).reduce<JsonValue>(
      (rest, pointer) => remove(rest, tokensOf(pointer).slice(1)),
      data,
    );
  }

  test.each(names)('with %s is sensitive in every event', (name) => {
    const written = stringMembers(rows[name]!.payload.members).filter(({ pointer }) => !(pointer in FORMS));
    const body = written.reduce<JsonValue>(
      (before, member) => withValue(before, tokensOf(member.pointer), said(member)),
      bodyOf(name),
    ) as JsonObject;
    const { roles } = DOCUMENTED[name];
    const events = [...reachable, ...withRequests]
      .filter(({ value }) => inspectionRecommendation.whyNot(value, rows[name]!) === null)
      .flatMap((state) => roles.flatMap((role) => PEOPLE.map((subject) => ({ state, role, subject }))))
      .map(({ state, role, subject }) => run(name, state, [role], { subject, body }))
      .flatMap((outcome) => ('events' in outcome ? outcome.events : []));
    expect(events.length).toBeGreaterThan(0);
    for (const member of written) expect(JSON.stringify(events)).toContain(said(member));
    expect(JSON.stringify(events.map(withoutSensitive))).not.toContain('Quillfeather');
  });

  test('in an issue is sensitive, and the rest of it has a form', () => {
    const { sensitive } = inspectionRecommendation.code.shapes['RecommendationIssued']!;
    const open = stringMembers(IssuePayload.members).filter(
      ({ pointer }) => !sensitive.includes(`/data${pointer}`),
    );
    expect(open.map(({ pointer }) => pointer).sort()).toEqual([
      '/deadlines/*/dueOn',
      '/id',
      '/recipients/*',
      '/report/publishedOn',
      '/responseDueOn',
    ]);
  });

  test('fits nowhere else: an id, a code, a digest or a day has its form', () => {
    const seen = new Set<string>();
    for (const name of names) {
      for (const { pointer } of stringMembers(rows[name]!.payload.members)) {
        const [good, ...bad] = (FORMS as Readonly<Record<string, readonly string[]>>)[pointer] ?? [];
        if (good === undefined) continue;
        seen.add(pointer);
        const validate = (value: string) => () =>
          validatePayload(
            rows[name]!.payload,
            withValue(
              pointer === '/supersededBy' ? { ...bodyOf(name), ...SUPERSEDED } : bodyOf(name),
              tokensOf(pointer),
              value,
            ),
          );
        expect(validate(good)).not.toThrow();
        for (const value of bad) expect(validate(value)).toThrow();
      }
    }
    expect([...seen].sort()).toEqual(Object.keys(FORMS).sort());
  });
});
