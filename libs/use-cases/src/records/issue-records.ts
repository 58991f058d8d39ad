import { commandIds, matchesRequest } from '#audit/seal';
import type { Decision, Envelope } from '#event-sourcing/envelope';
import type { VersionConflictError } from '#event-sourcing/errors';
import { hasCode } from '#event-sourcing/errors';
import type { Commit, EventStore, StreamAppend } from '#event-sourcing/event-store';
import { refuseOtherRequest, repeatedEvents } from '#lifecycle/idempotency';
import { londonDate } from '#state-machines/london';
import { commitFor } from '#lifecycle/commit-for';
import type { DecidedAppend } from '#lifecycle/commit-for';
import { ISSUE_COMMAND } from '#lifecycle/issue';
import type { DecidedIssue } from '#lifecycle/issue';
import { issueStreamOf, pathOf, streamOf } from '#lifecycle/kind';
import type { RecordKind } from '#lifecycle/kind';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { firstRole } from '#lifecycle/command-roles';
import { CommandRefusedError } from '#lifecycle/refused';
import { validatePayload } from '#lifecycle/validate-payload';
import { issueDraft } from '#state-machines/issue-events';
import { decisionServices } from './dates-in-text.ts';
import { refuseOwnBody } from './refuse-own-body.ts';
import { callOf } from '../call-context.ts';
import type { CommandCaller, CommandContext } from '../call-context.ts';
import type { RecordsAccess } from './records-access.ts';

/** The caller may not issue to the bodies that they belong to. */
export interface IssueCall extends CommandCaller {
  /** The body as the caller sent it; validated here. */
  readonly body: unknown;
}

export interface IssueOutcome {
  readonly records: readonly {
    readonly id: string;
    readonly version: number;
    readonly status: string;
  }[];
  readonly position: string;
  /** The path of the issued record or records. */
  readonly location: string;
}

/**
 * Issues records of a kind: one for one recipient or none, otherwise one for each recipient, all or none.
 * @throws CommandRefusedError `invalid-payload`, `role-not-permitted`, `idempotency-key-reused`, `id-already-used`, and refusals of the
 * lifecycle.
 */
export async function issueRecords(
  store: EventStore,
  lifecycles: Lifecycles,
  kind: RecordKind,
  call: IssueCall,
): Promise<IssueOutcome> {
  const current = lifecycles.current(kind.name);
  const { issue } = current;
  const payload = validatePayload(issue.payload, call.body);
  const permitted = firstRole(`${sentence(kind.noun.plural)} are issued by`, issue.roles, call.actor.roles);
  if ('detail' in permitted) throw new CommandRefusedError('role', 'role-not-permitted', permitted.detail);
  const bodies = issue.bodies?.(payload) ?? [null];
  refuseOwnBody(call, [permitted.role], bodies, kind);
  const known = await repeatedEvents(store, matchesRequest, call);
  if (known) return outcomeOf(current, kind, known);

  const id = payload.id ?? `${kind.stream.charAt(0)}-${call.commandId.replaceAll('-', '').slice(-12)}`;
  const decided = issue.decide(payload, { today: londonDate(call.now), services: decisionServices });
  const decision: Decision = { role: permitted.role, guards: ['id-unused'] };
  const header = { ...call, ids: commandIds(call.commandId), name: ISSUE_COMMAND, decision };
  const { commit } = commitFor(header, appendsFor(current, { kind, id, bodies }, decided));
  if (decided.refusal !== null) await refuse(store, kind, decided.refusal, commit);
  try {
    const result = await store.append(commit);
    if (result.repeated) refuseOtherRequest(matchesRequest, call, result.events);
    return outcomeOf(current, kind, result.events);
  } catch (error) {
    if (!hasCode(error, 'version-conflict')) throw error;
    throw idAlreadyUsed(kind, error as VersionConflictError);
  }
}

interface Issued {
  readonly kind: RecordKind;
  readonly id: string;
  readonly bodies: readonly (string | null)[];
}

