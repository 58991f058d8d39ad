import { EventShapes } from '#event-sourcing/upcasting';
import type { StateValue } from '#event-sourcing/envelope';
import type { EventOf, Fold } from '#lifecycle/capability';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { byEngine, labelled, optional } from '#lifecycle/fields';
import type { GuardDefinition, RegionConfig } from '#lifecycle/lifecycle-definition';
import { note } from '#lifecycle/shapes';
import { isSamePerson } from '../access.ts';
import { DeadlineLedger, FIRST_DAY, thresholdKey } from './deadline-ledger.ts';
import type { AddsToLedger, LedgerEvent, LedgerFact } from './deadline-ledger.ts';
import { dateVersion, lateOn, settledOn } from './deadlines.ts';
import type { Deadline, PassedDeadline, WithdrawnDate } from './deadlines.ts';
import { added, deadlineId, decided, dueOn, reason, why } from './fields.ts';
import { recorderOf, requestFrom } from './persons.ts';
import type { Request } from './persons.ts';

export const WHICH_DEADLINE = { missing: 'Choose a deadline' };

export const DEADLINE_EVENTS = {
  DeadlineSet: note({
    ...{ deadlineId: byEngine(deadlineId), kind: byEngine(dateVersion.kind) },
    ...{ dueOn, note: optional(added) },
  }),
  DeadlineExtended: note({ deadlineId, dueOn, reason: optional(reason), decides: decided }),
  ExtensionRequested: note({ deadlineId, dueOn, reason }),
  ExtensionRefused: note({ deadlineId, reason, decides: decided }),
  ExtensionWithdrawn: note({ deadlineId }),
  DeadlineWithdrawn: note({
    deadlineId: labelled(deadlineId, 'Deadline', WHICH_DEADLINE),
    reason: why('Why it was no deadline'),
  }),
  DeadlineApproaching: note(dateVersion),
  DeadlinePassed: note(dateVersion),
  DeadlineEscalated: note(dateVersion),
};
type Type = keyof typeof DEADLINE_EVENTS;
type Of<Which extends Type, Base extends LedgerEvent = FoldedEvent> = EventOf<
  Pick<typeof DEADLINE_EVENTS, Which>,
  Base
>;
type ByType<Base extends LedgerEvent, Before extends readonly unknown[], After> = {
  readonly [Which in Type]?: (...asked: [...Before, Of<Which, Base>]) => After;
};

/** What commands need of a record's deadlines. */
export interface DeadlineFacts {
  readonly deadlines: readonly Deadline[];
  /** When which thresholds are crossed, and which of them events tell of. */
  readonly ledger: DeadlineLedger;
  /** The days on which deadlines are on record as passed or escalated. */
  readonly passed: readonly PassedDeadline[];
  /** How many ids of deadlines were given. */
  readonly deadlineIds: number;
  /**
   * Who took the deadline of somebody else away, and its date (the earliest of several), until another person sets one: a later
   * one in its place is not for them to set.
   */
  readonly withdrawn: readonly WithdrawnDate[];
  /** Asked for and not decided; closing drops them. */
  readonly extensions: readonly PendingExtension[];
  /** Nothing can be asked of what is closed, also where a view has the request after the closing. */
  readonly isClosed: boolean;
  /** The version of the latest closing in the stream: what was asked before it, it dropped, also where a view has it earlier. */
  readonly closedAt: number;
  /** The date of the last reopening: nothing is asked of the record before it any more. */
  readonly reopenedOn: string | null;
}

/** Where a record's work stands, by its machine. */
export interface DatedRegions {
  readonly regions: Readonly<Record<string, RegionConfig>>;
  /** Where the work goes on: what leaves these states settles its deadlines. */
  readonly open: GuardDefinition;
  /** Where the response is given, which settles its deadline; absent where none is ever due. */
  readonly answered?: GuardDefinition;
}

export const isIn = (value: StateValue, guard: GuardDefinition | undefined): boolean =>
  guard !== undefined && guard.in.includes(String(value[guard.region]));

/** How a move changes the work: it ends it, or opens it again, whatever it was before or where it was done. */
type Turn = 'closes' | 'reopens' | 'reopens-closed' | 'goes-on';

