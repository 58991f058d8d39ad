import { readerOf, rowOf } from '#lifecycle/capability';
import { freeText, plainDate } from '#lifecycle/fields';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { issueDefinition, issuePayload } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import { defineLifecycle } from '#lifecycle/lifecycle';
import { definitionsOf } from '#lifecycle/lifecycle-definition';
import { withCommands } from '#lifecycle/lifecycles';
import { addDays } from '#lifecycle/plain-date';
import { commandPayload, first, move, note } from '#lifecycle/shapes';
import type { PayloadOf } from '#lifecycle/shapes';
import { statechartOf } from '#lifecycle/statechart';
import { NO_SUMMARY } from '#lifecycle/summary';
import type { Crossed, Ledger } from '#lifecycle/summary';

export const loan = {
  ...{ name: 'loan', stream: 'loan', path: 'loans' },
  noun: { singular: 'loan', plural: 'loans' },
  roles: { staff: ['inspector'], body: [] },
} as const satisfies RecordKind;

const title = freeText('What was lent.');
const dueOn = plainDate('The last day for its return.');
const events = {
  ItemLent: first({ title, dueOn }),
  ItemReturned: move('place', {}),
  ReturnIsNear: note({ dueOn }),
  ReturnIsLate: note({ dueOn }),
};
const read = readerOf(events);

/** A loan with a due date: a kind whose deadlines have their own thresholds and terms, and no capability. */
const statechart = statechartOf({
  ...{ name: loan.name, version: 1, statusRegion: 'place', guards: {}, thresholds: {} },
  machine: {
    id: loan.name,
    type: 'parallel',
    states: {
      place: { initial: 'out', states: { out: { on: { ItemReturned: 'back' } }, back: {} } },
    },
  },
  events: definitionsOf(events),
});

const CROSSINGS = [
  { type: 'ReturnIsNear', days: -7, nearness: 'near' },
  { type: 'ReturnIsLate', days: 1, nearness: 'over' },
] as const satisfies readonly { type: keyof typeof events; days: number; nearness: Crossed['nearness'] }[];

interface LoanFacts {
  readonly dueOn: string | null;
  /** The number of recorded thresholds. */
  readonly recorded: number;
  readonly revision: number;
}
const NO_LOAN: LoanFacts = { dueOn: null, recorded: 0, revision: 0 };

type LoanEvent = Pick<FoldedEvent, 'type' | 'data'>;

function after(facts: LoanFacts, event: LoanEvent): LoanFacts {
  const loaned = read(event);
  if (loaned === null) return facts;
  const revision = facts.revision + 1;
  if (loaned.type === 'ItemLent') return { dueOn: loaned.data.dueOn, recorded: 0, revision };
  if (loaned.type === 'ItemReturned') return { ...facts, dueOn: null, revision };
  const recorded = CROSSINGS.findIndex(({ type }) => type === loaned.type) + 1;
  return { ...facts, recorded, revision };
}

const unreported = ({ dueOn: due, recorded }: LoanFacts) =>
  due === null
    ? []
    : CROSSINGS.slice(recorded).map(({ type, days }) => ({
        ...{ type, data: { dueOn: due }, effectiveOn: addDays(due, days), key: type },
      }));

const ledgerOf = (facts: LoanFacts): Ledger => ({
  after: (event) => ledgerOf(after(facts, event)),
  nextCrossingOn: () => unreported(facts)[0]?.effectiveOn ?? null,
  revision: facts.revision,
  toJSON: () => facts,
});

const ID = 'return';
const lifecycle = defineLifecycle<LoanFacts>(
  statechart,
  '6f2f1a40c9f9a6f6d2a7a5f0a9b3d4c7e1f0a2b4c6d8e0f1a3b5c7d9e1f3a5b7',
  {
    shapes: events,
    facts: { initial: NO_LOAN, evolve: after },
    due: (facts, today) => unreported(facts).filter(({ effectiveOn }) => effectiveOn <= today),
    beginning: { code: 'effective-date-before-loan', what: 'the loan' },
    fullness: { stillAccepted: 'nothing' },
    summary: {
      ...NO_SUMMARY,
      initial: { dueOn: null },
      after(before, event) {
        const loaned = read(event);
        return loaned?.type === 'ItemLent' ? { dueOn: loaned.data.dueOn } : before;
      },
      isClosed: ({ place }) => place === 'back',
      dates(summary) {
        const { dueOn: due } = summary as Pick<LoanFacts, 'dueOn'>;
        return due === null ? [] : [{ id: ID, kind: 'return', dueOn: due, firstDueOn: due }];
      },
    },
    texts: { at: { ItemLent: { '/data/title': 'title' } } },
    dates: {
      kinds: ['return'],
      ledger: { empty: ledgerOf(NO_LOAN), from: (kept) => ledgerOf({ ...NO_LOAN, ...kept }) },
      news(event) {
        const loaned = read(event);
        if (loaned === null || loaned.type === 'ItemReturned') return null;
        const { dueOn: due } = loaned.data;
        const crossing = CROSSINGS.find(({ type }) => type === loaned.type);
        if (crossing === undefined) return { is: 'set', id: ID, dueOn: due };
        const { nearness } = crossing;
        return { is: 'crossed', nearness, id: ID, kind: 'return', dateVersion: 1, dueOn: due };
      },
      shows: () => null,
    },
  },
);

const LendPayload = issuePayload('LendItemPayload', loan.name, { title, dueOn });

const issue = issueDefinition<PayloadOf<typeof LendPayload>>({
  summary: 'Lends an item.',
  payload: LendPayload,
  roles: ['inspector'],
  emits: ['ItemLent'],
  decide: ({ title: lent, dueOn: due }, { today }) => ({
    ...{ refusal: null, effectiveOn: today },
    events: () => [{ type: 'ItemLent', data: { title: lent, dueOn: due } }],
  }),
});

const ReturnPayload = commandPayload('ReturnItemPayload', {});

const commands = {
  'return-item': rowOf<LoanFacts, typeof events, PayloadOf<typeof ReturnPayload>>({
    summary: 'Records that the item is back.',
    payload: ReturnPayload,
    roles: ['inspector'],
    emits: ['ItemReturned'],
    events: () => [{ type: 'ItemReturned', data: {} }],
  }),
};

export const loans = withCommands(lifecycle, {
  ...{ kind: loan, commands, issue },
  words: { sweepEvents: CROSSINGS.map(({ type }) => type) },
});
