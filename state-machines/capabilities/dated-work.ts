import type { JsonObject, StateValue } from '#event-sourcing/envelope';
import { readerOf } from '#lifecycle/capability';
import { InvalidLifecycleError } from '#lifecycle/check-definition';
import { unknownNames } from '#lifecycle/check-lifecycle';
import type { FoldedEvent } from '#lifecycle/folded-event';
import type { GuardDefinition, LifecycleState } from '#lifecycle/lifecycle-definition';
import type { Notices } from '#lifecycle/notices';
import type { DateNews, DatesCode, Shown, SummaryPart } from '#lifecycle/summary';
import type { RecordView, ShownRecord, ShownWait } from '../record-view.ts';
import { beforeThreshold } from './before-threshold.ts';
import { deadlineCommands, pendingExtensions, termsOf } from './deadline-commands.ts';
import type { DeadlineOptions } from './deadline-commands.ts';
import { closingIn, DEADLINE_EVENTS, deadlineFold, isIn, ledgerOf, noDeadlines } from './deadline-facts.ts';
import type { DatedRegions, DeadlineFacts } from './deadline-facts.ts';
import { dueThresholds } from './deadline-ledger.ts';
import type { LedgerData } from './deadline-ledger.ts';
import { DEADLINE_ANSWERS, deadlineWords } from './deadline-words.ts';
import {
  dateState,
  DEADLINE_KINDS,
  isSettledBy,
  kindsThat,
  listedDate,
  longDate,
  PLAIN_KINDS,
} from './deadlines.ts';
import type { Deadline, DeadlineState, KindsOfDeadlines } from './deadlines.ts';
import { UNKNOWN_REQUEST } from './persons.ts';
import type { Request } from './persons.ts';
import { withPending } from './shared-view.ts';

/**
 * Deadlines that are set, extended by two people, withdrawn, and swept: as they come near and pass, that is recorded. A deadline is
 * settled when the work ends.
 */
export function deadlines<Facts extends DeadlineFacts = DeadlineFacts>(options: DeadlineOptions<Facts>) {
  const { first, open, regions, response, requests = () => [] } = options;
  checkGuards(regions, { open, 'response.due': response?.due, 'response.given': response?.given });
  const terms = termsOf(options);
  const single = kindsThat(terms.kinds, 'isSingle');
  const dated = { regions, open, kinds: terms.kinds, ...(response && { answered: response.given }) };
  const ledger = ledgerOf(first, dated, options.adds);
  const initial = noDeadlines(dated, ledger);
  const closing = closingIn(dated);
  const states = deadlineStates({ open, given: response?.given, kinds: terms.kinds });
  const pendingOf = pendingExtensions(options.standing);
  const allRequests = (facts: Facts) => [...facts.extensions, ...requests(facts)];
  return {
    events: DEADLINE_EVENTS,
    guards: { open },
    initial,
    fold: deadlineFold(dated),
    effectiveOnsOfEarlier: earlierThan(single),
    commands: deadlineCommands(options, terms),
    /** Parts of the code of a lifecycle. */
    notYet: beforeThreshold<Facts>(options.kind, states.isSettled, allRequests),
    due: (facts: DeadlineFacts, today: string) => dueThresholds(facts.ledger, today),
    dates: {
      first,
      kinds: DEADLINE_KINDS,
      ledger: {
        empty: ledger,
        from: (kept) => ledger.from(kept as JsonObject & LedgerData),
      },
      news: (event) => newsOf(event, single),
      shows: (event) => shownBy(event, closing.has(event.type)),
    } satisfies DatesCode,
    ...states,
    pendingExtensions: pendingOf,
    summary: summaryPart(states, terms.kinds),
    answers: DEADLINE_ANSWERS,
    words: deadlineWords(pendingOf, terms),
    notices: NOTICES,
    waits: extensionWaits,
    /** A view of records, with their deadlines and what was asked of these. */
    view(base: RecordView): RecordView<Facts> {
      const pendingOn = (state: LifecycleState<Facts>) => ({
        extensions: states.isOpen(state.value) ? pendingOf(state) : [],
      });
      const shown = withPending(base, DEADLINE_EVENTS, pendingOn, extensionWaits);
      return {
        ...shown,
        stateOn: states.stateOn,
        show: (head, state, taken, day) => ({
          ...shown.show(head, state, taken, day),
          deadlines: states.deadlinesOn(state, day),
        }),
      };
    },
  };
}