/** By type of event what it does to the work. */
function turnsOf({ regions, open }: DatedRegions): ReadonlyMap<string, Turn> {
  const turns = new Map<string, Turn>();
  const isOpen = (state: string) => open.in.includes(state);
  for (const [type, target] of arrowsIn(regions, open.region, null))
    turns.set(type, isOpen(target) ? 'reopens-closed' : 'closes');
  for (const from of Object.keys(regions[open.region]?.states ?? {}))
    for (const [type, target] of arrowsIn(regions, open.region, from))
      turns.set(type, !isOpen(target) ? 'closes' : isOpen(from) ? 'goes-on' : 'reopens');
  return turns;
}

/** The types of events that end the work. */
export const closingIn = (dated: DatedRegions): ReadonlySet<string> =>
  new Set([...turnsOf(dated)].flatMap(([type, turn]) => (turn === 'closes' ? [type] : [])));

/** The types of events by which the response is given. */
const answersOf = ({ regions, answered }: DatedRegions): readonly string[] =>
  answered === undefined
    ? []
    : [null, ...Object.keys(regions[answered.region]?.states ?? {})].flatMap((from) =>
        arrowsIn(regions, answered.region, from).flatMap(([type, target]) =>
          answered.in.includes(target) ? [type] : [],
        ),
      );

/** The types of events and their targets, from a state or (null) from each state of a region. */
function arrowsIn(
  regions: DatedRegions['regions'],
  region: string,
  from: string | null,
): (readonly [type: string, target: string])[] {
  const config = regions[region];
  const on = (from === null ? config?.on : config?.states[from]?.on) ?? {};
  return Object.entries(on).map(([type, to]) => [
    type,
    (typeof to === 'string' ? to : to.target).replace(/^\./, ''),
  ]);
}

const ADDS: ByType<LedgerEvent, [], LedgerFact | { readonly recorded: string }> = {
  DeadlineSet: ({ data: { deadlineId: id, kind, dueOn: date }, effectiveOn: on }) => ({
    ...{ on, fact: 'date', deadlineId: id, kind, dueOn: date },
  }),
  DeadlineExtended: ({ data: { deadlineId: id, dueOn: date }, effectiveOn: on }) => ({
    ...{ on, fact: 'date', deadlineId: id, kind: null, dueOn: date },
  }),
  DeadlineWithdrawn: ({ data, effectiveOn: on }) => ({ on, fact: 'withdrawn', deadlineId: data.deadlineId }),
  DeadlineApproaching: ({ type, data }) => ({ recorded: thresholdKey(data, type) }),
  DeadlinePassed: ({ type, data }) => ({ recorded: thresholdKey(data, type) }),
  DeadlineEscalated: ({ type, data }) => ({ recorded: thresholdKey(data, type) }),
};

/**
 * What events add to a ledger.
 * @param also what further events of the lifecycle do.
 */
export function ledgerOf(
  first: string,
  dated: DatedRegions,
  also: Readonly<Record<string, AddsToLedger>> = {},
): DeadlineLedger {
  const adds = new Map<string, AddsToLedger>(Object.entries(ADDS) as [string, AddsToLedger][]);
  const unclaimed =
    (fact: 'open' | 'closed' | 'answered'): AddsToLedger =>
    ({ data: { claim }, effectiveOn: on }) =>
      claim === true ? null : { on, fact };
  for (const [type, turn] of turnsOf(dated)) adds.set(type, unclaimed(turn === 'closes' ? 'closed' : 'open'));
  for (const type of answersOf(dated)) adds.set(type, unclaimed('answered'));
  // A record has its first state until its first move, also where an import dates moves before an undated beginning.
  adds.set(first, () => ({ on: FIRST_DAY, fact: 'open' }));
  for (const [type, add] of Object.entries(also)) adds.set(type, add);
  return new DeadlineLedger((event) => adds.get(event.type)?.(event) ?? null);
}

type Change = (facts: DeadlineFacts, event: FoldedEvent) => Partial<DeadlineFacts> | null;

