import { describe, expect, test } from '@jest/globals';
import { IllegalTransitionError } from './statechart.ts';
import type { LifecycleState } from './lifecycle-definition.ts';
import { commandRow, decide, draftEvents } from './decide.ts';
import { reasonsBeforehand } from './reasons-beforehand.ts';
import { permittedRoles } from './command-roles.ts';
import type { CommandDefinition, DecidedEvent, Guard } from './decide.ts';
import { book as lifecycle, LendPayload, notTheLender } from '#test/support/book-lifecycle';
import type { BookFacts as Facts } from '#test/support/book-lifecycle';
import { recordedBy } from '#test/support/recording';

const row = (more: Partial<CommandDefinition<Facts, LendPayload>> = {}) =>
  commandRow<Facts, LendPayload>({
    summary: 'Lends the book.',
    payload: LendPayload,
    roles: ['librarian', 'warden'],
    emits: ['Lent'],
    people: [notTheLender],
    rules: [
      {
        code: 'to-nobody',
        isMet: (_, { to }) => to !== 'nobody',
        detail: (_, { to }) => `${to} cannot take a book`,
      },
    ],
    events: (_, { to }) => [{ type: 'Lent', data: { to } }],
    ...more,
  });

const to = (name: string): LendPayload => ({ to: name });

const actor = { subject: 'ann', roles: ['librarian'] };
const today = '2026-11-24';
const state = (more: Partial<LifecycleState<Facts>> = {}): LifecycleState<Facts> => ({
  of: 'book',
  body: null,
  value: { place: 'shelf', wish: 'none' },
  facts: { lender: null },
  firstOn: '2026-01-01',
  movedOn: {},
  size: { events: 1, bytes: 0, theirs: { events: 0, bytes: 0 } },
  ...more,
});
const lend = (
  before = state(),
  payload: Partial<LendPayload> = {},
  more: Partial<CommandDefinition<Facts, LendPayload>> = {},
) =>
  decide(
    lifecycle,
    row(more),
    ['librarian'],
    before,
    { to: 'bob', ...payload },
    {
      actor,
      organisations: [],
      bodies: [],
      today,
      streamId: 'book-1',
      others: new Map(),
      history: [],
      services: {},
      eventIdAt: String,
    },
  );

const lentBefore: Guard<Facts> = {
  code: 'lent-before',
  isMet: ({ facts }) => facts.lender !== null,
  detail: () => 'Nobody has lent it before',
};
const out = state({ value: { place: 'out', wish: 'none' } });

const refusal = (kind: string, code: string) => ({
  allowed: false,
  refusal: { kind, reason: expect.objectContaining({ code }) },
});

