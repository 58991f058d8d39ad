import { commandIds, matchesRequest } from '#audit/seal';
import type { Actor, Decision, Envelope } from '#event-sourcing/envelope';
import type { VersionConflictError } from '#event-sourcing/errors';
import { hasCode } from '#event-sourcing/errors';
import type { Commit, CommandRequest, EventStore, StreamAppend } from '#event-sourcing/event-store';
import { refuseOtherRequest, repeatedEvents } from '#lifecycle/idempotency';
import { londonDate } from '#state-machines/london';
import { commitFor } from '#lifecycle/commit-for';
import type { DecidedAppend } from '#lifecycle/commit-for';
import type { DecidedIssue } from '#lifecycle/issue';
import type { RecordKind } from '#lifecycle/kind';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { firstRole } from '#lifecycle/command-roles';
import { CommandRefusedError } from '#lifecycle/refused';
import { validatePayload } from '#lifecycle/validate-payload';
import { issueAddress, issueStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { issueDraft, recordAddress, recordIdOf, recordStream } from '#state-machines/record-streams';
import { commandedLifecycles } from '#state-machines/commanded-lifecycles';
import { decisionServices } from './dates-in-text.ts';
import { refuseOwnBody } from './refuse-own-body.ts';

/** The kind of what is issued. */
export const ISSUED: RecordKind = recommendation;

export interface IssueCall {
  /** As the caller sent it; validated here. */
  readonly body: unknown;
  readonly actor: Actor;
  /** The bodies that the caller belongs to: nobody issues to their own. */
  readonly organisations: readonly string[];
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly commandId: string;
  readonly request: CommandRequest | null;
  readonly correlationId: string;
}

export interface IssueOutcome {
  readonly recommendations: readonly {
    readonly id: string;
    readonly version: number;
    readonly status: string;
  }[];
  readonly position: string;
  /** Where what was issued is found. */
  readonly location: string;
}

/**
 * Issues a recommendation: one record where it is to one body, else a record each, all or none.
 * @throws CommandRefusedError `invalid-payload`, `role-not-permitted`, `idempotency-key-reused`, `id-already-used`, and what the
 * lifecycle refuses.
 */
export async function issueRecommendation(
  store: EventStore,
  lifecycles: Lifecycles,
  call: IssueCall,
): Promise<IssueOutcome> {
  const current = lifecycles.current(recommendation.name);
  const { issue } = commandedLifecycles.current(recommendation.name);
  const payload = validatePayload(issue.payload, call.body);
  const permitted = firstRole('Recommendations are issued by', issue.roles, call.actor.roles);
  if ('detail' in permitted) throw new CommandRefusedError('role', 'role-not-permitted', permitted.detail);
  const bodies = issue.bodies?.(payload) ?? [null];
  refuseOwnBody(call, [permitted.role], bodies);
  const known = await repeatedEvents(store, matchesRequest, call);
  if (known) return outcomeOf(current, known);

  const id = payload.id ?? `r-${call.commandId.replaceAll('-', '').slice(-12)}`;
  const decided = issue.decide(payload, { today: londonDate(call.now), services: decisionServices });
  const decision: Decision = { role: permitted.role, guards: ['id-unused'] };
  const header = { ...call, ids: commandIds(call.commandId), name: 'issue', decision };
  const { commit } = commitFor(header, appendsFor(current, { id, bodies }, decided));
  if (decided.refusal !== null) await refuse(store, decided.refusal, commit);
  try {
    const result = await store.append(commit);
    if (result.repeated) refuseOtherRequest(matchesRequest, call, result.events);
    return outcomeOf(current, result.events);
  } catch (error) {
    if (!hasCode(error, 'version-conflict')) throw error;
    throw idAlreadyUsed(error as VersionConflictError);
  }
}

/** To several bodies: a record each, and the id itself is held so that no record takes it. */
function appendsFor(
  lifecycle: Lifecycle,
  { id, bodies }: { readonly id: string; readonly bodies: readonly (string | null)[] },
  { events, effectiveOn }: DecidedIssue,
): (StreamAppend | DecidedAppend)[] {
  const several = bodies.length > 1;
  const records = bodies.map((body): DecidedAppend => ({
    streamId: recordStream(several ? `${id}.${body}` : id),
    expectedVersion: 0,
    lifecycle,
    before: null,
    decided: (eventIdAt) => events({ body, issue: several ? id : null, eventId: eventIdAt(0) }),
    effectiveOn,
  }));
  const unused = (streamId: string): StreamAppend => ({ streamId, expectedVersion: 0, events: [] });
  if (!several) return [...records, unused(issueStream(id))];
  const recipients = bodies.filter((body) => body !== null);
  const held: StreamAppend = {
    streamId: issueStream(id),
    expectedVersion: 0,
    events: [issueDraft('RecommendationsIssued', { issue: id, recipients }, effectiveOn)],
  };
  return [...records, held, unused(recordStream(id))];
}

/** A rule is given as the reason last of all: an id that is used comes before. */
async function refuse(
  store: EventStore,
  { code, detail, errors }: NonNullable<DecidedIssue['refusal']>,
  { appends }: Commit,
): Promise<never> {
  for (const { streamId } of appends) {
    const [used] = await store.readStream(streamId, { limit: 1 });
    if (used !== undefined) throw idAlreadyUsed({ streamId, actualVersion: used.version });
  }
  throw new CommandRefusedError('rule', code, detail, errors && { errors });
}

function outcomeOf(
  lifecycle: Lifecycle,
  events: readonly Pick<Envelope, 'streamId' | 'version' | 'position'>[],
): IssueOutcome {
  const versions = new Map(events.map(({ streamId, version }) => [streamId, version]));
  const held = [...versions.keys()].find((streamId) => recordIdOf(streamId) === null);
  const recommendations = [...versions]
    .filter(([streamId]) => streamId !== held)
    // A recommendation begins where the statechart does.
    .map(([streamId, version]) => ({
      id: recordIdOf(streamId) as string,
      version,
      status: lifecycle.statusOf(lifecycle.initial),
    }));
  const [first] = recommendations;
  const location =
    held === undefined
      ? recordAddress(first?.id as string)
      : issueAddress(held.slice(issueStream('').length));
  return { recommendations, position: events.at(-1)?.position as string, location };
}

function idAlreadyUsed({
  streamId,
  actualVersion,
}: Pick<VersionConflictError, 'streamId' | 'actualVersion'>): CommandRefusedError {
  const record = recordIdOf(streamId);
  const location =
    record === null ? issueAddress(streamId.slice(issueStream('').length)) : recordAddress(record);
  const detail = `The id is used already, by ${location}; issue under another`;
  const seen = { streamId, version: actualVersion };
  return new CommandRefusedError('state', 'id-already-used', detail, { location }, seen);
}