const CHANGES: ByType<FoldedEvent, [facts: DeadlineFacts], Partial<DeadlineFacts> | null> = {
  DeadlineSet: ({ deadlines, deadlineIds, withdrawn }, event) => ({
    ...{ deadlines: [...deadlines, deadlineFrom(event)], deadlineIds: deadlineIds + 1 },
    withdrawn: replaced(withdrawn, event),
  }),
  DeadlineExtended: (facts, event) => ({
    ...{ deadlines: extended(facts.deadlines, event), extensions: withoutExtension(facts, event) },
  }),
  DeadlineWithdrawn: (facts, event) => ({
    deadlines: withoutOf(facts.deadlines, ({ id }) => id === event.data.deadlineId),
    ...{ withdrawn: withdrawnAfter(facts, event), extensions: withoutExtension(facts, event) },
  }),
  // In a view a request can come after the closing, or after the withdrawal of its deadline: it asks for nothing then.
  ExtensionRequested: ({ deadlines, extensions, isClosed, closedAt }, event) =>
    isClosed || event.version < closedAt || !deadlines.some(({ id }) => id === event.data.deadlineId)
      ? null
      : { extensions: [...extensions, extensionFrom(event)] },
  ExtensionRefused: (facts, event) => ({
    ...{ deadlines: requestSettled(facts.deadlines, event), extensions: withoutExtension(facts, event) },
  }),
  ExtensionWithdrawn: (facts, event) => ({
    ...{ deadlines: requestSettled(facts.deadlines, event), extensions: withoutExtension(facts, event) },
  }),
  DeadlinePassed: passedAfter,
  DeadlineEscalated: passedAfter,
};

function passedAfter(
  { passed }: DeadlineFacts,
  { data, effectiveOn: on }: Of<'DeadlinePassed' | 'DeadlineEscalated'>,
): Partial<DeadlineFacts> {
  return { passed: [...passed, { deadlineId: data.deadlineId, dueOn: data.dueOn, on }] };
}

/** Closing drops what was asked of deadlines. */
const closed: Change = ({ closedAt: before, isClosed, deadlines }, event) => {
  const closedAt = Math.max(before, event.version);
  if (isClosed) return closedAt === before ? null : { closedAt };
  return { closedAt, extensions: [], deadlines: settledBy(deadlines, event, 'action'), isClosed: true };
};

const reopened: Change = ({ deadlines }, { effectiveOn }) => ({
  deadlines: withoutClaims(deadlines, ({ kind }) => kind === 'action'),
  ...{ isClosed: false, reopenedOn: effectiveOn },
});

const TURNS: Readonly<Record<Exclude<Turn, 'goes-on'>, Change>> = {
  closes: closed,
  reopens: reopened,
  'reopens-closed': (facts, event) => (facts.isClosed ? reopened(facts, event) : null),
};

/** What events change of deadlines. */
export function deadlineFold(dated: DatedRegions): Fold<DeadlineFacts> {
  const shapes = new EventShapes(DEADLINE_EVENTS);
  const changes = new Map<string, Change>(Object.entries(CHANGES) as [string, Change][]);
  for (const [type, turn] of turnsOf(dated)) if (turn !== 'goes-on') changes.set(type, TURNS[turn]);
  for (const type of answersOf(dated))
    changes.set(type, ({ deadlines }, event) => ({ deadlines: settledBy(deadlines, event, 'response') }));
  return (facts, stored) => {
    const ledger = facts.ledger.after(stored);
    const change = changes.get(stored.type)?.(facts, shapes.asToday(stored)) ?? null;
    return change === null && ledger === facts.ledger ? facts : { ...facts, ...change, ledger };
  };
}

/** A decision takes out the request that it names; what names none is for the one of its deadline. */
const withoutExtension = (
  { extensions }: Pick<DeadlineFacts, 'extensions'>,
  { data }: Of<'DeadlineExtended' | 'DeadlineWithdrawn' | 'ExtensionRefused' | 'ExtensionWithdrawn'>,
): readonly PendingExtension[] =>
  withoutOf(extensions, ({ eventId, deadlineId: id }) =>
    'decides' in data ? data.decides.includes(eventId) : id === data.deadlineId,
  );

function deadlineFrom(event: Of<'DeadlineSet'>): Deadline {
  const { data, effectiveOn, recordedAt } = event;
  const { deadlineId, kind, dueOn } = data;
  const subject = recorderOf(event);
  const setBy = subject === null ? null : { subject, at: recordedAt };
  return { id: deadlineId, kind, dueOn, firstDueOn: dueOn, dueSince: effectiveOn, setBy };
}

/** A later date that somebody asked for. */
export interface PendingExtension extends Request {
  readonly deadlineId: string;
  readonly dueOn: string;
}

const extensionFrom = (event: Of<'ExtensionRequested'>): PendingExtension => ({
  ...requestFrom(event),
  deadlineId: event.data.deadlineId,
  dueOn: event.data.dueOn,
});