describe('the roles', () => {
  const whyNotAs = (roles: readonly string[]) => `the book is yours, and you are no ${roles.join(' or ')}`;
  const permitted = (own: readonly string[], command = row(), payload?: LendPayload, acting = own) =>
    permittedRoles('lend', command, { own, acting, whyNotAs }, payload);

  test("are the row's roles that the person has, in the row's order", () => {
    expect(permitted(['librarian'])).toEqual({ roles: ['librarian'] });
    expect(permitted(['warden', 'reader'])).toEqual({ roles: ['warden'] });
    expect(permitted(['warden', 'librarian'])).toEqual({ roles: ['librarian', 'warden'] });
  });

  test.each([
    [['reader'], 'Only a librarian or a warden can use lend; you are a reader'],
    [['reader', 'Librarian'], 'Only a librarian or a warden can use lend; you are a reader and a Librarian'],
    [[], 'Only a librarian or a warden can use lend; you have no role'],
  ])('that are missing are reported with the sufficient ones: %j', (roles, detail) => {
    expect(permitted(roles)).toEqual({
      refusal: { kind: 'role', reason: { code: 'role-not-permitted', detail } },
    });
  });

  test('count only if the person acts in them on the record, and the refusal names those', () => {
    const roles = ['librarian', 'reader'];
    expect(permitted(roles, row(), undefined, ['librarian'])).toEqual({ roles: ['librarian'] });
    expect(permitted(roles, row(), undefined, ['reader'])).toMatchObject({
      refusal: {
        reason: {
          detail:
            'Only a librarian or a warden can use lend; you are a librarian and a reader, and act on this record as reader: ' +
            'the book is yours, and you are no librarian',
        },
      },
    });
    // If none of their roles would permit it, no explanation is added.
    expect(permitted(['reader', 'king'], row(), undefined, ['reader'])).toMatchObject({
      refusal: {
        reason: {
          detail:
            'Only a librarian or a warden can use lend; you are a reader and a king, and act on this record as reader',
        },
      },
    });
  });

  test('can depend on the payload, once there is one', () => {
    const narrowed = row({
      narrowerUse: ({ to }) =>
        to === 'king'
          ? { what: 'Lending to a king', roles: ['warden'], instead: 'you may lend to others' }
          : null,
    });
    expect(permitted(['librarian'], narrowed)).toEqual({ roles: ['librarian'] });
    expect(permitted(['librarian'], narrowed, to('bob'))).toEqual({ roles: ['librarian'] });
    expect(permitted(['librarian'], narrowed, to('king'))).toMatchObject({
      refusal: {
        kind: 'role',
        reason: { detail: 'Lending to a king is for warden; you may lend to others' },
      },
    });
    expect(permitted(['librarian', 'warden'], narrowed, to('king'))).toEqual({ roles: ['warden'] });
    expect(permitted(['reader'], narrowed, to('king'))).toMatchObject({
      refusal: { reason: { detail: 'Only a librarian or a warden can use lend; you are a reader' } },
    });
  });
});

describe('decide', () => {
  test('returns the events, under the role and with the checked guards', () => {
    expect(lend()).toEqual({
      allowed: true,
      decision: { role: 'librarian', guards: ['not-the-lender', 'to-nobody'] },
      events: [{ type: 'Lent', data: { to: 'bob' } }],
      effectiveOn: today,
    });
  });

  test('uses the date that the payload names', () => {
    expect(lend(state(), { effectiveOn: '2026-03-01' })).toMatchObject({
      allowed: true,
      effectiveOn: '2026-03-01',
    });
  });

  test('refuses for the state, then for the person, then for a rule of its own, then for the dates', () => {
    const broken = { facts: { lender: 'ann' }, movedOn: { place: '2026-06-01' } };
    const payload = { to: 'nobody', effectiveOn: '2026-05-31' };
    expect(lend(state({ ...broken, value: { place: 'out', wish: 'none' } }), payload)).toEqual(
      refusal('state', 'command-not-allowed'),
    );
    expect(lend(state(broken), payload)).toEqual(refusal('people', 'separation-of-duties'));
    expect(lend(state({ ...broken, facts: { lender: 'cat' } }), payload)).toEqual(
      refusal('rule', 'to-nobody'),
    );
    expect(lend(state({ ...broken, facts: { lender: 'cat' } }), { ...payload, to: 'bob' })).toEqual(
      refusal('rule', 'effective-date-out-of-order'),
    );
  });

  test('reports the failure and its guard', () => {
    expect(lend(state(), {}, { state: [lentBefore] })).toEqual({
      allowed: false,
      refusal: {
        kind: 'state',
        reason: { code: 'command-not-allowed', detail: 'Nobody has lent it before', guard: 'lent-before' },
      },
    });
    expect(lend(state(), { to: 'nobody' })).toEqual({
      allowed: false,
      refusal: { kind: 'rule', reason: { code: 'to-nobody', detail: 'nobody cannot take a book' } },
    });
  });
});

