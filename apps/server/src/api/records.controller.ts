import { Controller, Get, Inject, Param, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonObject } from '#event-sourcing/envelope';
import { pathOf } from '#lifecycle/kind';
import type { RecordReference } from '#lifecycle/kind';
import type { CommandContext } from '#use-cases/call-context';
import { inPieces, jsonArray, jsonPage } from '#use-cases/json-page';
import { ProblemError } from '#use-cases/problems';
import { attemptIssue } from '#use-cases/records/issue-records';
import { executeCommand } from '#use-cases/records/execute-command';
import { seeCommands, seeRecord, seeTimeline } from '#use-cases/records/see-record';
import { seeEvents } from '#use-cases/records/see-events';
import type { EventsPage } from '#use-cases/records/see-events';
import { toCloudEvent } from '#use-cases/register/export-record';
import { apiOfEachKind, kindOf, OfRecord } from '../of-each-kind.ts';
import { PARTS } from '../parts.ts';
import type { Parts } from '../parts.ts';
import { commandContext } from './call-context.ts';
import { identityOf, readerOf } from './authentication.ts';
import { responseStream } from './response-stream.ts';
import { ifMatchOf, isKnown, recordTag } from './entity-tags.ts';
import { waitForRecord } from './fresh-reads.ts';
import { jsonList } from './json-list.ts';
import { memberOf } from './kind-names.ts';
import { OpenAnswers } from './open-answers.ts';
import { Documented } from './openapi.ts';
import { idempotencyKeyOf, prefers, viewOf } from './request-values.ts';
import { queryOf } from './route-query.ts';
import type { Answer } from './schemas.ts';

const CLOUDEVENTS = 'application/cloudevents-batch+json';

/** One record of any kind: issuing it, reading it from its own stream, and its commands. */
@Controller(apiOfEachKind())
export class RecordsController {
  @Inject(PARTS) private readonly parts!: Parts;
  @Inject(OpenAnswers) private readonly answers!: OpenAnswers;

  @Post()
  @Documented('issue')
  async issue(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply) {
    const { context, body } = this.#contextAndBody(request);
    const issued = await attemptIssue(this.parts, context, kindOf(request), body);
    const { location, records, position } = issued;
    void reply.header('location', location);
    return { [memberOf(kindOf(request))]: records, position };
  }

  @Post(':id/commands/:command')
  @Documented('command')
  async command(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @OfRecord() record: RecordReference,
    @Param('command') command: string,
  ) {
    const { context, body } = this.#contextAndBody(request);
    const expectedVersions = ifMatchOf(request.headers['if-match']);
    const executed = await executeCommand(this.parts, context, { record, command, body, expectedVersions });
    const { answer, day } = executed;
    void reply
      .status(answer.erased?.remains === 'pending' ? 202 : 200)
      .header('etag', recordTag(answer.version, day));
    return answer;
  }

  @Get(':id')
  @Documented('record')
  async read(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ) {
    const now = request.server.clock.now();
    const view = viewOf(queryOf(request, 'record'), now);
    await waitForRecord(request, this.parts, record);
    const seen = await seeRecord(this.parts, identityOf(request), record, { view, now });
    const { day, redactedIn } = seen;
    const tag = recordTag(seen.record.version, day, redactedIn);
    return isKnown(request, reply, tag) ? undefined : seen.shown;
  }

  @Get(':id/events')
  @Documented('recordEvents')
  async events(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ) {
    const { after = 0, limit } = queryOf(request, 'recordEvents');
    await waitForRecord(request, this.parts, record);
    const { items, next } = await seeEvents(this.parts, readerOf(request), record, { after, limit });
    if (!prefers(request, reply, CLOUDEVENTS)) {
      await reply
        .type('application/json; charset=utf-8')
        .send(await responseStream(inPieces(jsonPage(items))));
      return;
    }
    const page = await responseStream(inPieces(jsonArray(cloudEvents(items, next))));
    if (next !== null) {
      const address = `/api${pathOf(record)}/events?after=${next}&limit=${limit}`;
      void reply.header('link', `<${address}>; rel="next"`);
    }
    await reply.type(`${CLOUDEVENTS}; charset=utf-8`).send(page);
  }

  @Get(':id/timeline')
  @Documented('timeline')
  async timeline(
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
    @OfRecord() record: RecordReference,
  ) {
    await waitForRecord(request, this.parts, record);
    await this.answers.admit(request, reply);
    const items: AsyncIterable<Answer<'Timeline'>['items'][number]> = await seeTimeline(
      this.parts,
      readerOf(request),
      record,
    );
    await reply.type('application/json; charset=utf-8').send(jsonList(items));
  }

  @Get(':id/commands')
  @Documented('recordCommands')
  async allowedCommands(@Req() request: FastifyRequest, @OfRecord() record: RecordReference) {
    await waitForRecord(request, this.parts, record);
    return {
      commands: await seeCommands(this.parts, identityOf(request), record, request.server.clock.now()),
    };
  }

  /** Returns the payload as sent and the context of an issue or a command. */
  #contextAndBody(request: FastifyRequest): { readonly context: CommandContext; readonly body: unknown } {
    // Plain text is read as bytes, for imports.
    if (Buffer.isBuffer(request.body)) {
      throw new ProblemError(
        'unsupported-media-type',
        'The media type is not supported here. Send the payload as application/json',
      );
    }
    const { body } = request;
    return {
      body,
      context: commandContext(request, idempotencyKeyOf(request), () => (body ?? {}) as JsonObject),
    };
  }
}

/** @throws if a page ends early: its headers already name the start of the next one. */
async function* cloudEvents(
  pieces: EventsPage['items'],
  next: number | null,
): AsyncGenerator<Answer<'CloudEvents'>> {
  for (let piece = await pieces.next(); ; piece = await pieces.next()) {
    if (piece.done !== true) yield piece.value.map(toCloudEvent);
    else if (piece.value === next) return;
    else throw new Error(`The events after version ${piece.value} cannot be read`);
  }
}
