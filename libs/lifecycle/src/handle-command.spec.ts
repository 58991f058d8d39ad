import { randomUUID } from 'node:crypto';
import { v5 } from 'uuid';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { commandIds, createSealer, matchesRequest } from '#audit/seal';
import type { LifecycleReference } from '#event-sourcing/envelope';
import type { EventStore } from '#event-sourcing/event-store';
import { storeWith } from '#event-sourcing/store-with';
import { MemoryEventStore } from '#event-store/memory-event-store';
import { book, nextBook } from '#test/support/book-lifecycle';
import type { BookFacts } from '#test/support/book-lifecycle';
import type { OnRuleFailed } from './allowed-commands.ts';
import { commitFor } from './commit-for.ts';
import type { DueRecorder } from './due-events.ts';
import { CommandHandler } from './handle-command.ts';
import type { CommandCall } from './command-call.ts';
import { defineLifecycle } from './lifecycle.ts';
import type { LifecycleCode } from './lifecycle-definition.ts';
import { statechartOf } from './statechart.ts';
import { Lifecycles, UnknownLifecycleError } from './lifecycles.ts';
import type { CommandedLifecycle } from './lifecycles.ts';
import type { RecordLimits } from './record-limits.ts';
import { NO_SUMMARY } from './summary.ts';
import type { Ledger } from './summary.ts';

type Due<Facts extends object> = NonNullable<LifecycleCode<Facts>['due']>;

const NOW = Date.parse('2026-11-24T23:30:00.000Z');
const librarian = { subject: 'ann', roles: ['librarian'] };
const reader = { subject: 'bob', roles: ['reader'] };

let store: MemoryEventStore;
let handler: CommandHandler<BookFacts>;

const dueRecorder: DueRecorder = {
  actor: { subject: 'the-clock', roles: ['clock'] },
  commandName: 'record-due',
  commandIds: (streamId, key) => commandIds(v5(`${streamId}/${key}`, '0b6c1f0e-6a55-5b0a-9c53-5f1f6f2f0d3e')),
};

const handlerOf = (
  lifecycles: Lifecycles<BookFacts>,
  limits?: RecordLimits,
  over: EventStore = store,
  onRuleFailed?: OnRuleFailed,
): CommandHandler<BookFacts> =>
  new CommandHandler({
    store: over,
    lifecycles,
    // A day in this time zone begins an hour before one in UTC.
    civilDay: (instant) => new Date(instant + 3_600_000).toISOString().slice(0, 10),
    matchesRequest,
    commandIds,
    dueRecorder,
    services: {},
    roles: { rolesOn: ({ roles }) => roles, whyNotAs: () => 'of the rules' },
    ...(limits && { limits }),
    ...(onRuleFailed && { onRuleFailed }),
  });

async function buy(streamId: string, lifecycle: CommandedLifecycle<BookFacts>): Promise<void> {
  const header = {
    ids: commandIds(randomUUID()),
    name: 'buy',
    actor: librarian,
    now: Date.parse('2026-11-01T10:00:00.000Z'),
    correlationId: 'c',
  };
  const bought = { lifecycle, before: null, decided: () => [{ type: 'Bought', data: {} }] };
  const { commit } = commitFor(header, [
    { streamId, expectedVersion: 0, effectiveOn: '2026-11-01', ...bought },
  ]);
  await store.append(commit);
}

const call = (
  streamId: string,
  command: string,
  more: Partial<CommandCall<BookFacts>> = {},
): CommandCall<BookFacts> => ({
  streamId,
  command,
  body: {},
  actor: librarian,
  organisations: [],
  now: NOW,
  commandId: randomUUID(),
  request: null,
  expectedVersions: null,
  correlationId: 'c',
  mayTouch: () => true,
  ...more,
});
const lend = (streamId: string, body: object = { to: 'bob' }) => call(streamId, 'lend', { body });

/** Returns the events of a stream, each with its lifecycle version. */
const recorded = async (streamId: string): Promise<string[]> =>
  (await store.readStream(streamId)).map(({ type, lifecycle }) => `${type} v${lifecycle?.version}`);

