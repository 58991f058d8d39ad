import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '#event-sourcing/envelope';
import { events } from './events.ts';
import type { EventType } from './events.ts';
import { evolveFacts, noFacts } from './evolve-facts.ts';
import type { Facts } from './facts.ts';
import { folded } from '#test/support/recording';

const after = (facts: Facts, type: EventType, data: JsonObject = {}, subject = 's-1'): Facts =>
  evolveFacts(facts, folded(type, { data, subject, eventId: `${type} by ${subject}` }));

const facts = (more: Partial<Facts> = {}): Facts => ({ ...noFacts, ...more });

test('a decision on an extension removes the request that it names, whatever else waits for that deadline', () => {
  const request = (eventId: string) => ({
    ...{ eventId, deadlineId: 'd1', dueOn: '2027-01-01' },
    ...{ requester: 's-1', on: '2026-01-01', version: 1 },
  });
  const before = facts({ extensions: [request('e-1'), request('e-2')] });
  for (const type of ['DeadlineExtended', 'ExtensionRefused'] as const) {
    const decided = after(before, type, { deadlineId: 'd1', dueOn: '2027-01-01', decides: ['e-2'] });
    expect(decided.extensions).toEqual([request('e-1')]);
  }
});

test('given a closing and a reopening that are dated before a request, which the closing dropped, then a view requests nothing', () => {
  const set = { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' };
  const history = [
    folded('DeadlineSet', { version: 2, data: set }),
    folded('NoFurtherActionDecided', { version: 4, effectiveOn: '2026-02-01', data: { reason: 'merged' } }),
    folded('RecommendationReopened', { version: 5, effectiveOn: '2026-02-10' }),
    folded('ExtensionRequested', {
      version: 3,
      effectiveOn: '2026-03-20',
      data: { deadlineId: 'd1', dueOn: '2026-12-30' },
    }),
  ];
  expect(history.reduce(evolveFacts, noFacts).extensions).toEqual([]);
});

describe('the recipient', () => {
  test('is that of the issue, or none where a register did not say', () => {
    expect(after(noFacts, 'RecommendationIssued', { recipient: 'essex' }).recipient).toBe('essex');
    expect(after(noFacts, 'RecommendationIssued', { recipient: null }).recipient).toBeNull();
  });

  test('can be assigned later', () => {
    expect(after(noFacts, 'RecipientAssigned', { recipient: 'kent' }).recipient).toBe('kent');
  });
});

test('the owner is the last one assigned', () => {
  const first = after(noFacts, 'OwnerAssigned', { owner: 'o-1' });
  expect(first.owner).toBe('o-1');
  expect(after(first, 'OwnerAssigned', { owner: 'o-2', reason: 'moved on' }).owner).toBe('o-2');
});

describe('the requested closure', () => {
  const closure = {
    ...{ eventId: 'ClosureRequested by s-7', requester: 's-7', on: '2026-01-01', version: 1 },
    outcome: 'complete' as const,
    considers: null,
    recordedAt: '2026-01-01T00:00:00.000Z',
  };

  test('names its event and its actor, not anybody that the payload names', () => {
    expect(after(noFacts, 'ClosureRequested', { closure: 'other' }, 's-7').closure).toEqual(closure);
  });

  test.each<EventType>([
    'ClosureWithdrawn',
    'ClosureRefused',
    'RecommendationCompleted',
    'NoFurtherActionDecided',
    'StatusRecorded.complete',
    'StatusRecorded.no-further-action-needed',
  ])('is none after %s', (type) => {
    expect(after(facts({ closure }), type).closure).toBeNull();
  });

  test.each<EventType>([
    'CommentAdded',
    'ProgressStarted',
    'ReturnedToReview',
    'EvidenceSubmitted',
    'StatusRecorded.being-progressed',
    'StatusRecorded.awaiting-review',
    'DeadlinePassed',
  ])('stays through %s', (type) => {
    expect(after(facts({ closure }), type).closure).toBe(closure);
  });
});

describe('the submissions', () => {
  const one = { eventId: 'e-1', requester: 's-1', on: '2026-01-01', version: 1 };
  const requesters = (now: Facts) => now.submissions.map(({ requester }) => requester);

  test('are all since the last decision, with their submitters', () => {
    let now = after(noFacts, 'EvidenceSubmitted', {}, 's-1');
    now = after(now, 'EvidenceSubmitted', {}, 's-2');
    now = after(now, 'EvidenceSubmitted', {}, 's-1');
    expect(requesters(now)).toEqual(['s-1', 's-2', 's-1']);
    now = after(now, 'EvidenceRejected', {}, 's-3');
    expect(now.submissions).toEqual([]);
    expect(requesters(after(now, 'EvidenceSubmitted', {}, 's-2'))).toEqual(['s-2']);
    expect(now.submitted).toHaveLength(3);
    expect(after(now, 'RecommendationReopened').submitted).toEqual([]);
  });

  test.each<EventType>(['EvidenceAccepted', 'EvidenceRejected', 'RecommendationReopened'])(
    'are none after %s',
    (type) => {
      expect(after(facts({ submissions: [one] }), type).submissions).toEqual([]);
    },
  );

  test.each<EventType>([
    'RecommendationCompleted',
    'NoFurtherActionDecided',
    'ClosureRequested',
    'CommentAdded',
  ])('stay through %s, which decides nothing on the evidence', (type) => {
    expect(after(facts({ submissions: [one] }), type).submissions).toEqual([one]);
  });
});

test('an owner that is redacted is gone, whether or not the event has lost it yet', () => {
  const owned = after(noFacts, 'OwnerAssigned', { owner: 'o-1' });
  const redact = (eventId: string, erased: string[]) => after(owned, 'CommentRedacted', { eventId, erased });
  expect(redact('OwnerAssigned by s-1', ['/data/owner']).owner).toBeNull();
  expect(redact('OwnerAssigned by s-1', ['/data/reason']).owner).toBe('o-1');
  expect(redact('another', ['/data/owner']).owner).toBe('o-1');
});

describe("an action of the recipient's people", () => {
  const withEvent = (facts: Facts, role: string, type: EventType = 'CommentAdded') =>
    evolveFacts(facts, folded(type, { decision: { role } }));

  test('is remembered from the first command of its people on, until another recipient is named', () => {
    const issued = after(noFacts, 'RecommendationIssued', { recipient: 'essex' });
    expect(withEvent(issued, 'inspector').recipientActed).toBe(false);
    for (const role of ['force-lead', 'commissioner']) {
      const acted = withEvent(issued, role);
      expect(acted.recipientActed).toBe(true);
      expect(withEvent(acted, role)).toBe(acted);
      expect(after(acted, 'RecipientAssigned', { recipient: 'kent' }).recipientActed).toBe(false);
    }
  });
});

describe('the person who decided', () => {
  test('is remembered of commands that name it, and of nothing that was imported', () => {
    const data = { decides: ['e-1', 'e-2'] };
    expect(after(noFacts, 'EvidenceAccepted', data, 'ann').decisions).toEqual([
      { by: { subject: 'ann', roles: [] }, decides: ['e-1', 'e-2'] },
    ]);
    const imported = folded('RecommendationCompleted', { origin: 'import', data });
    expect(evolveFacts(noFacts, imported).decisions).toEqual([]);
  });
});

describe('a person who only imported an event', () => {
  test('did not record it: they are not its requester', () => {
    const imported = evolveFacts(noFacts, folded('EvidenceSubmitted', { origin: 'import' }));
    expect(imported.submissions).toMatchObject([{ requester: null }]);
  });

  test('requested the closure in their file', () => {
    const imported = evolveFacts(noFacts, folded('ClosureRequested', { origin: 'import' }));
    expect(imported.closure?.requester).toBe('s-1');
  });
});

describe('a closed record', () => {
  test.each<EventType>([
    'RecommendationCompleted',
    'NoFurtherActionDecided',
    'StatusRecorded.complete',
    'StatusRecorded.no-further-action-needed',
  ])('has nothing pending after %s, whatever was requested later in effective order', (type) => {
    const request = { deadlineId: 'd1', dueOn: '2026-12-31', reason: 'r' };
    const dated = after(noFacts, 'DeadlineSet', { deadlineId: 'd1', kind: 'action', dueOn: '2026-06-30' });
    const closed = after(after(dated, 'ExtensionRequested', request), type);
    expect(closed.extensions).toEqual([]);
    expect(after(closed, 'ExtensionRequested', request).extensions).toEqual([]);
    for (const open of ['RecommendationReopened', 'StatusRecorded.being-progressed'] as const) {
      expect(after(after(closed, open), 'ExtensionRequested', request).extensions).toHaveLength(1);
    }
  });
});

describe('the deadlines', () => {
  const set = { deadlineId: 'd1', kind: 'action', dueOn: '2026-03-31' };

  test('are those that were set, in order, with the place in the text where one was found', () => {
    const source = { eventId: 'e-1', from: 3, to: 15 };
    let now = after(noFacts, 'DeadlineSet', set);
    now = after(now, 'DeadlineSet', { deadlineId: 'd2', kind: 'response', dueOn: '2026-02-25', source });
    expect(now.deadlines).toEqual([
      {
        id: 'd1',
        kind: 'action',
        dueOn: '2026-03-31',
        firstDueOn: '2026-03-31',
        dueSince: '2026-01-01',
        setBy: { subject: 's-1', at: '2026-01-01T00:00:00.000Z' },
      },
      {
        id: 'd2',
        kind: 'response',
        dueOn: '2026-02-25',
        firstDueOn: '2026-02-25',
        dueSince: '2026-01-01',
        setBy: { subject: 's-1', at: '2026-01-01T00:00:00.000Z' },
        source,
      },
    ]);
  });

  test('keep their first date for ever, however often they are extended', () => {
    let now = after(noFacts, 'DeadlineSet', set);
    now = after(now, 'DeadlineSet', { ...set, deadlineId: 'd2' });
    now = after(now, 'DeadlineExtended', { deadlineId: 'd1', dueOn: '2026-06-30' });
    now = after(now, 'DeadlineExtended', { deadlineId: 'd1', dueOn: '2026-12-31' });
    expect(now.deadlines).toEqual([
      {
        id: 'd1',
        kind: 'action',
        dueOn: '2026-12-31',
        firstDueOn: '2026-03-31',
        dueSince: '2026-01-01',
        setBy: { subject: 's-1', at: '2026-01-01T00:00:00.000Z' },
      },
      {
        id: 'd2',
        kind: 'action',
        dueOn: '2026-03-31',
        firstDueOn: '2026-03-31',
        dueSince: '2026-01-01',
        setBy: { subject: 's-1', at: '2026-01-01T00:00:00.000Z' },
      },
    ]);
  });

  test.each<EventType>(['DeadlineApproaching', 'DeadlinePassed', 'DeadlineEscalated'])(
    'stay as they were through %s: a sweep moves nothing',
    (type) => {
      const before = after(noFacts, 'DeadlineSet', set);
      const swept = after(before, type, { deadlineId: 'd1', dateVersion: 1 });
      expect(swept.ledger.toJSON().recorded).toEqual([`d1/1/${type}`]);
      expect({ ...swept, ledger: before.ledger, passed: [] }).toEqual(before);
    },
  );

  test.each<[EventType, JsonObject]>([
    ['DeadlineExtended', { deadlineId: 'd1', dueOn: '2026-06-30' }],
    ['RecommendationCompleted', {}],
    ['NoFurtherActionDecided', {}],
    ['StatusRecorded.complete', {}],
  ])('have passed where %s comes after their date, and not on it', (type, data) => {
    const before = after(noFacts, 'DeadlineSet', set);
    const passedAfter = (effectiveOn: string) =>
      evolveFacts(before, folded(type, { effectiveOn, data })).deadlines.map(({ passed }) => passed);
    expect(passedAfter('2026-04-01')).toEqual([true]);
    expect(passedAfter('2026-03-31')).toEqual([undefined]);
  });

  test('have passed where the response came after its date, and the others not', () => {
    const before = after(after(noFacts, 'DeadlineSet', set), 'DeadlineSet', {
      ...set,
      deadlineId: 'd2',
      kind: 'response',
    });
    const answered = (effectiveOn: string) =>
      evolveFacts(before, folded('ResponsePublished', { effectiveOn }));
    expect(answered('2026-04-01').deadlines.map(({ passed }) => passed)).toEqual([undefined, true]);
    expect(answered('2026-03-31').deadlines).toBe(before.deadlines);
  });
});

describe('any event', () => {
  const full = facts({
    commenters: ['s-1'],
    recipient: 'essex',
    owner: 'o-1',
    written: after(noFacts, 'RegisterRecordImported').written,
    closure: {
      ...{ eventId: 'e-1', requester: 's-1', on: '2026-01-01', version: 1 },
      outcome: 'complete',
      considers: null,
      recordedAt: '2026-01-01T00:00:00.000Z',
    },
    submissions: [{ eventId: 'e-2', requester: 's-2', on: '2026-01-01', version: 1 }],
    deadlines: [
      {
        id: 'd1',
        kind: 'action',
        dueOn: '2026-03-31',
        firstDueOn: '2026-03-31',
        dueSince: '2026-01-01',
        setBy: { subject: 's-1', at: '2026-01-01T00:00:00.000Z' },
      },
    ],
  });

  test.each(Object.keys(events) as EventType[])('leaves the facts before it as they were: %s', (type) => {
    const frozen = Object.freeze({
      ...full,
      submissions: Object.freeze(full.submissions),
      deadlines: Object.freeze(full.deadlines),
    });
    const copy = structuredClone(frozen);
    after(frozen, type, {
      recipient: 'kent',
      owner: 'o-2',
      deadlineId: 'd1',
      dueOn: '2027-01-01',
      kind: 'action',
      decides: [],
    });
    expect(frozen).toEqual(copy);
  });

  test.each<EventType>(['CommentAdded', 'CommentRedacted', 'RegisterRecordImported', 'ResponseRequired'])(
    'that changes none returns the same object: %s',
    (type) => {
      expect(after(full, type)).toBe(full);
    },
  );
});

describe('where the status came from', () => {
  const from = (type: EventType, origin: 'import' | 'command', before: 'import' | 'command') =>
    evolveFacts(facts({ statusOrigin: before }), folded(type, { origin })).statusOrigin;

  test.each<EventType>([
    'RecommendationIssued',
    'ProgressStarted',
    'ReturnedToReview',
    'RecommendationCompleted',
    'NoFurtherActionDecided',
    'RecommendationReopened',
    'StatusRecorded.awaiting-review',
    'StatusRecorded.complete',
  ])('is that of %s', (type) => {
    expect(from(type, 'import', 'command')).toBe('import');
    expect(from(type, 'command', 'import')).toBe('command');
  });

  test.each<EventType>(['CommentAdded', 'ClosureRequested', 'EvidenceSubmitted', 'UnknownStatusRecorded'])(
    'stays through %s',
    (type) => {
      expect(from(type, 'command', 'import')).toBe('import');
      expect(from(type, 'import', 'command')).toBe('command');
    },
  );
});

describe('whose texts an approver recorded or decided on', () => {
  const approver = (subject: string) => ({ actor: { subject, roles: ['approver'] } });
  const texts = (...history: Parameters<typeof folded>[]): Facts['approversTexts'] =>
    history.map((event) => folded(...event)).reduce(evolveFacts, noFacts).approversTexts;

  test.each<[string, Parameters<typeof folded>]>([
    ['an inspector', ['CommentAdded', { data: { text: 't' } }]],
    ['an import', ['CommentAdded', { ...approver('bob'), origin: 'import', data: { text: 't' } }]],
    [
      'an approver without a text',
      ['RecipientAssigned', { ...approver('bob'), data: { recipient: 'kent' } }],
    ],
    ['an approver, stored without a text', ['RecipientAssigned', { ...approver('bob'), commitments: {} }]],
  ])('is no one after an event of %s', (_, event) => {
    expect(texts(event)).toEqual([]);
  });

  test('is each person once, also where the text is erased', () => {
    const erased = { ...approver('cli:bob'), commitments: { '/data/text': 'c' } };
    expect(
      texts(['CommentAdded', { ...approver('bob'), data: { text: 't' } }], ['CommentAdded', erased]),
    ).toEqual([['bob']]);
  });

  test('is its requester and its decider', () => {
    const request = { subject: 'ann', eventId: 'e-1', data: { statement: 's' } };
    const decided = { ...approver('bob'), data: { decides: ['e-1'] } };
    expect(texts(['ClosureRequested', request], ['ClosureRefused', decided])).toEqual([['ann', 'bob']]);
  });
});
