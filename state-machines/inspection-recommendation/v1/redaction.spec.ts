import 'reflect-metadata';
import { describe, expect, test } from '@jest/globals';
import type { Envelope, JsonObject, Pointer } from '#event-sourcing/envelope';
import { decide } from '#lifecycle/decide';
import type { CommandTable } from '#lifecycle/decide';
import { validatePayload } from '#lifecycle/validate-payload';
import type { Facts } from './facts.ts';
import { inspectionRecommendation } from './lifecycle.ts';
import { commands } from './policy.ts';
import { withoutRedacted } from '../../capabilities/redacted.ts';

const rows: CommandTable<Facts> = commands;
const idOf = (number: number): string => `6f9619ff-8b86-5011-b42d-${String(number).padStart(12, '0')}`;

/** Returns a stored event. Of its sensitive values, only those with a salt are present. */
function stored(number: number, type: string, data: JsonObject, more: Partial<Envelope> = {}): Envelope {
  const pointers = sensitiveIn(data);
  return {
    eventId: idOf(number),
    type,
    data,
    origin: 'command',
    actor: { subject: 'author', roles: ['inspector'] },
    commitments: Object.fromEntries(pointers.map((pointer) => [pointer, 'c'])),
    salts: Object.fromEntries(pointers.map((pointer) => [pointer, 's'])),
    ...more,
  } as Envelope;
}

const FREE = ['text', 'title', 'source', 'sourceSha256', 'reason'];
const sensitiveIn = (data: JsonObject): Pointer[] =>
  Object.keys(data)
    .filter((member) => FREE.includes(member))
    .map((member) => `/data/${member}`);

const sourceOf = (text: string): JsonObject => ({
  source: Buffer.from(text).toString('base64'),
  sourceSha256: 'd',
  length: text.length,
});

interface Situation {
  readonly subject?: string;
  readonly role?: string;
  readonly decisions?: Facts['decisions'];
  readonly effectiveOn?: string;
}

function decideOn(
  history: readonly Envelope[],
  number: number,
  pointers?: readonly Pointer[],
  { subject = 'app-1', role = 'approver', decisions = [], effectiveOn }: Situation = {},
) {
  const row = rows['redact-comment']!;
  const body = {
    eventId: idOf(number),
    reason: 'a reason',
    ...(pointers && { pointers: [...pointers] }),
    ...(effectiveOn !== undefined && { effectiveOn }),
  };
  const context = {
    actor: { subject, roles: [role] },
    organisations: [],
    bodies: [],
    today: '2026-11-24',
    streamId: 'recommendation-r-1',
    others: new Map(),
    history,
    services: {},
    eventIdAt: String,
  };
  const initial = inspectionRecommendation.initialState('2026-01-01');
  const state = { ...initial, facts: { ...initial.facts, decisions } };
  return decide(inspectionRecommendation, row, [role], state, validatePayload(row.payload, body), context);
}

function redact(...args: Parameters<typeof decideOn>) {
  const decided = decideOn(...args);
  if (!decided.allowed) return decided.refusal.reason.code;
  return decided.events.map(({ data }) => ({ eventId: data['eventId'], erased: data['erased'] }));
}

const redacted = (number: number, of: number, erased: readonly Pointer[]): Envelope =>
  stored(number, 'CommentRedacted', { eventId: idOf(of), erased, reason: 'a reason' });

describe('a redaction', () => {
  const history = [
    stored(1, 'RecommendationIssued', { title: 'A title', text: 'A text' }),
    stored(2, 'CommentAdded', { text: 'Ann Smith called.' }),
    stored(3, 'ProgressStarted', {}),
  ];

  test('is of every value of the event where none is named', () => {
    expect(redact(history, 1)).toEqual([{ eventId: idOf(1), erased: ['/data/title', '/data/text'] }]);
  });

  test('is not effective before the erased event', () => {
    const since = history.map((event, index) =>
      index === 1 ? { ...event, effectiveOn: '2026-06-02' } : event,
    );
    const on = (effectiveOn: string) => redact(since, 2, undefined, { effectiveOn });
    expect(on('2026-06-01')).toBe('effective-date-out-of-order');
    expect(on('2026-06-02')).toEqual([{ eventId: idOf(2), erased: ['/data/text'] }]);
  });

  test('is of the values that are named', () => {
    expect(redact(history, 1, ['/data/text'])).toEqual([{ eventId: idOf(1), erased: ['/data/text'] }]);
  });

  test('names an event of the record, and only free text', () => {
    expect(redact(history, 9)).toBe('event-not-found');
    expect(redact(history, 3)).toBe('not-redactable');
    expect(redact(history, 2, ['/data/visibility'])).toBe('not-redactable');
    expect(redact(history, 2, ['/data/text', '/data/nothing'])).toBe('not-redactable');
  });

  test('is refused for erased values, and erases the remaining ones', () => {
    expect(redact([...history, redacted(4, 2, ['/data/text'])], 2)).toBe('command-not-allowed');
    const half = [...history, redacted(4, 1, ['/data/text'])];
    expect(redact(half, 1, ['/data/text'])).toBe('command-not-allowed');
    expect(redact(half, 1)).toEqual([{ eventId: idOf(1), erased: ['/data/title'] }]);
  });

  test('can be of the reason of another redaction', () => {
    expect(redact([...history, redacted(4, 2, ['/data/text'])], 4)).toEqual([
      { eventId: idOf(4), erased: ['/data/reason'] },
    ]);
  });
});

