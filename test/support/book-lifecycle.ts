import { commandRow } from '#lifecycle/decide';
import type { CommandTable } from '#lifecycle/decide';
import { defineLifecycle } from '#lifecycle/lifecycle';
import type { LifecycleCode, LifecycleDefinition, LifecycleState } from '#lifecycle/lifecycle-definition';
import type { RecordKind } from '#lifecycle/kind';
import type { CommandedLifecycle } from '#lifecycle/lifecycles';
import { statechartOf } from '#lifecycle/statechart';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import { plainAnswers } from '#lifecycle/answers';
import { freeText, identifier } from '#lifecycle/fields';
import { commandPayload, shape } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { NO_SUMMARY } from '#lifecycle/summary';

export interface BookFacts {
  readonly lender: string | null;
}

/** A book that is lent and returned. It can be reserved while it is lent. */
export const bookDefinition = {
  name: 'book',
  version: 1,
  statusRegion: 'place',
  machine: {
    id: 'book',
    type: 'parallel',
    states: {
      place: {
        initial: 'shelf',
        on: { Sold: '.gone' },
        states: { shelf: { on: { Lent: 'out' } }, out: { on: { Returned: 'shelf' } }, gone: {} },
      },
      wish: {
        initial: 'none',
        on: { Returned: '.none', Sold: '.none' },
        states: { none: { on: { Wished: { target: 'waiting', guard: 'lent' } } }, waiting: {} },
      },
    },
  },
  guards: { lent: { region: 'place', in: ['out'] } },
  events: {
    Bought: { kind: 'first', schemaVersion: 1 },
    Lent: { kind: 'move', owner: 'place', schemaVersion: 2 },
    Returned: { kind: 'move', owner: 'place', schemaVersion: 1 },
    Wished: { kind: 'move', owner: 'wish', schemaVersion: 1 },
    Sold: { kind: 'move', owner: 'place', countsFor: ['place', 'wish'], schemaVersion: 1 },
    Praised: { kind: 'note', schemaVersion: 1 },
  },
} as const satisfies LifecycleDefinition;

const code: LifecycleCode<BookFacts> = {
  shapes: {
    ...{ Bought: shape({}), Returned: shape({}), Wished: shape({}), Sold: shape({}), Praised: shape({}) },
    Worn: shape({}),
    Lent: shape({ to: freeText() }, 2),
  },
  facts: {
    initial: { lender: null },
    evolve: (facts, { type, actor }) => (type === 'Lent' ? { lender: actor.subject } : facts),
  },
  asides: new Set(['Praised']),
  summary: NO_SUMMARY,
  beginning: { code: 'before-purchase', what: 'the purchase' },
  fullness: {
    stillAccepted: 'praise',
    share: { what: "The readers' share", isOf: (role) => role === 'reader' },
  },
};

export const LendPayload = commandPayload('LendPayload', { to: identifier() });
export type LendPayload = PayloadOf<typeof LendPayload>;

const NoPayload = commandPayload('NoPayload', {});
type NoPayload = PayloadOf<typeof NoPayload>;

export const notTheLender = {
  code: 'not-the-lender',
  isMet: ({ facts }: LifecycleState<BookFacts>, { subject }: { subject: string }) => facts.lender !== subject,
  detail: () => 'You lent it before; let another person',
};

const lend = commandRow<BookFacts, LendPayload>({
  summary: 'Lends the book.',
  payload: LendPayload,
  roles: ['librarian'],
  emits: ['Lent'],
  events: (_, { to }) => [{ type: 'Lent', data: { to } }],
});
const praise = commandRow<BookFacts, NoPayload>({
  summary: 'Praises the book.',
  payload: NoPayload,
  roles: ['librarian', 'reader'],
  emits: ['Praised'],
  events: () => [{ type: 'Praised', data: {} }],
});
/** Returns a command that sells the book, and adds a note about it to another one. */
const sellBeside = (other: string) =>
  commandRow<BookFacts, NoPayload>({
    summary: 'Sells the book, and tells another one of it.',
    payload: NoPayload,
    roles: ['librarian'],
    emits: ['Sold'],
    emitsElsewhere: ['Praised'],
    nextStream: (_, __, loaded) => (loaded.has(other) ? null : other),
    events: () => [
      { type: 'Sold', data: {} },
      { type: 'Praised', data: {}, streamId: other },
    ],
  });

const commands: CommandTable<BookFacts> = { lend, praise };

const issue = issueDefinition({
  summary: 'Buys a book.',
  payload: issuePayload('BuyPayload', bookDefinition.name, {}),
  roles: ['librarian'],
  emits: ['Bought'],
  decide: (_, { today }) => ({
    ...{ refusal: null, effectiveOn: today },
    events: () => [{ type: 'Bought', data: {} }],
  }),
});

const kind: RecordKind = {
  name: bookDefinition.name,
  stream: 'book',
  path: 'books',
  noun: { singular: 'book', plural: 'books' },
  roles: { staff: ['librarian', 'reader'], body: [] },
};

const digestOf = (version: number): string => String(version).repeat(64);

export const book: CommandedLifecycle<BookFacts> = {
  ...defineLifecycle(statechartOf(bookDefinition), digestOf(1), code),
  kind,
  commands,
  words: { sweepEvents: ['Lent', 'Returned', 'Wished', 'Sold', 'Praised'] },
  answers: plainAnswers({ shapes: {} }),
  queues: {},
  issue,
};

/** The next version: a book can be worn, and there is no command for praise. */
export const nextBook: CommandedLifecycle<BookFacts> = {
  ...defineLifecycle(
    statechartOf({
      ...bookDefinition,
      version: 2,
      events: { ...bookDefinition.events, Worn: { kind: 'note', schemaVersion: 1 } },
    }),
    digestOf(2),
    code,
  ),
  kind,
  issue,
  queues: {},
  commands: {
    lend,
    sell: sellBeside('book-old'),
    wear: commandRow<BookFacts, NoPayload>({
      summary: 'Says that the book is worn.',
      payload: NoPayload,
      roles: ['librarian'],
      emits: ['Worn'],
      events: () => [{ type: 'Worn', data: {} }],
    }),
  },
  words: { sweepEvents: ['Lent', 'Returned', 'Wished', 'Sold', 'Praised'] },
  answers: plainAnswers({ shapes: {} }),
};
