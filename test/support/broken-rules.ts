import { DOCUMENTED } from './documented-commands.ts';

/** The members of an event that the rules about people read. Events of the store and of the API have them. */
export interface LoggedEvent {
  readonly streamId: string;
  readonly version: number;
  readonly eventId: string;
  readonly type: string;
  readonly origin: string;
  readonly actor: { readonly subject: string; readonly roles: readonly string[] };
  readonly command: { readonly name: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** The state of a record that the rules need. */
interface Remembered {
  /** The people who issued or imported the record, or decided on one of its dates. */
  readonly makers: Set<string>;
  readonly successionApprovers: Set<string>;
  closure: (Pending & RequestedClosure) | null;
  /** The closures that were requested since the last reopening. */
  closures: readonly (RequestedClosure & { readonly by: string })[];
  submissions: readonly Pending[];
  submitted: readonly string[];
  /** The changes of text, recipient or deadline. */
  readonly changes: Pending[];
  readonly extensions: Map<string, Pending>;
  /** The requests for corrections, and the people who recorded the corrected events. */
  readonly corrections: Map<string, Pending>;
  readonly recorders: Map<string, string>;
  /** The deadlines in force, in the order in which they were set. */
  readonly deadlines: Map<string, SetDeadline>;
  /** The people who withdrew another person's deadline, and its date: the earliest of several. */
  readonly withdrawn: Map<string, string>;
}

interface RequestedClosure {
  readonly outcome: string;
  readonly reason: unknown;
  readonly supersededBy: unknown;
  /** The earlier submissions that the request considers. */
  readonly considered: readonly string[];
}

interface SetDeadline {
  readonly kind: string;
  readonly dueOn: string;
  readonly firstDueOn: string;
  /** The person who set it; null if imported. */
  readonly by: string | null;
}

/** A pending request and its requester. */
interface Pending {
  readonly eventId: string;
  readonly version: number;
  readonly by: string;
}

/** Returns the person of a subject, also of one on the command line. */
const personOf = ({ actor }: LoggedEvent): string => actor.subject.replace(/^cli:/, '');

/** The roles for events that no command on a record causes. */
const ROLES_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  'record-deadline': ['scheduler'],
  issue: ['inspector'],
  import: ['inspector', 'administrator'],
};

const closes = (type: string): boolean =>
  /^(RecommendationCompleted|NoFurtherActionDecided|StatusRecorded\.(complete|no-further-action-needed))$/.test(
    type,
  );

/**
 * Returns every event that breaks a rule about people or roles: second persons for closures, evidence, extensions and
 * later deadlines, and a role for every event. It reads only the log, and uses no code of the product.
 */
export function brokenRules(log: Iterable<LoggedEvent>): string[] {
  const broken: string[] = [];
  const streams = new Map<string, Remembered>();
  for (const event of log) {
    const known = streams.get(event.streamId) ?? {
      makers: new Set(),
      successionApprovers: new Set(),
      closure: null,
      closures: [],
      submissions: [],
      submitted: [],
      changes: [],
      extensions: new Map(),
      corrections: new Map(),
      recorders: new Map(),
      deadlines: new Map(),
      withdrawn: new Map(),
    };
    streams.set(event.streamId, known);
    const reasons = [
      ...roleReasons(event),
      ...personReasons(event, known),
      ...closingReasons(event, known, streams),
      ...decidesReasons(event, known),
    ];
    for (const reason of reasons) broken.push(`${event.streamId} v${event.version} ${event.type}: ${reason}`);
    remember(event, known);
  }
  return broken;
}

function roleReasons({ origin, command, actor, type, data }: LoggedEvent): string[] {
  const documented = Object.hasOwn(DOCUMENTED, command.name)
    ? DOCUMENTED[command.name as keyof typeof DOCUMENTED]
    : undefined;
  const isInternal = type === 'CommentAdded' && data['visibility'] === 'internal';
  const roles: readonly string[] | undefined = isInternal
    ? ['inspector', 'approver']
    : (documented?.roles ?? ROLES_ELSEWHERE[command.name]);
  if (roles === undefined) return [`no command ${command.name} is known (${origin})`];
  return roles.some((role) => actor.roles.includes(role))
    ? []
    : [`${actor.subject} has none of the roles ${roles.join(', ')}`];
}

function personReasons(event: LoggedEvent, known: Remembered): string[] {
  const person = personOf(event);
  const requestedBySame = (pending: Pending | null | undefined, what: string): string[] => {
    if (!pending) return [what];
    return pending.by === person ? [`${person} asked for it`] : [];
  };
  if (event.origin !== 'command') return [];
  switch (event.type) {
    case 'RecommendationCompleted':
    case 'NoFurtherActionDecided':
    case 'ClosureRefused':
      return requestedBySame(known.closure, 'no closure was asked for');
    case 'ClosureWithdrawn':
      return known.closure?.by === person ? [] : [`${String(known.closure?.by)} asked for it, not ${person}`];
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
      if (known.submissions.length === 0) return ['nothing was submitted'];
      return known.submissions.some(({ by }) => by === person) ? [`${person} submitted some of it`] : [];
    case 'DeadlineExtended':
    case 'ExtensionRefused':
      return [
        ...requestedBySame(known.extensions.get(String(event.data['deadlineId'])), 'it was not asked for'),
        ...(event.type === 'DeadlineExtended' ? successionReasons(person, known) : []),
      ];
    case 'CorrectionApproved':
    case 'CorrectionRefused': {
      const corrects = String(event.data['eventId']);
      const isOwnClaim = event.data['confirms'] === true && known.recorders.get(corrects) === person;
      return [
        ...requestedBySame(known.corrections.get(corrects), 'no correction was asked for'),
        ...(isOwnClaim ? [`${person} recorded what is confirmed`] : []),
      ];
    }
    case 'ExtensionWithdrawn': {
      const by = known.extensions.get(String(event.data['deadlineId']))?.by;
      return by === person ? [] : [`${String(by)} asked for it, not ${person}`];
    }
    case 'DeadlineSet': {
      const before = known.withdrawn.get(person);
      const isLater = before !== undefined && String(event.data['dueOn']) > before;
      return [
        ...(isLater ? [`${person} withdrew the ${before} of another`] : []),
        ...successionReasons(person, known),
      ];
    }
    case 'DeadlineWithdrawn':
      return withdrawalReasons(event, known);
    default:
      return [];
  }
}

/** Returns a violation if the approver of a succession sets a date of the successor. */
const successionReasons = (person: string, { successionApprovers }: Remembered): string[] =>
  successionApprovers.has(person) ? [`${person} approved what it supersedes`] : [];

/**
 * Returns the violations of a closing, which needs a request, and a person who neither requested a closure nor made the
 * successor.
 */
function closingReasons(
  event: LoggedEvent,
  { closure, closures }: Remembered,
  streams: ReadonlyMap<string, Remembered>,
): string[] {
  const { type, data, origin } = event;
  if (origin !== 'command' || closure === null || !closes(type)) return [];
  const person = personOf(event);
  const { reason, supersededBy } = data;
  const noFurtherAction = supersededBy === undefined ? 'no-further-action' : 'superseded';
  const outcome = type === 'RecommendationCompleted' ? 'complete' : noFurtherAction;
  const isSame = (one: RequestedClosure): boolean =>
    one.outcome === outcome &&
    one.supersededBy === supersededBy &&
    (outcome !== 'no-further-action' || one.reason === reason);
  const successor = streams.get(`recommendation-${String(supersededBy)}`);
  return [
    ...(isSame(closure) ? [] : [`another closure was requested: ${closure.outcome}`]),
    ...(closures.some((each) => each.by === person && !isSame(each))
      ? [`${person} requested another closure before`]
      : []),
    ...(successor?.makers.has(person) ? [`${person} made ${String(supersededBy)}`] : []),
  ];
}

/**
 * Returns the violations of a withdrawal. Inspectors withdraw their own deadlines; approvers withdraw those of others,
 * and may then set no later one.
 */
function withdrawalReasons(event: LoggedEvent, { deadlines }: Remembered): string[] {
  const person = personOf(event);
  const deadlineId = String(event.data['deadlineId']);
  const deadline = deadlines.get(deadlineId);
  if (deadline === undefined) return [`${deadlineId} is not in force`];
  const isSetter = deadline.by === person;
  const role = isSetter ? 'inspector' : 'approver';
  if (!event.actor.roles.includes(role)) return [`${person} is no ${role}`];
  const inOrder = [...deadlines];
  const later = inOrder
    .slice(inOrder.findIndex(([id]) => id === deadlineId) + 1)
    .find(
      ([, { kind, by, firstDueOn }]) => kind === 'action' && by === person && firstDueOn > deadline.dueOn,
    );
  return isSetter || later === undefined ? [] : [`${person} set the later ${later[0]} since`];
}

/** Returns the violations of a decision by a command, which must list exactly the events that it decides. */
function decidesReasons({ type, origin, data }: LoggedEvent, known: Remembered): string[] {
  if (origin !== 'command') return [];
  const idsOf = (pending: readonly (Pending | null | undefined)[]) =>
    pending.flatMap((each) => each?.eventId ?? []);
  const wanted: Readonly<Record<string, readonly string[]>> = {
    EvidenceAccepted: idsOf(known.submissions),
    EvidenceRejected: idsOf(known.submissions),
    ClosureRefused: idsOf([known.closure]),
    DeadlineExtended: idsOf([known.extensions.get(String(data['deadlineId']))]),
    CorrectionApproved: idsOf([known.corrections.get(String(data['eventId']))]),
    CorrectionRefused: idsOf([known.corrections.get(String(data['eventId']))]),
    ExtensionRefused: idsOf([known.extensions.get(String(data['deadlineId']))]),
  };
  const decides = (data['decides'] as readonly string[] | undefined)?.toSorted();
  if (closes(type) && known.closure === null) return [];
  if (closes(type)) return closureDecidesReasons(decides ?? [], data, known);
  const required = wanted[type]?.toSorted();
  // A decision may also list later changes, and a refusal of a closure the submissions.
  const more = decides?.filter((eventId) => !required?.includes(eventId)) ?? [];
  const isKnown = (eventId: string) =>
    known.changes.some((each) => each.eventId === eventId) ||
    (type === 'ClosureRefused' && known.submitted.includes(eventId));
  if (more.every(isKnown) && required?.every((eventId) => decides?.includes(eventId))) return [];
  return JSON.stringify(decides) === JSON.stringify(required) ? [] : [`it decides ${String(decides)}`];
}

/**
 * Returns the violations of a closing's list: it contains every submission as decided or as not considered, which only
 * one after the request may be.
 */
function closureDecidesReasons(
  decides: readonly string[],
  data: LoggedEvent['data'],
  { closure, submitted, submissions, changes }: Remembered,
): string[] {
  const since = changes.filter(({ version }) => version > (closure?.version ?? 0));
  const leftAside = (data['notConsidered'] as readonly string[] | undefined) ?? [];
  const mayBeLeft = submissions.filter(({ eventId }) => closure?.considered.includes(eventId) === false);
  const whole = [closure?.eventId ?? '', ...submitted, ...since.map(({ eventId }) => eventId)];
  const more = decides.filter((eventId) => !whole.includes(eventId));
  const missing = whole.filter((eventId) => !decides.includes(eventId) && !leftAside.includes(eventId));
  const wrong = leftAside.filter((eventId) => mayBeLeft.every((each) => each.eventId !== eventId));
  return [
    ...missing.map((eventId) => `it does not decide ${eventId}`),
    ...more.map((eventId) => `it decides ${eventId} as well`),
    ...wrong.map((eventId) => `it leaves aside ${eventId}`),
  ];
}

function requestedClosure({ data }: LoggedEvent, { submitted }: Remembered): RequestedClosure {
  return {
    outcome: (data['outcome'] as string | undefined) ?? 'complete',
    reason: data['reason'],
    supersededBy: data['supersededBy'],
    considered: (data['considers'] as readonly string[] | undefined) ?? submitted,
  };
}

const CHANGES = /^(TextAmended|RecipientAssigned|DeadlineSet|DeadlineExtended|DeadlineWithdrawn)$/;

/** Returns whether an event changes the record. A correction does, unless it confirms a claim. */
const isChange = ({ type, data }: LoggedEvent): boolean =>
  CHANGES.test(type) || (type === 'CorrectionApproved' && data['confirms'] === undefined);

const GIVES_DATES =
  /^(RecommendationIssued|Deadline(Set|Extended|Withdrawn)|ExtensionRequested|Correction(Requested|Approved))$/;

function remember(event: LoggedEvent, known: Remembered): void {
  const { type, eventId, origin } = event;
  const pending: Pending = { eventId, version: event.version, by: personOf(event) };
  if (isChange(event)) known.changes.push(pending);
  if (origin === 'import' || GIVES_DATES.test(type)) known.makers.add(pending.by);
  if (type === 'SupersedesRecorded') known.successionApprovers.add(pending.by);
  if (type === 'ClosureRequested') {
    known.closure = { ...pending, ...requestedClosure(event, known) };
    known.closures = [...known.closures, known.closure];
  }
  if (type === 'ClosureWithdrawn' || type === 'ClosureRefused' || closes(type)) known.closure = null;
  if (closes(type)) known.extensions.clear();
  if (type === 'EvidenceSubmitted') {
    known.submissions = [...known.submissions, pending];
    known.submitted = [...known.submitted, eventId];
  }
  if (/^(EvidenceAccepted|EvidenceRejected|RecommendationReopened)$/.test(type)) known.submissions = [];
  if (type === 'RecommendationReopened') {
    known.submitted = [];
    known.closures = [];
  }
  known.recorders.set(eventId, pending.by);
  const corrects = String(event.data['eventId']);
  if (type === 'CorrectionRequested') known.corrections.set(corrects, pending);
  if (type === 'CorrectionApproved' || type === 'CorrectionRefused') known.corrections.delete(corrects);
  rememberDeadlines(event, known);
}

function rememberDeadlines(event: LoggedEvent, known: Remembered): void {
  const { type, origin, data } = event;
  const by = personOf(event);
  const deadlineId = String(data['deadlineId']);
  const before = known.deadlines.get(deadlineId);
  if (type === 'ExtensionRequested') known.extensions.set(deadlineId, { ...event, by });
  if (/^(DeadlineExtended|ExtensionRefused|ExtensionWithdrawn|DeadlineWithdrawn)$/.test(type)) {
    known.extensions.delete(deadlineId);
  }
  const dueOn = String(data['dueOn']);
  if (type === 'DeadlineExtended' && before) known.deadlines.set(deadlineId, { ...before, dueOn });
  if (type === 'DeadlineSet') {
    const setBy = origin === 'command' ? by : null;
    known.deadlines.set(deadlineId, { kind: String(data['kind']), dueOn, firstDueOn: dueOn, by: setBy });
    if (setBy === null) return;
    // Another person has set a deadline since, so two people have checked it.
    for (const person of known.withdrawn.keys()) if (person !== by) known.withdrawn.delete(person);
  }
  if (type === 'DeadlineWithdrawn' && before) {
    known.deadlines.delete(deadlineId);
    if (before.by === by) return;
    const earliest = [before.dueOn, known.withdrawn.get(by) ?? before.dueOn].toSorted()[0] as string;
    known.withdrawn.set(by, earliest);
  }
}