beforeEach(async () => {
  store = new MemoryEventStore(createSealer());
  handler = handlerOf(new Lifecycles(book, nextBook));
  await buy('book-old', book);
  await buy('book-new', nextBook);
});
afterEach(() => store.close());

describe('records under two versions of a lifecycle', () => {
  test('continue each under its own', async () => {
    await handler.handle(lend('book-old'));
    await handler.handle(lend('book-new'));
    await handler.handle(call('book-old', 'praise'));
    await handler.handle(call('book-new', 'wear'));
    expect(await recorded('book-old')).toEqual(['Bought v1', 'Lent v1', 'Praised v1']);
    expect(await recorded('book-new')).toEqual(['Bought v2', 'Lent v2', 'Worn v2']);
  });

  test('accept their own commands, and no others', async () => {
    const loaded = (await handler.states.load('book-old'))!;
    const caller = { ...call('book-old', 'lend'), now: NOW };
    expect(await handler.allowed.allowedCommands(loaded, caller)).toEqual(['lend', 'praise']);
    const before = await store.lastPosition();
    for (const [stream, command, known] of [
      ['book-old', 'wear', 'lend, praise'],
      ['book-new', 'praise', 'lend, sell, wear'],
    ] as const) {
      await expect(handler.handle(call(stream, command))).rejects.toMatchObject({
        code: 'unknown-command',
        message: `There is no command "${command}". Commands: ${known}`,
      });
    }
    expect(await store.lastPosition()).toBe(before);
  });

  test('are written to by one command, and each by its own rules', async () => {
    await handler.handle(call('book-new', 'sell'));
    expect(await recorded('book-new')).toEqual(['Bought v2', 'Sold v2']);
    expect(await recorded('book-old')).toEqual(['Bought v1', 'Praised v1']);
    const remembered = (await handler.states.load('book-old'))!;
    expect(remembered).toMatchObject({ version: 2, lifecycle: { reference: book.reference } });
  });

  test('are the same without any cached state', async () => {
    const request = { method: 'POST', path: '/', payload: {} };
    const command = { ...lend('book-old'), request };
    const first = await handler.handle(command);
    const again = await handlerOf(new Lifecycles(book, nextBook)).handle(command);
    expect(again).toEqual({ ...first, repeated: true });
  });
});

describe('the response to a command', () => {
  test('has the status of the lifecycle, in whichever region it is, even when the command is repeated', async () => {
    const commandId = randomUUID();
    const request = { method: 'POST', path: '/books/book-old/lend', payload: { to: 'bob' } };
    const command = { ...lend('book-old'), commandId, request };
    const first = await handler.handle(command);
    expect(first).toMatchObject({ version: 2, status: 'out', repeated: false });
    expect(await handler.handle(command)).toMatchObject({ version: 2, status: 'out', repeated: true });
  });
});

describe('an event that the machine does not accept', () => {
  test('is a fault, and nothing of its command is stored', async () => {
    const { lend: row } = book.commands;
    const twice = () => [
      { type: 'Lent', data: { to: 'bob' } },
      { type: 'Lent', data: { to: 'eve' } },
    ];
    const faulty = { ...book, commands: { lend: { ...row!, events: twice } } };
    handler = handlerOf(new Lifecycles(faulty));
    const before = await store.lastPosition();
    await expect(handler.handle(lend('book-old'))).rejects.toMatchObject({
      code: 'illegal-transition',
      message:
        'Lent is not legal in {"place":"out","wish":"none"}. Nothing was stored; this is a fault in Docket. Report it to the operator',
    });
    expect(await store.lastPosition()).toBe(before);
    expect(await recorded('book-old')).toEqual(['Bought v1']);
  });
});

describe('a record that moves to a different version while a command waits', () => {
  test('is decided on by that version', async () => {
    await handler.states.load('book-old');
    const { commit } = commitFor(
      { ids: commandIds(randomUUID()), name: 'move', actor: librarian, now: NOW, correlationId: 'c' },
      [
        {
          streamId: 'book-old',
          expectedVersion: 1,
          lifecycle: nextBook,
          before: (await handler.states.load('book-old'))!.state,
          decided: () => [{ type: 'Worn', data: {} }],
          effectiveOn: '2026-11-02',
        },
      ],
    );
    await store.append(commit);
    // The cached state is of the previous version, so the append conflicts and the command is decided again.
    await handler.handle(lend('book-old'));
    expect(await recorded('book-old')).toEqual(['Bought v1', 'Worn v2', 'Lent v2']);
    await expect(handler.handle(call('book-old', 'praise'))).rejects.toMatchObject({
      code: 'unknown-command',
    });
  });
});