describe('the state', () => {
  const because = (decided: ReturnType<typeof decide>) =>
    decided.allowed ? null : [decided.refusal.kind, decided.refusal.reason];
  const refusalFor = (detail: string) => ['state', { code: 'command-not-allowed', detail }];

  test('is judged by the machine, which says where the command is possible and where the record is', () => {
    expect(because(lend(out))).toEqual(refusalFor('The record must be shelf; it is out'));
    const wish = { emits: ['Wished'], events: () => [{ type: 'Wished', data: {} }] };
    const gone = state({ value: { place: 'gone', wish: 'none' } });
    expect(because(lend(gone, {}, wish))).toEqual(refusalFor('The record must be out; it is gone'));
    const waiting = state({ value: { place: 'out', wish: 'waiting' } });
    expect(because(lend(waiting, {}, wish))).toEqual(
      refusalFor('The state of its wish must be none; it is waiting'),
    );
    const both = state({ value: { place: 'gone', wish: 'waiting' } });
    expect(because(lend(both, {}, wish))).toEqual(
      refusalFor('The record must be out; it is gone. The state of its wish must be none; it is waiting'),
    );
    expect(because(lend(out, {}, wish))).toBeNull();
  });

  test('is judged for every move that the command records, one after the other', () => {
    const renew = {
      emits: ['Returned', 'Praised', 'Lent'],
      events: () => [
        { type: 'Returned', data: {} },
        { type: 'Lent', data: {} },
      ],
    };
    expect(because(lend(out, {}, renew))).toBeNull();
    expect(because(lend(state(), {}, renew))).toEqual(refusalFor('The record must be out; it is shelf'));
    expect(because(lend(out, {}, { emits: ['Lent', 'Lent'] }))).toEqual(
      refusalFor('This is not possible in any state of the record'),
    );
  });

  test('is judged by a guard of the definition as well, where the row names one', () => {
    const praise = {
      emits: ['Praised'],
      when: 'lent',
      events: () => [{ type: 'Praised', data: {} }],
    };
    expect(because(lend(out, {}, praise))).toBeNull();
    expect(because(lend(state(), {}, praise))).toEqual(refusalFor('The record must be out; it is shelf'));
  });

  test('is not checked for events that the row does not declare: that is a fault of the row', () => {
    const undeclared = () => [{ type: 'Sold', data: {} }];
    expect(() => lend(state(), {}, { events: undeclared })).toThrow(IllegalTransitionError);
    const elsewhere = () => [{ type: 'Praised', data: {}, streamId: 'book-2' }];
    expect(() => lend(state(), {}, { emits: ['Praised'], events: elsewhere })).toThrow(
      'A command decided Praised, which its definition does not declare',
    );
  });
});

describe('the effective date of a move', () => {
  const moved = state({ movedOn: { place: '2026-06-01', wish: '2026-07-01' } });

  test.each([
    ['2026-11-25', 'effective-date-in-future'],
    ['2026-05-31', 'effective-date-out-of-order'],
    ['2025-12-31', 'effective-date-out-of-order'],
  ])('%s is refused: %s', (effectiveOn, code) => {
    expect(lend(moved, { effectiveOn })).toEqual(refusal('rule', code));
  });

  test.each(['2026-06-01', '2026-06-15', today])(
    '%s is accepted, whatever happened in regions that it does not move',
    (effectiveOn) => {
      expect(lend(moved, { effectiveOn })).toMatchObject({ allowed: true, effectiveOn });
    },
  );

  test('before the beginning is refused as such if nothing has moved yet', () => {
    expect(lend(state(), { effectiveOn: '2025-12-31' })).toEqual(refusal('rule', 'before-purchase'));
    expect(lend(state(), { effectiveOn: '2026-01-01' })).toMatchObject({ allowed: true });
  });

  test('is compared with nothing that is effective after today, which a wrong clock recorded', () => {
    const [later, last] = ['2027-03-01', '2026-06-01'];
    const leapt = state({ firstOn: later, movedOn: { place: later, wish: later } });
    expect(lend(leapt, { effectiveOn: today })).toMatchObject({ allowed: true, effectiveOn: today });
    expect(lend(leapt, { effectiveOn: '2026-05-31' })).toMatchObject({ allowed: true });
    const partly = state({ movedOn: { place: last, wish: later } });
    expect(lend(partly, { effectiveOn: '2026-05-31' })).toEqual(
      refusal('rule', 'effective-date-out-of-order'),
    );
    expect(lend(leapt, { effectiveOn: later })).toEqual(refusal('rule', 'effective-date-in-future'));
  });

  test('is compared with the last move of every region that it moves', () => {
    const waited = state({ ...moved, value: { place: 'out', wish: 'waiting' } });
    const bringBack = (effectiveOn: string) =>
      lend(waited, { effectiveOn }, { emits: ['Returned'], events: () => [{ type: 'Returned', data: {} }] });
    expect(bringBack('2026-06-30')).toEqual(refusal('rule', 'effective-date-out-of-order'));
    expect(bringBack('2026-07-01')).toMatchObject({ allowed: true });
  });
});