function extended(
  deadlines: readonly Deadline[],
  { data, effectiveOn }: Of<'DeadlineExtended'>,
): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data.deadlineId);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  const after = { dueOn: data.dueOn, dueSince: effectiveOn };
  return deadlines.with(index, { ...lateOn(deadline, effectiveOn), ...after });
}

/** The next request is not effective before the one before it is settled. */
function requestSettled(
  deadlines: readonly Deadline[],
  { data, effectiveOn }: Of<'ExtensionRefused' | 'ExtensionWithdrawn'>,
): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data.deadlineId);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  const { requestSettledOn: before = effectiveOn } = deadline;
  return deadlines.with(index, {
    ...deadline,
    requestSettledOn: before > effectiveOn ? before : effectiveOn,
  });
}

/** The deadlines after what settles them, or claims that they were met. */
function settledBy(
  deadlines: readonly Deadline[],
  { eventId, data: { claim }, effectiveOn }: FoldedEvent,
  kind: Deadline['kind'],
): readonly Deadline[] {
  if (claim === true) return claimedBy(deadlines, kind, eventId);
  // What settles them takes the place of a claim that they were met.
  return settledOn(
    withoutClaims(deadlines, (each) => each.kind === kind),
    kind,
    effectiveOn,
  );
}

/** What somebody set themselves is theirs to take back; it is no other person's date. */
function withdrawnAfter(
  {
    deadlines,
    withdrawn,
  }: { readonly deadlines: readonly Deadline[]; readonly withdrawn: readonly WithdrawnDate[] },
  event: Of<'DeadlineWithdrawn'>,
): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  const deadline = deadlines.find(({ id }) => id === event.data.deadlineId);
  if (by === null || deadline === undefined || isSamePerson(deadline.setBy?.subject ?? null, by))
    return withdrawn;
  const own = withdrawn.find((each) => isSamePerson(each.by, by));
  const dueOn = own !== undefined && own.dueOn < deadline.dueOn ? own.dueOn : deadline.dueOn;
  return [...withdrawn.filter((each) => each !== own), { by, dueOn }];
}

/** Once a second person has set a deadline, what the others withdrew is replaced by two. */
function replaced(withdrawn: readonly WithdrawnDate[], event: FoldedEvent): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  return by === null || withdrawn.length === 0
    ? withdrawn
    : withdrawn.filter((each) => isSamePerson(each.by, by));
}

/** The list without the item that is meant; the same list where there is none. */
export function withoutOf<Item>(items: readonly Item[], isMeant: (item: Item) => boolean): readonly Item[] {
  const index = items.findIndex(isMeant);
  return index < 0 ? items : items.toSpliced(index, 1);
}

/**
 * What an event says besides that one person, or a file, dates before a day on which a deadline that it settles is on record as
 * passed.
 */
export function claimOf(
  {
    deadlines,
    passed,
  }: { readonly deadlines: readonly Deadline[]; readonly passed: readonly PassedDeadline[] },
  kind: Deadline['kind'],
  effectiveOn: string,
): { readonly claim?: true } {
  const settled = new Set(deadlines.filter((each) => each.kind === kind).map(({ id }) => id));
  return passed.some(({ deadlineId, on }) => effectiveOn < on && settled.has(deadlineId))
    ? { claim: true }
    : {};
}

/** Whether deadlines of a kind are only claimed to be met. */
export const isClaimed = (deadlines: readonly Deadline[], kind: Deadline['kind']): boolean =>
  deadlines.some((each) => each.kind === kind && each.claimedBy !== undefined);

/** The deadlines after a claim that they were met: they stay as they were, and name it. */
const claimedBy = (
  deadlines: readonly Deadline[],
  kind: Deadline['kind'],
  eventId: string,
): readonly Deadline[] =>
  deadlines.map((deadline) => (deadline.kind === kind ? { ...deadline, claimedBy: eventId } : deadline));

/** The deadlines once their claims fell, or the one of an event was confirmed. */
export const withoutClaims = (
  deadlines: readonly Deadline[],
  isMeant: (deadline: Deadline) => boolean,
): readonly Deadline[] =>
  deadlines.some((each) => each.claimedBy !== undefined && isMeant(each))
    ? deadlines.map((deadline) => {
        const { claimedBy: claim, ...settled } = deadline;
        return claim !== undefined && isMeant(deadline) ? settled : deadline;
      })
    : deadlines;