/** Returns the appends for a record of each recipient. For several recipients, one more append reserves the id. */
function appendsFor(
  lifecycle: Lifecycle,
  { kind, id, bodies }: Issued,
  { events, effectiveOn }: DecidedIssue,
): (StreamAppend | DecidedAppend)[] {
  const isSeveral = bodies.length > 1;
  const records = bodies.map((body): DecidedAppend => ({
    streamId: streamOf({ kind, id: isSeveral ? `${id}.${body}` : id }),
    expectedVersion: 0,
    lifecycle,
    before: null,
    decided: (eventIdAt) => events({ body, issue: isSeveral ? id : null, eventId: eventIdAt(0) }),
    effectiveOn,
  }));
  const reserveStream = (streamId: string): StreamAppend => ({ streamId, expectedVersion: 0, events: [] });
  if (!isSeveral)
    return kind.issueStream === undefined ? records : [...records, reserveStream(issueStreamOf(kind, id))];
  const recipients = bodies.filter((body) => body !== null);
  const issueAppend: StreamAppend = {
    streamId: issueStreamOf(kind, id),
    expectedVersion: 0,
    events: [issueDraft('RecommendationsIssued', { issue: id, recipients }, effectiveOn)],
  };
  return [...records, issueAppend, reserveStream(streamOf({ kind, id }))];
}

/** Refuses the issue. A used id is reported before a refusal by a rule. */
async function refuse(
  store: EventStore,
  kind: RecordKind,
  { code, detail, errors }: NonNullable<DecidedIssue['refusal']>,
  { appends }: Commit,
): Promise<never> {
  for (const { streamId } of appends) {
    const [used] = await store.readStream(streamId, { limit: 1 });
    if (used !== undefined) throw idAlreadyUsed(kind, { streamId, actualVersion: used.version });
  }
  throw new CommandRefusedError('rule', code, detail, errors && { errors });
}

function outcomeOf(
  lifecycle: Lifecycle,
  kind: RecordKind,
  events: readonly Pick<Envelope, 'streamId' | 'version' | 'position'>[],
): IssueOutcome {
  const versions = [...new Map(events.map(({ streamId, version }) => [streamId, version]))];
  const records = versions.flatMap(([streamId, version]) => {
    const id = idIn(streamId, kind.stream);
    // A record starts in the statechart's initial state.
    return id === null ? [] : [{ id, version, status: lifecycle.statusOf(lifecycle.initial) }];
  });
  const issueVersion = versions.find(([streamId]) => idIn(streamId, kind.stream) === null);
  const [streamId = ''] = issueVersion ?? versions[0] ?? [];
  return { records, position: events.at(-1)?.position as string, location: locationOf(kind, streamId) };
}

/** Returns the id in a stream's name; null if the name does not have the prefix. */
const idIn = (streamId: string, prefix: string): string | null =>
  streamId.startsWith(`${prefix}-`) ? streamId.slice(prefix.length + 1) : null;

/** Returns the API's path of a record, or of the records issued together. */
function locationOf(kind: RecordKind, streamId: string): string {
  const id = idIn(streamId, kind.stream);
  if (id !== null) return `/api${pathOf({ kind, id })}`;
  const issue = idIn(streamId, kind.issueStream ?? '') ?? '';
  return `/api/${kind.path}?issue=${encodeURIComponent(issue)}`;
}

function idAlreadyUsed(
  kind: RecordKind,
  { streamId, actualVersion }: Pick<VersionConflictError, 'streamId' | 'actualVersion'>,
): CommandRefusedError {
  const location = locationOf(kind, streamId);
  const detail = `The id is already used by ${location}; choose a different id`;
  const seen = { streamId, version: actualVersion };
  return new CommandRefusedError('state', 'id-already-used', detail, { location }, seen);
}

const sentence = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/**
 * Issues records of a kind.
 * @param body as the caller sent it.
 * @throws CommandRefusedError as `issueRecords` does, after recording it.
 */
export function attemptIssue(
  access: RecordsAccess,
  context: CommandContext,
  kind: RecordKind,
  body: unknown,
): Promise<IssueOutcome> {
  const call = { ...callOf(context), body };
  const { id = null } = (body ?? {}) as { readonly id?: unknown };
  const record = { kind, id };
  return access.attempt({ ...call, command: 'issue', record }, () =>
    issueRecords(access.store, access.lifecycles, kind, call),
  );
}
