import { withKnownShape } from '#event-sourcing/known-shape';
import type { StateValue } from '#event-sourcing/envelope';
import type { EventOf, Fold } from '#lifecycle/capability';
import type { FoldedEvent } from '#lifecycle/folded-event';
import { byEngine, withLabel, optional } from '#lifecycle/fields';
import { arrowsOf } from '#lifecycle/lifecycle-definition';
import type { GuardDefinition, RegionConfig } from '#lifecycle/lifecycle-definition';
import { changing, note, writing } from '#lifecycle/shapes';
import type { Shape } from '#lifecycle/shapes';
import type { AuthorFacts } from './authors.ts';
import { isSamePerson, recorderOf, requestFrom } from './persons.ts';
import { DeadlineLedger, FIRST_DAY, thresholdKey } from './deadline-ledger.ts';
import type { AddsToLedger, LedgerEvent, LedgerFact } from './deadline-ledger.ts';
import { dateVersion, lateOn, settledOn } from './deadlines.ts';
import type { Deadline, PassedDeadline, WithdrawnDate } from './deadlines.ts';
import { added, deadlineId, decided, dueOn, reason, why } from './fields.ts';
import type { Request } from './persons.ts';

export const WHICH_DEADLINE = { missing: 'Choose a deadline' };

/** Returns an event type that changes one of the deadlines. */
export const changingDeadline = <Of extends Shape>(type: Of) =>
  changing(({ deadlineId: id }) => (typeof id === 'string' ? id : null), type);

export const DEADLINE_EVENTS = {
  DeadlineSet: changingDeadline(
    note({
      ...{ deadlineId: byEngine(deadlineId), kind: byEngine(dateVersion.kind) },
      ...{ dueOn, note: optional(added) },
    }),
  ),
  DeadlineExtended: changingDeadline(note({ deadlineId, dueOn, reason: optional(reason), decides: decided })),
  ExtensionRequested: writing('request', note({ deadlineId, dueOn, reason })),
  ExtensionRefused: note({ deadlineId, reason, decides: decided }),
  ExtensionWithdrawn: note({ deadlineId }),
  DeadlineWithdrawn: changingDeadline(
    note({
      deadlineId: withLabel(deadlineId, 'Deadline', WHICH_DEADLINE),
      reason: why('Reason for the withdrawal'),
    }),
  ),
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
  readonly [Which in Type]?: (...args: [...Before, Of<Which, Base>]) => After;
};

/** The facts that the deadline commands need. */
export interface DeadlineFacts extends Partial<AuthorFacts> {
  readonly deadlines: readonly Deadline[];
  /** The ledger of the dates on which thresholds are crossed, and of recorded crossings. */
  readonly ledger: DeadlineLedger;
  /** The deadlines that were recorded as passed or escalated. */
  readonly passed: readonly PassedDeadline[];
  /** The number of deadline ids in use. */
  readonly deadlineIds: number;
  /**
   * The people who withdrew another person's deadline or dismissed a date in the text, with the earliest date. They may
   * not set a later date in its place until someone else has set one.
   */
  readonly withdrawn: readonly WithdrawnDate[];
  /** The pending requests. Closing the record drops them. */
  readonly extensions: readonly PendingExtension[];
  /** True if the record is closed. A request then does not apply, even if a view folds it after the closing. */
  readonly isClosed: boolean;
  /** The stream version of the latest closing. It dropped all earlier requests, even if a view folds it first. */
  readonly closedAt: number;
  /** The date of the last reopening, before which no other request can be effective; null if there was none. */
  readonly reopenedOn: string | null;
  /** True if the response was published. */
  readonly isAnswered: boolean;
}

/** The regions and states on which deadlines depend. */
export interface DatedRegions {
  readonly regions: Readonly<Record<string, RegionConfig>>;
  /** The states in which work is open. Leaving them settles the deadlines. */
  readonly open: GuardDefinition;
  /** The states in which the response is published, which settles its deadline; absent if no response is ever due. */
  readonly answered?: GuardDefinition;
}

export const isIn = (value: StateValue, guard: GuardDefinition | undefined): boolean =>
  guard !== undefined && guard.in.includes(String(value[guard.region]));