describe('a record under an unknown lifecycle', () => {
  const unknown: LifecycleReference[] = [
    { ...book.reference, digest: 'another' },
    { ...book.reference, version: 9 },
  ];

  test.each(unknown)('accepts no command, and says why: %j', async (reference) => {
    const praised = { type: 'Praised', schemaVersion: 1, effectiveOn: '2026-11-02', data: {} };
    await store.append({
      command: { id: randomUUID(), name: 'praise', request: null },
      actor: librarian,
      decision: null,
      correlationId: 'c',
      causationId: null,
      origin: 'command',
      lifecycle: reference,
      recordedAt: '2026-11-02T10:00:00.000Z',
      appends: [
        {
          streamId: 'book-old',
          expectedVersion: 1,
          events: [{ ...praised, state: book.initial, sensitive: [] }],
        },
      ],
    });
    const outcome = handler.handle(lend('book-old'));
    await expect(outcome).rejects.toThrow(UnknownLifecycleError);
    await expect(outcome).rejects.toThrow('Version 2 of book-old was recorded under');
    expect(await store.readStream('book-old')).toHaveLength(2);
    await expect(handler.handle(lend('book-new'))).resolves.toMatchObject({ version: 2 });
  });
});

describe('a service of the handler', () => {
  test('returns the day', async () => {
    await handler.handle(lend('book-old'));
    expect((await store.readStream('book-old')).at(-1)?.effectiveOn).toBe('2026-11-25');
    const tomorrow = lend('book-new', { to: 'bob', effectiveOn: '2026-11-26' });
    await expect(handler.handle(tomorrow)).rejects.toMatchObject({ code: 'effective-date-in-future' });
  });

  test('returns the refusal of a date before the beginning', async () => {
    const early = lend('book-old', { to: 'bob', effectiveOn: '2026-10-31' });
    await expect(handler.handle(early)).rejects.toMatchObject({
      code: 'before-purchase',
      message: 'effectiveOn 2026-10-31 is earlier than the purchase, on 2026-11-01',
    });
  });

  test('returns who may use each half of a record, and what a full record still accepts', async () => {
    handler = handlerOf(new Lifecycles(book), { events: 4, bytes: 1_000 });
    const praise = (actor: typeof reader) => handler.handle(call('book-old', 'praise', { actor }));
    await praise(reader);
    await praise(reader);
    await expect(praise(reader)).rejects.toMatchObject({
      code: 'record-full',
      message: "The readers' share can have at most 2 events; it still accepts praise",
    });
    await praise(librarian);
    await expect(praise(librarian)).rejects.toThrow(
      'A record can have at most 4 events; it still accepts praise',
    );
  });
});