describe('the effective date of a note', () => {
  const praise = (effectiveOn: string) =>
    lend(
      state({ movedOn: { place: '2026-06-01' } }),
      { effectiveOn },
      { emits: ['Praised'], events: () => [{ type: 'Praised', data: {} }] },
    );

  test('may lie before the last move, back to the beginning', () => {
    expect(praise('2026-01-01')).toMatchObject({ allowed: true });
    expect(praise('2025-12-31')).toEqual(refusal('rule', 'before-purchase'));
  });

  test('may not lie in the future', () => {
    expect(praise(today)).toMatchObject({ allowed: true });
    expect(praise('2026-11-25')).toEqual(refusal('rule', 'effective-date-in-future'));
  });
});

describe('a condition that throws', () => {
  const error = new Error('no shelf');
  const broken = {
    code: 'on-a-shelf',
    isMet: () => {
      throw error;
    },
    detail: () => '',
  };
  const asking = { actor, bodies: [], today };
  const rows: readonly Partial<CommandDefinition<Facts, LendPayload>>[] = [
    { rules: [broken] },
    { rules: [{ ...broken, kind: 'invalid' }] },
    { state: [broken] },
    { people: [broken] },
    { preconditions: [{ ...broken, kind: 'rule' }], state: [broken] },
  ];
  const failed = { reason: { code: 'rule-failed', guard: 'on-a-shelf' }, error };

  test.each(rows)('refuses its own command, and says which one it is: %#', (more) => {
    expect(lend(state(), {}, more)).toMatchObject({ allowed: false, refusal: failed });
    if (more.rules === undefined)
      expect(reasonsBeforehand(lifecycle, row(more), state(), asking, ['librarian'])[0]).toMatchObject(
        failed,
      );
  });

  test.each(rows)('is not shown where the machine refuses: %#', (more) => {
    const refused = { kind: 'state', reason: { code: 'command-not-allowed' } };
    expect(lend(out, {}, more)).toMatchObject({ allowed: false, refusal: refused });
    expect(reasonsBeforehand(lifecycle, row(more), out, asking, ['librarian'])).toMatchObject([refused]);
  });
});