/** Returns whether a record starts in one of the guard's states. */
const beginsIn = (regions: DatedRegions['regions'], guard: GuardDefinition | undefined): boolean =>
  guard !== undefined && guard.in.includes(regions[guard.region]?.initial ?? '');

/**
 * The effect of a move on a guard: whether it starts inside or outside the guard's states, and whether it ends inside.
 */
interface Turn {
  readonly fromIn: boolean;
  readonly fromOut: boolean;
  readonly toIn: boolean;
}

/** Returns the effect of each event type on a guard. */
function turnsOf(
  regions: DatedRegions['regions'],
  guard: GuardDefinition | undefined,
): ReadonlyMap<string, Turn> {
  const turns = new Map<string, Turn>();
  if (guard === undefined) return turns;
  for (const { region, event, from, target } of arrowsOf({ machine: { states: regions } })) {
    if (region !== guard.region) continue;
    const { fromIn = false, fromOut = false } = turns.get(event) ?? {};
    const isFromIn = guard.in.includes(from);
    turns.set(event, {
      ...{ fromIn: fromIn || isFromIn, fromOut: fromOut || !isFromIn },
      toIn: guard.in.includes(target),
    });
  }
  return turns;
}

/** Returns the event types that end the work. */
export const closingIn = ({ regions, open }: DatedRegions): ReadonlySet<string> =>
  new Set([...turnsOf(regions, open)].flatMap(([type, { toIn }]) => (toIn ? [] : [type])));

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
 * Returns a new ledger, with what each event adds. One event can both end the work and publish the response.
 * @param also handles the lifecycle's other events.
 */
export function ledgerOf(
  first: string,
  { regions, open, answered }: DatedRegions,
  also: Readonly<Record<string, AddsToLedger>> = {},
): DeadlineLedger {
  const adds = new Map<string, AddsToLedger>(Object.entries(ADDS) as [string, AddsToLedger][]);
  const [work, responses] = [turnsOf(regions, open), turnsOf(regions, answered)];
  for (const type of new Set([...work.keys(), ...responses.keys()])) {
    const fact = workAfter(work.get(type));
    const response = responseAfter(responses.get(type));
    if (fact !== null || response !== null) adds.set(type, unclaimed(fact, response));
  }
  // A record is in its initial state until its first move, even if an import dates moves before an undated first event.
  const isAnswered = beginsIn(regions, answered);
  adds.set(first, () => ({
    ...{ on: FIRST_DAY, fact: beginsIn(regions, open) ? 'open' : 'closed' },
    ...(isAnswered && { response: 'answered' }),
  }));
  for (const [type, add] of Object.entries(also)) adds.set(type, add);
  return new DeadlineLedger((event) => adds.get(event.type)?.(event) ?? null);
}

const workAfter = (turn: Turn | undefined): 'open' | 'closed' | null =>
  turn === undefined ? null : turn.toIn ? 'open' : 'closed';

function responseAfter(turn: Turn | undefined): 'answered' | 'unanswered' | null {
  if (turn?.toIn) return turn.fromOut ? 'answered' : null;
  return turn?.fromIn ? 'unanswered' : null;
}

const unclaimed =
  (work: ReturnType<typeof workAfter>, response: ReturnType<typeof responseAfter>): AddsToLedger =>
  ({ data: { claim }, effectiveOn: on }) => {
    if (claim === true) return null;
    if (work === null) return response && { on, fact: response };
    return { on, fact: work, ...(response !== null && { response }) };
  };

type Change = (facts: DeadlineFacts, event: FoldedEvent) => Partial<DeadlineFacts> | null;