describe('an event that is due before a command', () => {
  const DUE_ON = '2026-11-20';
  /** Praise becomes due for a book that is neither lent nor praised. */
  const due: Due<BookFacts> = (facts, today) =>
    facts.lender === null && today >= DUE_ON
      ? [{ type: 'Praised', data: {}, effectiveOn: DUE_ON, key: 'praise' }]
      : [];
  const { code } = nextBook;
  const ledger: Ledger = {
    after: () => ledger,
    nextCrossingOn: () => DUE_ON,
    revision: 0,
    toJSON: () => null,
  };
  const dates = {
    kinds: [],
    ledger: { empty: ledger, from: () => ledger },
    news: () => null,
    shows: () => null,
  };
  const dueBook: CommandedLifecycle<BookFacts> = {
    ...nextBook,
    ...defineLifecycle(statechartOf(nextBook.definition), nextBook.reference.digest, {
      ...code,
      ...{ due, dates, summary: { ...NO_SUMMARY, dates: () => [] } },
      facts: {
        ...code.facts,
        evolve: (facts, event) =>
          event.type === 'Praised' ? { lender: event.actor.subject } : code.facts.evolve(facts, event),
      },
    }),
  };
  const keyed = { request: { method: 'POST', path: '/', payload: {} } };

  beforeEach(() => {
    handler = handlerOf(new Lifecycles(book, dueBook));
  });

  test('is recorded first, with its person, and passed to the decision; the response contains the other events', async () => {
    const outcome = await handler.handle(call('book-new', 'lend', { body: { to: 'bob' }, ...keyed }));
    const [, praised, lent] = await store.readStream('book-new');
    expect(praised).toMatchObject({
      type: 'Praised',
      version: 2,
      effectiveOn: DUE_ON,
      actor: dueRecorder.actor,
      origin: 'sweep',
      decision: null,
      correlationId: 'c',
      command: {
        id: dueRecorder.commandIds('book-new', 'praise').commandId,
        name: 'record-due',
        digest: null,
      },
    });
    expect(outcome).toMatchObject({
      version: 3,
      position: lent?.position,
      events: [{ type: 'Lent', version: 3, eventId: lent?.eventId }],
    });
    expect(lent?.eventId).toBe(commandIds(lent?.command.id ?? '').eventIdAt(0));
  });

  test('is recorded once, and a repeated command appends nothing', async () => {
    const keyedCall = call('book-new', 'lend', { body: { to: 'bob' }, ...keyed });
    const first = await handler.handle(keyedCall);
    expect(await handler.handle(keyedCall)).toEqual({ ...first, repeated: true });
    expect(await handlerOf(new Lifecycles(book, dueBook)).handle(keyedCall)).toEqual({
      ...first,
      repeated: true,
    });
    await handler.handle(call('book-new', 'wear'));
    expect(await recorded('book-new')).toEqual(['Bought v2', 'Praised v2', 'Lent v2', 'Worn v2']);
  });

  test('is due by the day of the command, and not by one that the stream has seen', async () => {
    const before = Date.parse('2026-11-19T10:00:00.000Z');
    await handler.handle(call('book-new', 'wear', { now: NOW }));
    await handler.handle(call('book-old', 'praise', { now: before }));
    expect(await recorded('book-old')).toEqual(['Bought v1', 'Praised v1']);
    await buy('book-newer', dueBook);
    await handler.handle(call('book-newer', 'wear', { now: before }));
    expect(await recorded('book-newer')).toEqual(['Bought v2', 'Worn v2']);
  });

  test('is compared with no version that a caller names', async () => {
    const outcome = await handler.handle(call('book-new', 'wear', { expectedVersions: [1] }));
    expect(outcome).toMatchObject({ version: 3, events: [{ type: 'Worn' }] });
    await buy('book-newer', dueBook);
    await expect(handler.handle(call('book-newer', 'wear', { expectedVersions: [2] }))).rejects.toMatchObject(
      { code: 'version-mismatch', details: { currentVersion: 1 } },
    );
    expect(await recorded('book-newer')).toEqual(['Bought v2']);
  });

  test('is not recorded by a command that is refused', async () => {
    await expect(handler.handle(call('book-new', 'lend', { body: {} }))).rejects.toMatchObject({
      code: 'invalid-payload',
    });
    const early = { to: 'bob', effectiveOn: '2026-10-01' };
    await expect(handler.handle(call('book-new', 'lend', { body: early }))).rejects.toMatchObject({
      code: 'before-purchase',
      details: {},
    });
    expect(await recorded('book-new')).toEqual(['Bought v2']);
  });

  test('is recorded on each stream that a command appends to', async () => {
    await buy('book-sold', dueBook);
    const other: CommandedLifecycle<BookFacts> = { ...dueBook, reference: book.reference };
    handler = handlerOf(new Lifecycles(other, dueBook));
    await handler.handle(call('book-sold', 'sell'));
    const types = async (streamId: string) =>
      (await store.readStream(streamId)).map(({ type, origin }) => `${type} ${origin}`);
    expect(await types('book-sold')).toEqual(['Bought command', 'Praised sweep', 'Sold command']);
    expect(await types('book-old')).toEqual(['Bought command', 'Praised sweep', 'Praised command']);
    expect((await handler.states.load('book-old'))?.version).toBe(3);
  });

  test('is recorded once if another process has recorded it in the meantime', async () => {
    const remembered = handlerOf(new Lifecycles(book, dueBook));
    await remembered.states.load('book-new');
    await handler.handle(call('book-new', 'wear'));
    expect(await remembered.handle(call('book-new', 'wear'))).toMatchObject({ version: 4 });
    expect(await recorded('book-new')).toEqual(['Bought v2', 'Praised v2', 'Worn v2', 'Worn v2']);
  });
});