describe('a redactable text', () => {
  const history = [
    stored(1, 'RecommendationIssued', { title: 'A title', text: 'A text' }),
    stored(2, 'ProgressStarted', {}),
  ];
  const detailOf = (...args: Parameters<typeof decideOn>) => {
    const decided = decideOn(...args);
    return decided.allowed ? null : decided.refusal.reason.detail;
  };

  test('is named with the refusal, also where there is none', () => {
    expect(detailOf(history, 1, ['/data/recipient'])).toBe(
      'Only free text can be redacted; in this event that is /data/title, /data/text',
    );
    expect(detailOf(history, 2)).toBe('This event has no free text, so there is nothing to redact');
  });
});

describe('the redacting person', () => {
  const by = (subject: string, ...roles: string[]) => ({ subject, roles });
  const comment = (actor = by('ann', 'inspector'), origin: Envelope['origin'] = 'command') =>
    stored(1, 'CommentAdded', { text: 'Ann Smith called.' }, { actor, origin });
  const decided = (...roles: string[]) => [{ by: by('dan', ...roles), decides: [idOf(9), idOf(1)] }];
  const redactIn = (situation: Situation, event = comment()) => redact([event], 1, undefined, situation);
  const refused = 'separation-of-duties';
  const allowed = [{ eventId: idOf(1), erased: ['/data/text'] }];

  test('is an approver, and not the recorder of the event, also from the command line', () => {
    expect(redactIn({ subject: 'bob' })).toEqual(allowed);
    expect(redactIn({ subject: 'ann' })).toBe(refused);
    expect(redactIn({ subject: 'cli:ann' })).toBe(refused);
    expect(redactIn({ subject: 'ann' }, comment(by('ann', 'inspector'), 'import'))).toBe(refused);
    expect(redactIn({ subject: 'bob' }, comment(by('ann', 'inspector'), 'import'))).toEqual(allowed);
  });

  test('is not a person who made a decision that names the event', () => {
    const decisions = decided('approver');
    expect(redactIn({ subject: 'dan', decisions })).toBe(refused);
    expect(redactIn({ subject: 'bob', decisions })).toEqual(allowed);
    expect(redactIn({ subject: 'dan', decisions: [{ by: by('dan'), decides: [idOf(2)] }] })).toEqual(allowed);
  });

  test('is an inspector where an approver recorded it or decided on it, and neither did they', () => {
    const inspector = { subject: 'ivy', role: 'inspector' };
    expect(redactIn(inspector)).toBe(refused);
    expect(redactIn({ ...inspector, decisions: decided('inspector') })).toBe(refused);
    expect(redactIn({ ...inspector, decisions: decided('inspector', 'approver') })).toEqual(allowed);
    expect(redactIn(inspector, comment(by('bob', 'approver')))).toEqual(allowed);
    expect(redactIn(inspector, comment(by('bob', 'approver'), 'import'))).toEqual(allowed);
    expect(redactIn({ ...inspector, subject: 'ann', decisions: decided('approver') })).toBe(refused);
  });
});

describe('the redaction of a text that was imported', () => {
  const imported = { origin: 'import' } as const;
  const source = ['/data/source', '/data/sourceSha256'];
  const history = [
    stored(1, 'RecommendationIssued', { title: 'A title', text: 'A text' }, imported),
    stored(2, 'CommentAdded', { text: 'Ann Smith called.' }, imported),
    stored(3, 'RegisterRecordImported', sourceOf('A title … Ann Smith called.'), imported),
    stored(4, 'RegisterRecordImported', sourceOf('the same with more'), imported),
  ];

  test('erases every source of the record', () => {
    expect(redact(history, 2)).toEqual([
      { eventId: idOf(2), erased: ['/data/text'] },
      { eventId: idOf(3), erased: source },
      { eventId: idOf(4), erased: source },
    ]);
  });

  test('erases no source twice', () => {
    expect(redact([...history, redacted(5, 3, source)], 2)).toEqual([
      { eventId: idOf(2), erased: ['/data/text'] },
      { eventId: idOf(4), erased: source },
    ]);
  });

  test('of a live text erases the sources that say it too, however their lines are broken', () => {
    const live = [
      stored(1, 'CommentAdded', { text: 'Bob Jones was seen\n  in town.' }),
      stored(2, 'RegisterRecordImported', sourceOf('… Bob Jones\r\nwas seen in town. …'), imported),
      stored(3, 'RegisterRecordImported', sourceOf('nothing of it'), imported),
      stored(4, 'RegisterRecordImported', sourceOf('Bob Jones was seen in town . (R1)'), imported),
    ];
    expect(redact(live, 1)).toEqual([
      { eventId: idOf(1), erased: ['/data/text'] },
      { eventId: idOf(2), erased: source },
      { eventId: idOf(4), erased: source },
    ]);
  });
});