const NOTICES: Notices = {
  ExtensionRequested: {
    kind: 'extension-requested',
    title: 'Extension requested',
    ...{ about: 'deadlineId', asks: 'extension', to: ['owner'] },
  },
  DeadlineExtended: {
    kind: 'extension-granted',
    title: 'Deadline moved',
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
    title: 'Deadline near',
    to: ['owner', 'body'],
  },
  DeadlinePassed: { kind: 'deadline-passed', title: 'Deadline passed', to: ['owner', 'body'] },
  DeadlineEscalated: { kind: 'deadline-escalated', title: 'Deadline long overdue', to: ['owner', 'body'] },
};

/** The later dates that were asked for, as a record's page tells them. */
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

/**
 * That options name states that there are: else nothing would ever end the work, or be its answer.
 * @throws Error with each place, and what to write instead.
 */
function checkGuards(
  regions: DatedRegions['regions'],
  guards: Readonly<Record<string, GuardDefinition | undefined>>,
): void {
  const problems = Object.entries(guards).flatMap(([place, guard]) => [
    ...unknownNames(`${place}.region`, 'region', guard ? [guard.region] : [], Object.keys(regions)),
    ...unknownNames(
      `${place}.in`,
      'state',
      guard && regions[guard.region] ? guard.in : [],
      Object.keys(regions[guard?.region ?? '']?.states ?? {}),
    ),
  ]);
  if (problems.length > 0) throw new InvalidLifecycleError('deadlines', problems);
}

/** How deadlines are, by where the work is. */
export function deadlineStates({
  open,
  given,
  kinds = PLAIN_KINDS,
}: {
  readonly open: GuardDefinition;
  readonly given?: GuardDefinition | undefined;
  readonly kinds?: KindsOfDeadlines;
}) {
  const isOpen = (value: StateValue): boolean => isIn(value, open);
  const settling = {
    isClosed: (value: StateValue) => !isOpen(value),
    answer: (value: StateValue) => (isIn(value, given) ? 'given' : null),
    listedKinds: [...kindsThat(kinds, 'isListed')],
  } as const;
  const isSettled = (value: StateValue, deadline: Pick<Deadline, 'kind' | 'claimedBy'>): boolean =>
    isSettledBy(settling, value, deadline);
  /** One deadline's own state. */
  const singleDeadlineState = (
    value: StateValue,
    deadline: Pick<Deadline, 'kind' | 'dueOn' | 'claimedBy'>,
    day: string,
  ): DeadlineState => (isSettled(value, deadline) ? 'settled' : dateState(deadline.dueOn, day));
  /** A record's deadline state at the end of a day: that of its earliest deadline. */
  const deadlineState = (value: StateValue, of: readonly Deadline[], day: string): DeadlineState => {
    const { dueOn, isSettled: isDone } = listedDate(settling, value, of);
    if (dueOn === null) return 'none';
    return isDone ? 'settled' : dateState(dueOn, day);
  };
  /** The regions and the computed deadline, at the end of a day. */
  const stateOn = ({ value, facts }: LifecycleState<DeadlineFacts>, day: string): Record<string, string> => ({
    ...value,
    deadline: deadlineState(value, facts.deadlines, day),
  });
  /** Each deadline with its own state at the end of a day. */
  const deadlinesOn = ({ value, facts }: LifecycleState<DeadlineFacts>, day: string) =>
    facts.deadlines.map((deadline) => {
      const { id, kind, dueOn: date, firstDueOn } = deadline;
      const state = singleDeadlineState(value, deadline, day);
      return { id, kind, dueOn: date, firstDueOn, state, ...sourceOf(deadline) };
    });
  const { listedKinds } = settling;
  return { isOpen, isSettled, listedKinds, singleDeadlineState, deadlineState, stateOn, deadlinesOn };
}

/** Where a date was found, if it was; or that its words are gone from the text as it stands. */
const sourceOf = ({ source }: Pick<Deadline, 'source'>) => ({
  ...(source !== undefined && { source }),
  ...goneOf(source),
});

export const goneOf = (source: Deadline['source']): { readonly sourceGone?: true } =>
  source === null ? { sourceGone: true } : {};

