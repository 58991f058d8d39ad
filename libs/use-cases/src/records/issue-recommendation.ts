import { findDeadlines } from '#deadlines/find-deadlines';
import type { FoundDeadline } from '#deadlines/found-deadline';
import { namedDates } from '#deadlines/named-dates';
import { commandIds, matchesRequest } from '#audit/seal';
import type { Actor, Decision, Envelope } from '#event-sourcing/envelope';
import type { VersionConflictError } from '#event-sourcing/errors';
import { hasCode } from '#event-sourcing/errors';
import type { Commit, CommandRequest, EventStore, StreamAppend } from '#event-sourcing/event-store';
import { refuseOtherRequest, repeatedEvents } from '#lifecycle/idempotency';
import { londonDate } from '#state-machines/london';
import { commitFor } from '#lifecycle/commit-for';
import type { DecidedAppend } from '#lifecycle/commit-for';
import type { Lifecycle } from '#lifecycle/lifecycle';
import type { Lifecycles } from '#lifecycle/lifecycles';
import { firstRole } from '#lifecycle/command-roles';
import { CommandRefusedError } from '#lifecycle/refused';
import type { PayloadProblem } from '#lifecycle/refused';
import { validatePayload } from '#lifecycle/validate-payload';
import { deadlineEvents, findDates } from './deadline-events.ts';
import { DEADLINES_MAX, responseDueOn as lawsDay } from '#state-machines/capabilities/deadlines';
import {
  datesSincePublication,
  pastDueProblem,
  publicationProblem,
} from '#state-machines/inspection-recommendation/v1/due-dates';
import { issueAddress, issueStream, recommendation } from '#state-machines/inspection-recommendation/kind';
import { issueDraft, recordAddress, recordIdOf, recordStream } from '#state-machines/record-streams';
import { IssuePayload } from '#state-machines/inspection-recommendation/v1/payloads';
import { ISSUES } from '#state-machines/access';
import type { DecidedRecordEvent } from '#state-machines/inspection-recommendation/v1/record-event';
import { refuseOwnBody } from './refuse-own-body.ts';

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
 * @throws CommandRefusedError `invalid-payload`, `role-not-permitted`, `idempotency-key-reused`, `id-already-used`, `due-in-past`,
 * `too-many-deadlines`.
 */
export async function issueRecommendation(
  store: EventStore,
  lifecycles: Lifecycles,
  call: IssueCall,
): Promise<IssueOutcome> {
  const current = lifecycles.current(recommendation.name);
  const payload = validatePayload(IssuePayload, call.body);
  const permitted = firstRole('Recommendations are issued by', ISSUES, call.actor.roles);
  if ('detail' in permitted) throw new CommandRefusedError('role', 'role-not-permitted', permitted.detail);
  refuseOwnBody(call, [permitted.role], payload.recipients);
  const known = await repeatedEvents(store, matchesRequest, call);
  if (known) return outcomeOf(current, known);

  const id = payload.id ?? `r-${call.commandId.replaceAll('-', '').slice(-12)}`;
  const decision: Decision = { role: permitted.role, guards: ['id-unused'] };
  const header = { ...call, ids: commandIds(call.commandId), name: 'issue', decision };
  const { commit } = commitFor(header, appendsFor(current, id, payload, call));
  await refuseDates(store, payload, commit, londonDate(call.now));
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
  id: string,
  payload: IssuePayload,
  { now }: IssueCall,
): (StreamAppend | DecidedAppend)[] {
  const { publishedOn } = payload.report;
  const today = londonDate(now);
  const effectiveOn = publishedOn > today ? today : publishedOn;
  const several = payload.recipients.length > 1;
  const found = findDeadlines(payload.text, { publishedOn });
  const records = payload.recipients.map((recipient): DecidedAppend => ({
    streamId: recordStream(several ? `${id}.${recipient}` : id),
    expectedVersion: 0,
    lifecycle,
    before: null,
    decided: (eventIdAt) =>
      issueEvents(payload, found, { recipient, issue: several ? id : null, eventId: eventIdAt(0) }),
    effectiveOn,
  }));
  const unused = (streamId: string): StreamAppend => ({ streamId, expectedVersion: 0, events: [] });
  if (!several) return [...records, unused(issueStream(id))];
  const held: StreamAppend = {
    streamId: issueStream(id),
    expectedVersion: 0,
    events: [issueDraft('RecommendationsIssued', { issue: id, recipients: payload.recipients }, effectiveOn)],
  };
  return [...records, held, unused(recordStream(id))];
}