describe('a text that is also in an imported source', () => {
  const FILE =
    'A plan (E-1)\r\n\r\nEvery force\r\nshould have one.\r\n\r\n[on]1st June 2016 [status]complete[/status][/on]' +
    '[on]2nd June 2016 [comment]Ann Smith\ncalled, and said no.[/comment][/on]';
  const erasesSource = (text: string): boolean => {
    const events = [
      stored(1, 'RegisterRecordImported', sourceOf(FILE), { origin: 'import' }),
      stored(2, 'CommentAdded', { text }),
    ];
    return redact(events, 2).length === 2;
  };

  test.each([
    'A plan',
    'A plan (E-1)',
    'Every force should have one.',
    'Ann Smith\r\n  called, and said no.',
    'should have one.',
    // This part has twenty letters without spaces.
    'Smith called, and said n',
  ])('goes with it as a whole, or from 20 letters on as a part: %j', (text) => {
    expect(erasesSource(text)).toBe(true);
  });

  test.each(['plan', 'A', 'no.', 'complet', 'Smith called, and sai', 'Smith', '1', 'E', 'force', '.'])(
    'is not a coincidence of fewer letters: %j',
    (text) => {
      expect(erasesSource(text)).toBe(false);
    },
  );

  test('is looked for in as much time as there is text, however often its letters come', () => {
    const source = sourceOf('a'.repeat(300_000));
    const events = [
      stored(1, 'RegisterRecordImported', source, { origin: 'import' }),
      stored(2, 'CommentAdded', { text: 'aaaa' }),
    ];
    expect(redact(events, 2)).toHaveLength(1);
  });
});

describe('the redaction of a comment that an import completed or corrected', () => {
  const imported = { origin: 'import' } as const;
  const by = (id: string) => ({ ...imported, command: { id, name: 'import', digest: null } });
  const history = [
    stored(1, 'CommentAdded', { text: 'Ann Sm' }, by('c-1')),
    stored(2, 'CommentAdded', { text: 'Another.' }, by('c-1')),
    stored(3, 'CommentAdded', { text: 'Ann Smith ca', completes: idOf(1) }, by('c-2')),
    stored(4, 'CommentAdded', { text: 'Ann Smith called.', completes: idOf(3), reason: 'Asked.' }, by('c-3')),
    stored(5, 'TextAmended', { text: 'A text', reason: 'Asked.' }, by('c-3')),
  ];

  test.each([
    [1, [3, 4]],
    [3, [1, 4]],
    [4, [1, 3]],
  ])('erases the text of comment %i in all that complete each other: %j', (number, others) => {
    expect(redact(history, number, ['/data/text'])).toEqual(
      [number, ...others].map((each) => ({ eventId: idOf(each), erased: ['/data/text'] })),
    );
  });

  test('leaves other comments, and erased texts', () => {
    expect(redact(history, 2)).toEqual([{ eventId: idOf(2), erased: ['/data/text'] }]);
    expect(redact([...history, redacted(6, 3, ['/data/text'])], 1)).toEqual([
      { eventId: idOf(1), erased: ['/data/text'] },
      { eventId: idOf(4), erased: ['/data/text'] },
    ]);
  });

  test('erases the reason of an import at every place, and only that', () => {
    expect(redact(history, 5, ['/data/reason'])).toEqual([
      { eventId: idOf(5), erased: ['/data/reason'] },
      { eventId: idOf(4), erased: ['/data/reason'] },
    ]);
  });

  test('of both erases both', () => {
    expect(redact(history, 4)).toEqual([
      { eventId: idOf(4), erased: ['/data/text', '/data/reason'] },
      { eventId: idOf(1), erased: ['/data/text'] },
      { eventId: idOf(3), erased: ['/data/text'] },
      { eventId: idOf(5), erased: ['/data/reason'] },
    ]);
  });
});

describe('events without redacted texts', () => {
  test('lack the values that a redaction names, also where they are still to be erased', () => {
    const comment = stored(1, 'CommentAdded', { text: 'Ann Smith called.', visibility: 'public' });
    const [left, note] = withoutRedacted([comment, redacted(2, 1, ['/data/text'])]);
    expect(left).toMatchObject({ data: { visibility: 'public' }, salts: {} });
    expect(left?.data).not.toHaveProperty('text');
    expect(note?.data).toHaveProperty('reason');
  });
});
