import { Controller, Get, HttpCode, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { REDACTION, redactionOf } from '#event-sourcing/erasure';
import type { JsonObject } from '#event-sourcing/envelope';
import type { LifecycleState } from '#lifecycle/lifecycle-definition';
import { londonDate } from '#lifecycle/plain-date';
import { LIFECYCLE } from '#platform/docket';
import { Service } from '#platform/service';
import { timelineOf } from '#projections/timeline/timeline';
import { toCloudEvent } from '#use-cases/register/export-record';
import { issueRecommendation } from '#use-cases/records/issue-recommendation';
import { eventsWithDetails, wholeEvents } from '#use-cases/records/record-events';
import { readRecord } from '#use-cases/records/read-record';
import type { Facts } from '#state-machines/inspection-recommendation/v1/facts';
import { commands } from '#state-machines/inspection-recommendation/v1/policy';
import { readsInternal, seesRecipient } from '#state-machines/access';
import { recordStream, stateOn } from '#state-machines/inspection-recommendation/v1/record';
import { askedBy } from './asked.ts';
import { identityOf } from './authentication.ts';
import { ifMatchOf, isKnown, recordTag } from './entity-tags.ts';
import { OpenAnswers } from './open-answers.ts';
import { Documented } from './openapi.ts';
import { ProblemError } from './problems.ts';
import {
  EVENTS_PAGE,
  idempotencyKeyOf,
  limitOf,
  prefers,
  queryOf,
  versionOf,
  viewOf,
} from './request-values.ts';
import { jsonList } from './json-list.ts';
import { recipientOf, refuseOthers, visibleState, visibleWithoutTexts } from './visible-record.ts';
import { withheldFrom } from './withhold.ts';

/** How long the answer to a redaction waits for the text to be erased everywhere, and a repeated one to see how it stands. */
const ERASED_MS = 5_000;
const STANDS_MS = 1_000;
const CLOUDEVENTS = 'application/cloudevents-batch+json';

/** One record: issuing it, reading it from its own stream, and commands on it. */
@Controller('api/recommendations')
export class RecommendationsController {
  readonly #service: Service;
  readonly #answers: OpenAnswers;

  constructor(service: Service, answers: OpenAnswers) {
    this.#service = service;
    this.#answers = answers;
  }

  @Post()
  @HttpCode(201)
  @Documented('issue')
  async issue(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { store } = this.#service;
    const call = this.#call(request);
    const { id: record = null } = (call.body ?? {}) as { readonly id?: unknown };
    const { location, ...answer } = await this.#service.attempt({ ...call, command: 'issue', record }, () =>
      issueRecommendation(store, LIFECYCLE, call),
    );
    void reply.header('location', location);
    return answer;
  }

  @Post(':id/commands/:command')
  @Documented('command')
  async command(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @Param('id') id: string,
    @Param('command') command: string,
  ): Promise<void> {
    const identity = identityOf(request);
    const call = {
      ...this.#call(request),
      streamId: recordStream(id),
      command,
      expectedVersions: ifMatchOf(request.headers['if-match']),
      mayTouch: ({ facts }: LifecycleState<Facts>) => seesRecipient(identity, facts.recipient),
    };
    const outcome = await this.#service.attempt({ ...call, record: id }, async () => {
      this.#service.commands.commandDefinition(command);
      await refuseOthers(this.#service, request, id);
      return this.#service.commands.handle(call);
    });
    const { state, version, position, recordedAt, events } = outcome;
    const erased = await this.#erased(outcome);
    const day = londonDate(recordedAt);
    const regions = stateOn(state, day);
    const answer = { id, version, position, status: regions['progress'], state: regions, events };
    await reply
      .status(erased?.remains === 'pending' ? 202 : 200)
      .header('etag', recordTag(version, day))
      .send({ ...answer, ...(erased !== null && { erased }) });
  }

  /** How far what a redaction names is erased; null for any other command. Nobody is given it any more, either way. */
  async #erased({ events, position, repeated }: Awaited<ReturnType<Service['commands']['handle']>>) {
    if (!events.some(({ type }) => type === REDACTION)) return null;
    const { eraser, store } = this.#service;
    const isErased = await eraser.erasedUpTo(position, repeated ? STANDS_MS : ERASED_MS);
    return { remains: isErased ? store.erasedRemains : ('pending' as const) };
  }

  @Get(':id')
  @Documented('record')
  async read(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ) {
    const now = Date.now();
    const today = londonDate(now);
    const view = viewOf(queryOf(request, ['effectiveOn', 'knownAt']), now);
    const light = await visibleWithoutTexts(this.#service, request, id);
    const events = await eventsWithDetails(this.#service.store, light, view);
    const record = readRecord(events, view, today);
    if (record === null)
      throw new ProblemError('not-found', 'The record did not exist then, or was not known yet');
    const redacted = events.findLast((event) => redactionOf(event) !== null)?.version ?? null;
    const tag = recordTag(record.version, view.effectiveOn ?? today, redacted);
    return isKnown(request, reply, tag) ? undefined : record;
  }

  @Get(':id/events')
  @Documented('recordEvents')
  async events(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') id: string,
  ) {
    const query = queryOf(request, ['after', 'limit']);
    const limit = limitOf(query.limit, EVENTS_PAGE);
    const { version, state } = await visibleState(this.#service, request, id);
    const page = await this.#service.store.readStream(recordStream(id), {
      after: versionOf(query.after),
      limit,
    });
    const items = withheldFrom(identityOf(request), state.facts.recipient, page);
    const last = items.at(-1);
    const next = last && last.version < version ? last.version : null;
    if (!prefers(request, reply, CLOUDEVENTS)) return { items, next };
    if (next !== null) {
      const address = `/api/recommendations/${encodeURIComponent(id)}/events?after=${next}&limit=${limit}`;
      void reply.header('link', `<${address}>; rel="next"`);
    }
    void reply.header('content-type', `${CLOUDEVENTS}; charset=utf-8`);
    return JSON.stringify(items.map(toCloudEvent));
  }

  @Get(':id/timeline')
  @Documented('timeline')
  async timeline(@Req() request: FastifyRequest, @Res() reply: FastifyReply, @Param('id') id: string) {
    await this.#answers.admit(request, reply);
    queryOf(request, []);
    const events = await visibleWithoutTexts(this.#service, request, id);
    const { store } = this.#service;
    const items = timelineOf(events, {
      seesInternal: readsInternal(identityOf(request), recipientOf(events)),
      whole: (asked) => wholeEvents(store, asked),
    });
    await reply.type('application/json; charset=utf-8').send(jsonList(items));
  }

  @Get(':id/commands')
  @Documented('recordCommands')
  async allowedCommands(@Req() request: FastifyRequest, @Param('id') id: string) {
    queryOf(request, []);
    const { subject, roles, organisations } = identityOf(request);
    const caller = { actor: { subject, roles }, organisations, now: Date.now() };
    const { state } = await visibleState(this.#service, request, id);
    return {
      commands: Object.keys(commands).map((command) => {
        const reasons = this.#service.commands.reasonsAgainst(command, state, caller);
        return { command, allowed: reasons.length === 0, because: reasons.map(({ reason }) => reason) };
      }),
    };
  }

  /** What an issue or a command brings: its payload as it was sent, and what every changing request does. */
  #call(request: FastifyRequest) {
    queryOf(request, []);
    // Plain text is read as bytes, for imports.
    if (Buffer.isBuffer(request.body)) {
      throw new ProblemError('unsupported-media-type', 'Send the payload as application/json');
    }
    const { body } = request;
    return { body, ...askedBy(request, idempotencyKeyOf(request), () => (body ?? {}) as JsonObject) };
  }
}