describe('the list of reasons against a command without a payload', () => {
  const asking = { actor, bodies: [], today };

  test("is the machine's reason alone, or every guard of the state that fails", () => {
    const reasons = (before: LifecycleState<Facts>) =>
      reasonsBeforehand(lifecycle, row({ state: [lentBefore] }), before, asking, ['librarian']).map(
        ({ kind, reason }) => [kind, reason.detail],
      );
    expect(reasons(out)).toEqual([['state', 'The record must be shelf; it is out']]);
    expect(reasons(state())).toEqual([['state', 'Nobody has lent it before']]);
  });

  test('is the person only where the state would allow it', () => {
    const lent = { facts: { lender: 'ann' } };
    expect(
      reasonsBeforehand(lifecycle, row(), state(lent), asking, ['librarian']).map(({ kind }) => kind),
    ).toEqual(['people']);
    const lentOut = { ...out, ...lent };
    expect(
      reasonsBeforehand(lifecycle, row(), lentOut, asking, ['librarian']).map(({ kind }) => kind),
    ).toEqual(['state']);
  });

  test('has the refusals of rules for any payload, in the role and on the day', () => {
    const foreseen = (kind: 'state' | 'people' | 'rule') => ({
      code: `no-${kind}`,
      kind,
      isMet: (_: LifecycleState<Facts>, { role, today: day }: { role: string; today: string }) =>
        role === 'warden' || day !== today,
      detail: () => 'Not today',
    });
    const command = row({ preconditions: [foreseen('rule'), foreseen('people'), foreseen('state')] });
    const reasonsFor = (row: typeof command, roles: string[], day = today) =>
      reasonsBeforehand(lifecycle, row, state(), { actor, bodies: [], today: day }, roles).map(
        ({ reason }) => reason,
      );
    expect(reasonsFor(command, ['librarian'])).toEqual([
      { code: 'command-not-allowed', guard: 'no-state', detail: 'Not today' },
      { code: 'no-rule', detail: 'Not today' },
    ]);
    expect(reasonsFor(row({ preconditions: [foreseen('people')] }), ['librarian'])).toEqual([
      { code: 'separation-of-duties', guard: 'no-people', detail: 'Not today' },
    ]);
    expect(reasonsFor(command, ['librarian', 'warden'])).toEqual([]);
    expect(reasonsFor(command, ['librarian'], '2030-01-01')).toEqual([]);
  });

  test('is that the record is full, in each of the roles', () => {
    const reason = { code: 'record-full', detail: 'Full' };
    const full = (role: string) => (role === 'librarian' ? reason : null);
    const reasonsFor = (roles: string[]) =>
      reasonsBeforehand(lifecycle, row(), state(), asking, roles, full).map((refused) => refused.reason);
    expect(reasonsFor(['librarian'])).toEqual([reason]);
    expect(reasonsFor(['librarian', 'warden'])).toEqual([]);
  });
});

describe('drafts', () => {
  const draft = (before: LifecycleState<Facts> | null, events: DecidedEvent[]) =>
    draftEvents(lifecycle, before, events, today, recordedBy(actor));

  test('contain the value after each event, in order, and the members that its type declares', () => {
    const { drafts, state: after } = draft(null, [
      { type: 'Bought', data: {} },
      { type: 'Lent', data: { to: 'bob' }, effectiveOn: '2026-11-20' },
      { type: 'Praised', data: {} },
    ]);
    expect(drafts).toEqual([
      {
        type: 'Bought',
        schemaVersion: 1,
        effectiveOn: today,
        data: {},
        sensitive: [],
        state: { place: 'shelf', wish: 'none' },
      },
      {
        type: 'Lent',
        schemaVersion: 2,
        effectiveOn: '2026-11-20',
        data: { to: 'bob' },
        sensitive: ['/data/to'],
        state: { place: 'out', wish: 'none' },
      },
      {
        type: 'Praised',
        schemaVersion: 1,
        effectiveOn: today,
        data: {},
        sensitive: [],
        state: { place: 'out', wish: 'none' },
      },
    ]);
    expect(after).toMatchObject({
      value: { place: 'out', wish: 'none' },
      facts: { lender: 'ann' },
      firstOn: today,
      movedOn: { place: '2026-11-20' },
    });
  });

  test.each([
    ['a move that is not legal', state(), 'Returned'],
    ['a first event in the middle', state(), 'Bought'],
    ['a move before the first event', null, 'Lent'],
    ['a note before the first event', null, 'Praised'],
    ['an undeclared event', state(), 'Burnt'],
    ['an event named as a member of every object', state(), 'constructor'],
  ])('are refused for %s', (_, before, type) => {
    expect(() => draft(before, [{ type, data: {} }])).toThrow(IllegalTransitionError);
  });

  test('are refused for an empty list', () => {
    expect(() => draft(null, [])).toThrow('without events');
  });
});