const CHANGES: ByType<FoldedEvent, [facts: DeadlineFacts], Partial<DeadlineFacts> | null> = {
  DeadlineSet: ({ deadlines, deadlineIds, withdrawn }, event) => ({
    ...{ deadlines: [...deadlines, deadlineFrom(event)], deadlineIds: deadlineIds + 1 },
    withdrawn: withoutReplaced(withdrawn, event),
  }),
  DeadlineExtended: (facts, event) => ({
    ...{ deadlines: extendDeadline(facts.deadlines, event), extensions: withoutExtension(facts, event) },
  }),
  DeadlineWithdrawn: (facts, event) => ({
    deadlines: withoutOf(facts.deadlines, ({ id }) => id === event.data.deadlineId),
    ...{ withdrawn: withdrawnAfter(facts, event), extensions: withoutExtension(facts, event) },
  }),
  // A view can fold a request after the closing or the withdrawal of its deadline; the request is then ignored.
  ExtensionRequested({ deadlines, extensions, isClosed, closedAt }, event) {
    const isThere = deadlines.some(({ id }) => id === event.data.deadlineId);
    return isClosed || event.version < closedAt || !isThere
      ? null
      : { extensions: [...extensions, extensionFrom(event)] };
  },
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

/** Drops pending requests, because the record was closed. */
const onClosed: Change = ({ closedAt: before, isClosed, deadlines }, event) => {
  const closedAt = Math.max(before, event.version);
  if (isClosed) return closedAt === before ? null : { closedAt };
  return { closedAt, extensions: [], deadlines: settledBy(deadlines, event, 'action'), isClosed: true };
};

const onReopened: Change = ({ deadlines }, { effectiveOn }) => ({
  deadlines: withoutClaims(deadlines, ({ kind }) => kind === 'action'),
  ...{ isClosed: false, reopenedOn: effectiveOn },
});
const reopenedIfClosed: Change = (facts, event) => (facts.isClosed ? onReopened(facts, event) : null);

const onAnswered: Change = ({ deadlines }, event) => ({
  ...{ isAnswered: true, deadlines: settledBy(deadlines, event, 'response') },
});

const onUnanswered: Change = ({ deadlines }) => ({
  ...{ isAnswered: false, deadlines: withoutClaims(deadlines, ({ kind }) => kind === 'response') },
});

/** Returns two changes, one after the other. */
const inSequence =
  (first: Change, second: Change): Change =>
  (facts, event) => {
    const before = first(facts, event);
    const after = second({ ...facts, ...before }, event);
    return after === null ? before : { ...before, ...after };
  };

/** Returns the fold of the deadline facts. */
export function deadlineFold({ regions, open, answered: answeredIn }: DatedRegions): Fold<DeadlineFacts> {
  const changes = new Map(Object.entries(CHANGES) as [string, Change][]);
  const add = (type: string, further: Change) => {
    const known = changes.get(type);
    changes.set(type, known === undefined ? further : inSequence(known, further));
  };
  for (const [type, { fromIn, fromOut, toIn }] of turnsOf(regions, open)) {
    if (!toIn) add(type, onClosed);
    else if (fromOut) add(type, fromIn ? reopenedIfClosed : onReopened);
  }
  for (const [type, turn] of turnsOf(regions, answeredIn)) {
    const response = responseAfter(turn);
    if (response !== null) add(type, response === 'answered' ? onAnswered : onUnanswered);
  }
  return (facts, stored) => {
    const ledger = facts.ledger.after(stored);
    const change = changes.get(stored.type)?.(facts, withKnownShape(DEADLINE_EVENTS, stored)) ?? null;
    return change === null && ledger === facts.ledger ? facts : { ...facts, ...change, ledger };
  };
}

/** Returns the facts of a new record. */
export const noDeadlines = (dated: DatedRegions, ledger: DeadlineLedger): DeadlineFacts => ({
  ...{ deadlines: [], ledger, passed: [], deadlineIds: 0, withdrawn: [], extensions: [] },
  ...{ isClosed: !beginsIn(dated.regions, dated.open), closedAt: 0, reopenedOn: null },
  ...{ isAnswered: beginsIn(dated.regions, dated.answered) },
});

/**
 * Returns whether a deadline in force has passed, unless it was extended or settled in time. Only dates count, not what
 * a sweep recorded.
 */
export const hasPassed = (
  {
    deadlines = [],
    isClosed = false,
    isAnswered = false,
  }: Partial<Pick<DeadlineFacts, 'deadlines' | 'isClosed' | 'isAnswered'>>,
  today: string,
): boolean =>
  deadlines.some(({ kind, dueOn: date, passed, claimedBy: claim }) => {
    const isDone = claim === undefined && (kind === 'response' ? isAnswered : isClosed);
    return passed === true || (!isDone && date < today);
  });

/** Returns the requests without the one that a decision lists, or without the one for its deadline if it lists none. */
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

export interface PendingExtension extends Request {
  readonly deadlineId: string;
  readonly dueOn: string;
}

const extensionFrom = (event: Of<'ExtensionRequested'>): PendingExtension => ({
  ...requestFrom(event),
  deadlineId: event.data.deadlineId,
  dueOn: event.data.dueOn,
});

function extendDeadline(
  deadlines: readonly Deadline[],
  { data, effectiveOn }: Of<'DeadlineExtended'>,
): readonly Deadline[] {
  const index = deadlines.findIndex(({ id }) => id === data.deadlineId);
  const deadline = deadlines[index];
  if (deadline === undefined) return deadlines;
  const after = { dueOn: data.dueOn, dueSince: effectiveOn };
  return deadlines.with(index, { ...lateOn(deadline, effectiveOn), ...after });
}

/**
 * Returns the deadlines with the date on which a request was settled, before which the next one cannot be effective.
 */
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

/** Returns the deadlines after an event that settles them or claims that they were met. */
function settledBy(
  deadlines: readonly Deadline[],
  { eventId, data: { claim }, effectiveOn }: FoldedEvent,
  kind: Deadline['kind'],
): readonly Deadline[] {
  if (claim === true) return claimedBy(deadlines, kind, eventId);
  // A settlement replaces a claim.
  return settledOn(
    withoutClaims(deadlines, (each) => each.kind === kind),
    kind,
    effectiveOn,
  );
}

/** Returns the withdrawn dates with one more; of each person, only the earliest counts. */
export function withWithdrawn(
  withdrawn: readonly WithdrawnDate[],
  { by, dueOn: date }: WithdrawnDate,
): readonly WithdrawnDate[] {
  const own = withdrawn.find((each) => isSamePerson(each.by, by));
  const earliest = own !== undefined && own.dueOn < date ? own.dueOn : date;
  return [...withdrawn.filter((each) => each !== own), { by, dueOn: earliest }];
}

/** Returns the withdrawn dates after a withdrawal. Only dates from the text, or on which others decided, count. */
function withdrawnAfter(
  { deadlines, withdrawn, written = [] }: DeadlineFacts,
  event: Of<'DeadlineWithdrawn'>,
): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  const deadline = deadlines.find(({ id }) => id === event.data.deadlineId);
  if (by === null || deadline === undefined) return withdrawn;
  const isOwn =
    deadline.source === null &&
    isSamePerson(deadline.setBy?.subject ?? null, by) &&
    written.every((each) => each.of !== deadline.id || isSamePerson(each.by, by));
  if (isOwn) return withdrawn;
  return withWithdrawn(withdrawn, { by, dueOn: deadline.dueOn });
}

