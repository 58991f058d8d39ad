import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import { readerOf } from '#lifecycle/capability';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { GuardDefinition, LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Notices } from '#lifecycle/notices';
import type { DateNews, DatesCode, Shown, SummaryPart } from '#lifecycle/summary';
import type { ShownRecord, ShownWait } from '../record-view.ts';
import { beforeThreshold } from './before-threshold.ts';
import { deadlineCommands, pendingExtensions, termsOf } from './deadline-commands.ts';
import type { DeadlineOptions } from './deadline-commands.ts';
import { closingIn, DEADLINE_EVENTS, deadlineFold, isIn, ledgerOf, noDeadlines } from './deadline-facts.ts';
import type { DeadlineFacts } from './deadline-facts.ts';
import { dueThresholds } from './deadline-ledger.ts';
import type { LedgerData } from './deadline-ledger.ts';
import { DEADLINE_ANSWERS, deadlineWords } from './deadline-words.ts';
import { dateState, DEADLINE_KINDS, isSettledBy, listedDate, longDate } from './deadlines.ts';
import type { Deadline, DeadlineKind, DeadlineState } from './deadlines.ts';
import { requesterOfAll } from './persons.ts';
import type { RecipientFacts } from './recipients.ts';

/**
 * Returns the capability of deadlines. People set, extend (two people) and withdraw them; the sweep records when they
 * approach and pass. Deadlines are settled when the work ends.
 */
export function deadlines<Facts extends DeadlineFacts = DeadlineFacts>(options: DeadlineOptions<Facts>) {
  const { first, open, regions, response, listedKinds, requests = () => [] } = options;
  const terms = termsOf(options);
  const dated = { regions, open, ...(response && { answered: response.answered }) };
  const ledger = ledgerOf(first, dated, options.adds);
  const initial = noDeadlines(dated, ledger);
  const closing = closingIn(dated);
  const states = deadlineStates({ open, answered: response?.answered, listedKinds });
  const pendingOf = pendingExtensions(options.decisionEvents);
  const allRequests = (facts: Facts) => [...facts.extensions, ...requests(facts)];
  return {
    events: DEADLINE_EVENTS,
    guards: { open },
    initial,
    fold: deadlineFold(dated),
    effectiveOnsOfEarlier,
    commands: deadlineCommands(options, terms),
    notYet: beforeThreshold<Facts>(options.kind, states.isSettled, allRequests),
    due: (facts: DeadlineFacts, today: string) => dueThresholds(facts.ledger, today),
    dates: {
      first,
      kinds: DEADLINE_KINDS,
      ledger: {
        empty: ledger,
        from: (kept) => ledger.from(kept as JsonObject & LedgerData),
      },
      news: newsOf,
      shows: (event) => shownBy(event, closing.has(event.type)),
    } satisfies DatesCode,
    ...states,
    pendingExtensions: pendingOf,
    summary: summaryPart(states),
    answers: DEADLINE_ANSWERS,
    words: deadlineWords(pendingOf),
    notices: NOTICES,
    waits: extensionWaits,
  };
}

const NOTICES: Notices = {
  ExtensionRequested: {
    kind: 'extension-requested',
    title: 'Extension requested',
    ...{ about: 'deadlineId', opens: 'extension', to: ['owner'] },
  },
  DeadlineExtended: {
    kind: 'extension-granted',
    title: 'Extension granted',
    ...{ about: 'deadlineId', answers: 'extension', to: ['owner', 'body'] },
  },
  ExtensionRefused: {
    kind: 'extension-refused',
    title: 'Extension refused',
    ...{ about: 'deadlineId', answers: 'extension', to: ['owner', 'body'], comesBack: true },
  },
  ExtensionWithdrawn: {
    kind: 'extension-withdrawn',
    title: 'Extension request withdrawn',
    ...{ about: 'deadlineId', answers: 'extension', to: ['owner', 'deciders'] },
  },
  DeadlineWithdrawn: {
    kind: 'deadline-withdrawn',
    title: 'Deadline withdrawn',
    to: ['owner', 'body'],
  },
  DeadlineApproaching: {
    kind: 'deadline-approaching',
    title: 'Deadline approaching',
    to: ['owner', 'body'],
    isOfDate: true,
  },
  DeadlinePassed: {
    kind: 'deadline-passed',
    title: 'Deadline passed',
    to: ['owner', 'body'],
    isOfDate: true,
  },
  DeadlineEscalated: {
    kind: 'deadline-escalated',
    title: 'Deadline long overdue',
    to: ['owner', 'body'],
    isOfDate: true,
  },
};

/** Returns the pending extensions as tasks on the record's page. */
const extensionWaits = ({ deadlines: known = [], pending }: ShownRecord): readonly ShownWait[] =>
  (pending?.extensions ?? []).map(({ deadlineId: id, dueOn: date, requester, requestedOn }) => {
    const from = known.find((each) => each.id === id)?.dueOn;
    const ofDeadline = from === undefined ? '' : ` from ${longDate(from)}`;
    return {
      name: 'extension',
      what: `An extension${ofDeadline} to ${longDate(date)} was requested`,
      requested: { by: requester, on: requestedOn },
      command: 'grant-extension',
    };
  });

type DeadlineMoment = Pick<LifecycleState<Pick<DeadlineFacts, 'deadlines'>>, 'value' | 'facts'>;