interface OneIssue {
  readonly recipient: string;
  /** The id of the issue, where it is to several bodies. */
  readonly issue: string | null;
  /** Of the record's first event. */
  readonly eventId: string;
}

function issueEvents(
  payload: IssuePayload,
  found: readonly FoundDeadline[],
  { recipient, issue, eventId }: OneIssue,
): DecidedRecordEvent[] {
  const { title, text, report, deadlines = [], responseRequired = false } = payload;
  const { name, publishedOn } = report;
  return [
    {
      type: 'RecommendationIssued',
      data: { title, text, recipient, report: { name, publishedOn }, reference: null, issue },
      eventId,
    },
    ...(responseRequired ? [{ type: 'ResponseRequired', data: {} } as const] : []),
    ...deadlineEvents({
      given: deadlines.map(({ dueOn }) => dueOn),
      responseDueOn: responseRequired ? (payload.responseDueOn ?? lawsDay(publishedOn)) : null,
      found,
      eventId,
    }),
  ];
}

/** Deadlines that no command could set: asked last of all, as rules are. */
async function refuseDates(
  store: EventStore,
  payload: IssuePayload,
  { appends }: Commit,
  today: string,
): Promise<void> {
  const reason = publicationReason(payload, today) ?? dateReason(payload, appends, today);
  if (reason === null) return;
  for (const { streamId } of appends) {
    const [used] = await store.readStream(streamId, { limit: 1 });
    if (used !== undefined) throw idAlreadyUsed({ streamId, actualVersion: used.version });
  }
  const { code, detail, errors } = reason;
  throw new CommandRefusedError('rule', code, detail, errors && { errors });
}

function publicationReason({ report: { publishedOn } }: IssuePayload, today: string): DateReason | null {
  const detail = publicationProblem(publishedOn, today);
  if (detail === null) return null;
  return { code: 'publication-out-of-range', detail, errors: [{ pointer: '/report/publishedOn', detail }] };
}

interface DateReason {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly PayloadProblem[];
}

function dateReason(
  { deadlines = [], responseDueOn, report, text }: IssuePayload,
  appends: readonly StreamAppend[],
  today: string,
): DateReason | null {
  const given = [
    ...deadlines.map(({ dueOn }, index) => ({ pointer: `/deadlines/${index}/dueOn`, dueOn })),
    ...(responseDueOn === undefined ? [] : [{ pointer: '/responseDueOn', dueOn: responseDueOn }]),
  ];
  const errors = given
    .filter(({ dueOn }) => dueOn < report.publishedOn)
    .map(({ pointer, dueOn }) => {
      const detail = `${dueOn} is earlier than the publication, on ${report.publishedOn}`;
      return { pointer, detail };
    });
  const past = given.filter(({ dueOn }) => dueOn >= report.publishedOn && dueOn < today);
  const taken = past.length === 0 ? [] : datesOf(text, report.publishedOn);
  for (const { pointer, dueOn } of past)
    if (!taken.includes(dueOn)) errors.push({ pointer, detail: pastDueProblem(dueOn, taken) });
  const [first] = errors;
  if (first !== undefined) return { code: 'due-in-past', detail: first.detail, errors };
  const counts = appends.map(({ events }) => events.filter(({ type }) => type === 'DeadlineSet').length);
  const most = Math.max(...counts);
  if (most <= DEADLINES_MAX) return null;
  const detail = `That is ${most} deadlines, given and found in the text; a record has at most ${DEADLINES_MAX} in force`;
  return { code: 'too-many-deadlines', detail };
}

/** The dates that follow from a text and its publication: those that it names or suggests, and the response's. */
const datesOf = (text: string, publishedOn: string): string[] => [
  ...findDates(text, publishedOn).flatMap(({ on }) => (on === null ? [] : [on])),
  ...datesSincePublication(namedDates(text), publishedOn),
  lawsDay(publishedOn),
];

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