/** Returns the withdrawn dates without those that a second person has replaced by setting a deadline. */
function withoutReplaced(withdrawn: readonly WithdrawnDate[], event: FoldedEvent): readonly WithdrawnDate[] {
  const by = recorderOf(event);
  return by === null || withdrawn.length === 0
    ? withdrawn
    : withdrawn.filter((each) => isSamePerson(each.by, by));
}

/** Returns the list without the first matching item; the same list if none matches. */
export function withoutOf<Item>(items: readonly Item[], isMatch: (item: Item) => boolean): readonly Item[] {
  const index = items.findIndex(isMatch);
  return index < 0 ? items : items.toSpliced(index, 1);
}

/**
 * Returns the claim of an event if one person, or a file, dates it before a day on which a deadline that it settles is
 * recorded as passed.
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

export const isClaimed = (deadlines: readonly Deadline[], kind: Deadline['kind']): boolean =>
  deadlines.some((each) => each.kind === kind && each.claimedBy !== undefined);

/** Returns the deadlines with a claim; their dates do not change. */
const claimedBy = (
  deadlines: readonly Deadline[],
  kind: Deadline['kind'],
  eventId: string,
): readonly Deadline[] =>
  deadlines.map((deadline) => (deadline.kind === kind ? { ...deadline, claimedBy: eventId } : deadline));

/** Returns the deadlines without their claims, because these were dropped or one of them was confirmed. */
export const withoutClaims = (
  deadlines: readonly Deadline[],
  isMatch: (deadline: Deadline) => boolean,
): readonly Deadline[] =>
  deadlines.some((each) => each.claimedBy !== undefined && isMatch(each))
    ? deadlines.map((deadline) => {
        const { claimedBy: claim, ...settled } = deadline;
        return claim !== undefined && isMatch(deadline) ? settled : deadline;
      })
    : deadlines;
