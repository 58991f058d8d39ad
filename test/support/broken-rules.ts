import { DOCUMENTED } from './documented-commands.ts';

/** As much of an event as the rules about people look at; the log of the store and of the API both have it. */
export interface LoggedEvent {
  readonly streamId: string;
  readonly version: number;
  readonly type: string;
  readonly origin: string;
  readonly actor: { readonly subject: string; readonly roles: readonly string[] };
  readonly command: { readonly name: string };
  readonly data: Readonly<Record<string, unknown>>;
}

/** What the rules remember of a record. */
interface Remembered {
  requester: string | null;
  readonly submitters: Set<string>;
  readonly extenders: Map<string, string>;
  readonly setters: Map<string, string>;
}

/** Who may cause what without a record being asked. */
const ROLES_ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  issue: ['inspector'],
  import: ['inspector', 'administrator'],
};

const closes = (type: string): boolean =>
  /^(RecommendationCompleted|NoFurtherActionDecided|StatusRecorded\.(complete|no-further-action-needed))$/.test(
    type,
  );

/**
 * Reads the log alone, with no code of the product, and tells every event that a rule about people or roles forbids:
 * second persons for closures, evidence and extensions, and a role for whatever was recorded.
 */
export function brokenRules(log: Iterable<LoggedEvent>): string[] {
  const broken: string[] = [];
  const streams = new Map<string, Remembered>();
  for (const event of log) {
    const known = streams.get(event.streamId) ?? {
      requester: null,
      submitters: new Set(),
      extenders: new Map(),
      setters: new Map(),
    };
    streams.set(event.streamId, known);
    const reasons = [...roleReasons(event), ...personReasons(event, known)];
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

function personReasons(
  { type, origin, actor: { subject, roles }, data }: LoggedEvent,
  known: Remembered,
): string[] {
  if (origin !== 'command') return [];
  switch (type) {
    case 'RecommendationCompleted':
    case 'ClosureRefused':
      if (known.requester === null) return ['no closure was asked for'];
      return known.requester === subject ? [`${subject} asked for it`] : [];
    case 'ClosureWithdrawn':
      return known.requester === subject ? [] : [`${String(known.requester)} asked for it, not ${subject}`];
    case 'EvidenceAccepted':
    case 'EvidenceRejected':
      if (known.submitters.size === 0) return ['nothing was submitted'];
      return known.submitters.has(subject) ? [`${subject} submitted some of it`] : [];
    case 'DeadlineExtended':
    case 'ExtensionRefused': {
      const extender = known.extenders.get(String(data['deadlineId']));
      if (extender === undefined) return ['it was not asked for'];
      return extender === subject ? [`${subject} asked for it`] : [];
    }
    case 'ExtensionWithdrawn': {
      const extender = known.extenders.get(String(data['deadlineId']));
      return extender === subject ? [] : [`${String(extender)} asked for it, not ${subject}`];
    }
    case 'DeadlineWithdrawn': {
      const isSetter = known.setters.get(String(data['deadlineId'])) === subject;
      const role = isSetter ? 'inspector' : 'approver';
      return roles.includes(role) ? [] : [`${subject} is no ${role}`];
    }
    default:
      return [];
  }
}

function remember({ type, origin, actor: { subject }, data }: LoggedEvent, known: Remembered): void {
  if (type === 'ClosureRequested') known.requester = subject;
  if (type === 'ClosureWithdrawn' || type === 'ClosureRefused' || closes(type)) known.requester = null;
  if (closes(type)) known.extenders.clear();
  if (type === 'EvidenceSubmitted') known.submitters.add(subject);
  if (/^(EvidenceAccepted|EvidenceRejected|RecommendationReopened)$/.test(type)) known.submitters.clear();
  const deadlineId = String(data['deadlineId']);
  if (type === 'ExtensionRequested') known.extenders.set(deadlineId, subject);
  if (/^(DeadlineExtended|Extension(Refused|Withdrawn)|DeadlineWithdrawn)$/.test(type)) {
    known.extenders.delete(deadlineId);
  }
  if (type === 'DeadlineSet' && origin === 'command') known.setters.set(deadlineId, subject);
}