/** As `effectiveOnsOfEarlier`, with the dates of the deadlines that a new one of a single kind replaces. */
const earlierThan =
  (single: ReadonlySet<string>) =>
  (facts: DeadlineFacts, event: Pick<FoldedEvent, 'type' | 'data'>): readonly string[] => {
    const { kind } = event.data;
    return event.type === 'DeadlineSet' && typeof kind === 'string' && single.has(kind)
      ? facts.deadlines.filter((each) => each.kind === kind).map(({ dueSince }) => dueSince)
      : effectiveOnsOfEarlier(facts, event);
  };

/**
 * The effective dates of what an event decides on, replaces or takes back: it is not effective before them. None where it does
 * none of this.
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
      // On a day on which the record was closed, nothing could be asked of it.
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
type Told = Pick<FoldedEvent, 'type' | 'data'>;

const NEARNESS = {
  DeadlineApproaching: 'near',
  DeadlinePassed: 'over',
  DeadlineEscalated: 'long-over',
} as const;

function newsOf(event: Told, single: ReadonlySet<string>): DateNews | null {
  const read = readDeadline(event);
  if (read === null) return null;
  const { type, data } = read;
  switch (type) {
    case 'DeadlineSet':
      return {
        ...{ is: 'set', id: data.deadlineId, dueOn: data.dueOn },
        ...(single.has(data.kind) && { replaces: data.kind }),
      };
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

function shownBy(event: Told, closes: boolean): Shown | null {
  const { decides: decided } = event.data;
  const named = Array.isArray(decided) ? decided.filter((each) => typeof each === 'string') : [];
  if (closes) return { met: { notKind: 'response' }, decides: named };
  const read = readDeadline(event);
  return read?.type === 'DeadlineExtended' ? { met: { id: read.data.deadlineId }, decides: named } : null;
}

/** What a row keeps. */
interface Kept {
  readonly deadlines: readonly Pick<
    Deadline,
    'id' | 'kind' | 'dueOn' | 'firstDueOn' | 'passed' | 'claimedBy'
  >[];
  readonly extensions?: readonly (Pick<Request, 'eventId' | 'requester'> & { readonly deadlineId: string })[];
  readonly isClosed?: true;
  readonly closedAt?: number;
  readonly answeredAt?: number;
}

const summaryPart = (
  { isOpen, listedKinds }: ReturnType<typeof deadlineStates>,
  { response: { isExtendable } }: KindsOfDeadlines,
): SummaryPart<DeadlineFacts> => ({
  keeps: ['deadlines', 'extensions', 'isClosed', 'closedAt', ...(isExtendable ? ['answeredAt'] : [])],
  listedKinds,
  kept: ({ deadlines: known, extensions, isClosed, closedAt, answeredAt }) => ({
    deadlines: known.map(({ id, kind, dueOn: date, firstDueOn, passed, claimedBy }) => ({
      ...{ id, kind, dueOn: date, firstDueOn },
      ...(passed && { passed }),
      ...(claimedBy !== undefined && { claimedBy }),
    })),
    ...(extensions.length > 0 && {
      extensions: extensions.map(({ eventId, requester, deadlineId: id }) => ({
        ...{ eventId, requester, deadlineId: id },
      })),
    }),
    ...(isClosed && { isClosed }),
    ...(closedAt > 0 && { closedAt }),
    ...(isExtendable && answeredAt > 0 && { answeredAt }),
  }),
  from(kept) {
    const {
      deadlines: known,
      extensions = [],
      isClosed = false,
      closedAt = 0,
      answeredAt = 0,
    } = kept as JsonObject & Kept;
    return {
      deadlines: known.map((each) => ({ ...each, dueSince: '', setBy: null })),
      extensions: extensions.map((each) => ({ ...UNKNOWN_REQUEST, ...each, dueOn: '' })),
      ...{ isClosed, closedAt, answeredAt },
    };
  },
  dates: ({ deadlines: known }) => known,
  waits: {
    extension: {
      decidedBy: ['grant-extension', 'refuse-extension'],
      persons: ({ extensions }, value) =>
        isOpen(value) && extensions.length > 0 ? extensions.map(({ requester }) => requester) : null,
    },
  },
});