/** Returns functions for the states of deadlines, based on the states in which work is open. */
export function deadlineStates({
  open,
  answered,
  listedKinds = DEADLINE_KINDS,
}: {
  readonly open: GuardDefinition;
  readonly answered?: GuardDefinition | undefined;
  readonly listedKinds?: readonly DeadlineKind[] | undefined;
}) {
  const isOpen = (value: StateValue): boolean => isIn(value, open);
  const settling = {
    isClosed: (value: StateValue) => !isOpen(value),
    answer: (value: StateValue) => (isIn(value, answered) ? 'given' : null),
    listedKinds,
  } as const;
  const isSettled = (value: StateValue, deadline: Pick<Deadline, 'kind' | 'claimedBy'>): boolean =>
    isSettledBy(settling, value, deadline);
  const singleDeadlineState = (
    value: StateValue,
    deadline: Pick<Deadline, 'kind' | 'dueOn' | 'claimedBy'>,
    day: string,
  ): DeadlineState => (isSettled(value, deadline) ? 'settled' : dateState(deadline.dueOn, day));
  /** Returns the deadline state of a record at the end of a day, which is that of its earliest deadline. */
  const deadlineState = (value: StateValue, of: readonly Deadline[], day: string): DeadlineState => {
    const { dueOn, isSettled: isDone } = listedDate(settling, value, of);
    if (dueOn === null) return 'none';
    return isDone ? 'settled' : dateState(dueOn, day);
  };
  /** Returns the states of the regions, and the deadline state at the end of a day. */
  const stateOn = ({ value, facts }: DeadlineMoment, day: string): Record<string, string> => ({
    ...value,
    deadline: deadlineState(value, facts.deadlines, day),
  });
  /** Returns each deadline with its state at the end of a day. */
  const deadlinesOn = ({ value, facts }: DeadlineMoment, day: string) =>
    facts.deadlines.map((deadline) => {
      const { id, kind, dueOn: date, firstDueOn } = deadline;
      const state = singleDeadlineState(value, deadline, day);
      return { id, kind, dueOn: date, firstDueOn, state, ...sourceOf(deadline) };
    });
  return { isOpen, isSettled, listedKinds, stateOn, deadlinesOn };
}

/**
 * Returns the place of a date's words in the text, or whether an amendment removed them; empty if it was not found in
 * the text.
 */
const sourceOf = ({ source }: Pick<Deadline, 'source'>) => ({
  ...(source !== undefined && { source }),
  ...sourceGoneFlag(source),
});

export const sourceGoneFlag = (source: Deadline['source']): { readonly sourceGone?: true } =>
  source === null ? { sourceGone: true } : {};

/**
 * Returns the effective dates of the events that an event decides on, replaces or withdraws, before which it cannot be
 * effective.
 */
function effectiveOnsOfEarlier(
  { deadlines: known, extensions, reopenedOn }: DeadlineFacts,
  { type, data }: Pick<FoldedEvent, 'type' | 'data'>,
): readonly string[] {
  const { deadlineId: id } = data;
  const named = known.find((each) => each.id === id);
  const deadline = named?.dueSince;
  const request = extensions.find((each) => each.deadlineId === id)?.on;
  const dates = (...these: readonly (string | null | undefined)[]): readonly string[] =>
    these.filter((date) => date != null);
  switch (type) {
    case 'ExtensionRequested':
      // A request cannot be effective on a day on which the record was closed.
      return dates(deadline, named?.requestSettledOn, reopenedOn);
    case 'DeadlineWithdrawn':
      return dates(deadline);
    case 'DeadlineExtended':
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return dates(request, deadline);
    default:
      return [];
  }
}

const readDeadline = readerOf(DEADLINE_EVENTS);
type TypedEvent = Pick<FoldedEvent, 'type' | 'data'>;

const NEARNESS = {
  DeadlineApproaching: 'near',
  DeadlinePassed: 'over',
  DeadlineEscalated: 'long-over',
} as const;

function newsOf(event: TypedEvent): DateNews | null {
  const read = readDeadline(event);
  if (read === null) return null;
  const { type, data } = read;
  switch (type) {
    case 'DeadlineSet':
      return { is: 'set', id: data.deadlineId, dueOn: data.dueOn };
    case 'DeadlineExtended':
      return { is: 'extended', id: data.deadlineId };
    case 'DeadlineWithdrawn':
      return { is: 'withdrawn', id: data.deadlineId };
    case 'ExtensionRefused':
    case 'ExtensionWithdrawn':
      return { is: 'kept', id: data.deadlineId };
    case 'DeadlineApproaching':
    case 'DeadlinePassed':
    case 'DeadlineEscalated': {
      const { deadlineId: id, ...date } = data;
      return { is: 'crossed', nearness: NEARNESS[type], id, ...date };
    }
    default:
      return null;
  }
}

function shownBy(event: TypedEvent, closes: boolean): Shown | null {
  const { decides: decided } = event.data;
  const named = Array.isArray(decided) ? decided.filter((each) => typeof each === 'string') : [];
  if (closes) return { met: { notKind: 'response' }, decides: named };
  const read = readDeadline(event);
  return read?.type === 'DeadlineExtended' ? { met: { id: read.data.deadlineId }, decides: named } : null;
}

const summaryPart = ({
  isOpen,
  listedKinds,
}: ReturnType<typeof deadlineStates>): SummaryPart<DeadlineFacts & Partial<RecipientFacts>> => ({
  listedKinds,
  dates: ({ deadlines: known }) => known,
  waits: {
    extension: {
      decidedBy: ['grant-extension', 'refuse-extension'],
      persons: ({ extensions, bodyActors = [] }, value) =>
        isOpen(value) && extensions.length > 0 ? [...requesterOfAll(extensions), ...bodyActors] : null,
    },
  },
});