describe('a keyed command that another node stores meanwhile', () => {
  const request = { method: 'POST', path: '/', payload: {} };
  const nodeOn = (over: EventStore = store) => handlerOf(new Lifecycles(nextBook), undefined, over);

  /** Returns a store that runs the other node's command before the read with this number. */
  function racing(number: number, other: () => Promise<unknown>): EventStore {
    let reads = 0;
    const beforeRead = async () => {
      reads += 1;
      if (reads === number) await other();
    };
    return storeWith(store, {
      readStream: async (...args) => {
        await beforeRead();
        return store.readStream(...args);
      },
      findCommand: async (...args) => {
        await beforeRead();
        return store.findCommand(...args);
      },
    });
  }

  /** Appends the return of a book that is lent. */
  async function giveBack(streamId: string): Promise<void> {
    const { state, version } = (await nodeOn().states.load(streamId))!;
    const { commit } = commitFor(
      { ids: commandIds(randomUUID()), name: 'return', actor: reader, now: NOW, correlationId: 'c' },
      [
        {
          ...{ streamId, expectedVersion: version, lifecycle: nextBook, before: state },
          ...{ decided: () => [{ type: 'Returned', data: {} }], effectiveOn: '2026-11-25' },
        },
      ],
    );
    await store.append(commit);
  }

  test.each([[null], [[3]]])(
    'is answered with its first result, whichever read shows it first (If-Match: %j)',
    async (expectedVersions) => {
      for (let number = 1; number <= 8; number++) {
        const streamId = `book-${number}`;
        await buy(streamId, nextBook);
        await nodeOn().handle(lend(streamId));
        const command = { ...lend(streamId), request, expectedVersions };
        const node = nodeOn(racing(number, () => nodeOn().handle(command)));
        // The node's cached state refuses the command, because it does not contain the return yet.
        node.states.remember(streamId, (await nodeOn().states.load(streamId))!);
        await giveBack(streamId);
        expect(await node.handle(command)).toMatchObject({ version: 4, status: 'out' });
        expect(await recorded(streamId)).toEqual(['Bought v2', 'Lent v2', 'Returned v2', 'Lent v2']);
      }
    },
  );
});

test('a rule that throws refuses its command alone, with a line for the log', async () => {
  const lines: string[] = [];
  let isStarted = false;
  const broken = {
    code: 'on-a-shelf',
    // The check at the start finds no error.
    isMet: (): boolean => {
      if (isStarted) throw new Error('no shelf');
      return true;
    },
    detail: () => '',
  };
  const { lend, ...others } = book.commands;
  const commands = { ...others, lend: { ...lend!, state: [broken] } };
  const of = new Lifecycles<BookFacts>({ ...book, commands });
  handler = handlerOf(of, undefined, store, (what) => lines.push(what));
  isStarted = true;
  await buy('book-1', book);
  const before = await store.lastPosition();
  await expect(handler.handle(call('book-1', 'lend', { body: { to: 'bob' } }))).rejects.toMatchObject({
    code: 'rule-failed',
    details: { guard: 'on-a-shelf', allowedCommands: ['praise'] },
  });
  expect(await store.lastPosition()).toBe(before);
  const loaded = (await handler.states.load('book-1'))!;
  const asked = call('book-1', '');
  expect(await handler.allowed.allReasonsAgainst('lend', loaded, asked)).toMatchObject([
    { code: 'rule-failed', guard: 'on-a-shelf' },
  ]);
  expect(await handler.allowed.allReasonsAgainst('praise', loaded, asked)).toEqual([]);
  expect(new Set(lines)).toEqual(new Set(['Rule on-a-shelf of lend in book v1 threw']));
  await handler.handle(call('book-1', 'praise'));
});
