import type { ServerDuplexStream } from '@grpc/grpc-js';
import code from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/code_pb.js';
import type { Code } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/code_pb.js';
import shared from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb.js';
import statuses from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import type { Status } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/status_pb.js';
import streams from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import type {
  BatchAppendReq,
  BatchAppendResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb.js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import { sizeCounter } from './append-limits.ts';
import { CallError } from './call-error.ts';
import { messagesOf, Outgoing } from './calls.ts';
import { ANY, NO_STREAM } from './commit-check.ts';
import { isOfDeleted } from './log-store.ts';
import type { AppendedEvent, AppendOutcome, FailedCheck, StreamAppend } from './log-store.ts';
import {
  expectationOf,
  packedAny,
  proposedEvent,
  streamMessage,
  streamOf,
  uuidMessage,
  uuidOf,
  withPosition,
} from './messages.ts';
import type { Node } from './node.ts';

interface PendingAppend {
  readonly target: StreamAppend;
  readonly events: AppendedEvent[];
  readonly count: (event: AppendedEvent) => void;
}

/** The most incomplete appends of a client on one call. */
const PENDING_MAX = 10_000;

/**
 * Runs `BatchAppend` of the first protocol: one call with many appends, each of one or more messages, and each with its
 * own response. A fault of the node ends the call, and with it all appends without a response.
 */
export function batchAppend(node: Node, call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void {
  const outgoing = new Outgoing<BatchAppendResp>(call);
  new BatchAppend(node, call, outgoing).run().then(
    () => {
      outgoing.end();
    },
    (error: unknown) => {
      outgoing.fail(error);
    },
  );
}

class BatchAppend {
  readonly #node: Node;
  readonly #call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>;
  readonly #outgoing: Outgoing<BatchAppendResp>;
  readonly #pending = new Map<string, PendingAppend>();
  readonly #unanswered = new Set<Promise<void>>();

  constructor(
    node: Node,
    call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
    outgoing: Outgoing<BatchAppendResp>,
  ) {
    this.#node = node;
    this.#call = call;
    this.#outgoing = outgoing;
  }

  async run(): Promise<void> {
    this.#node.gate.check(this.#call.metadata);
    for await (const request of messagesOf(this.#call)) {
      const id = uuidOf(request.getCorrelationId());
      const complete = await this.#take(id, request);
      if (complete !== null) await this.#append(id, complete);
    }
    await Promise.all(this.#unanswered);
  }

  /** Adds a message to its append, and returns the append when it is complete. */
  async #take(id: string, request: BatchAppendReq): Promise<PendingAppend | null> {
    const options = request.getOptions();
    if (options !== undefined && !this.#pending.has(id)) {
      if (this.#pending.size >= PENDING_MAX) throw new Error(`more than ${PENDING_MAX} appends are begun`);
      const stream = streamOf(options.getStreamIdentifier());
      const expected = expectationOf(options, options.getStreamPosition());
      const count = sizeCounter(this.#node.limits);
      this.#pending.set(id, { target: { stream, expected }, events: [], count });
    }
    const pending = this.#pending.get(id);
    if (pending === undefined) return null;
    try {
      for (const message of request.getProposedMessagesList()) {
        const event = { ...proposedEvent(message), of: 0 };
        pending.count(event);
        pending.events.push(event);
      }
    } catch (error) {
      this.#pending.delete(id);
      await this.#refuse(id, pending.target.stream, this.#badRequest(error));
      return null;
    }
    if (!request.getIsFinal()) return null;
    this.#pending.delete(id);
    return pending;
  }

  /** Starts an append. A delayed one delays only its own response, and not later appends. */
  async #append(id: string, { target, events }: PendingAppend): Promise<void> {
    await this.#node.gate.admit(this.#call.metadata, { kind: 'append' });
    const answered = this.#node.faults
      .append(this.#node.store, [target], events)
      .then((outcome) => this.#outgoing.write(answer(id, target, outcome)))
      .catch((error: unknown) => {
        this.#outgoing.fail(error);
      })
      .finally(() => this.#unanswered.delete(answered));
    this.#unanswered.add(answered);
  }

  #refuse(id: string, stream: string, status: Status): Promise<void> {
    const response = new streams.BatchAppendResp();
    response.setCorrelationId(uuidMessage(id));
    response.setStreamIdentifier(streamMessage(stream));
    return this.#outgoing.write(response.setError(status));
  }

  #badRequest(error: unknown): Status {
    if (!(error instanceof CallError)) throw error;
    if (error.metadata.get('exception')[0] === 'maximum-append-size-exceeded') {
      const tooLarge = new shared.MaximumAppendSizeExceeded();
      tooLarge.setMaxappendsize(this.#node.limits.append);
      return errorStatus(
        code.Code.INVALID_ARGUMENT,
        'MaximumAppendSizeExceeded',
        packedAny('event_store.client.MaximumAppendSizeExceeded', tooLarge.serializeBinary()),
      );
    }
    const bad = new shared.BadRequest();
    bad.setMessage(error.details);
    return errorStatus(
      code.Code.INVALID_ARGUMENT,
      'BadRequest',
      packedAny('event_store.client.BadRequest', bad.serializeBinary()),
    );
  }
}

function errorStatus(number: Code, message: string, details: ReturnType<typeof packedAny>): Status {
  const status = new statuses.Status();
  status.setCode(number);
  status.setMessage(message);
  return status.setDetails(details);
}

function answer(id: string, target: StreamAppend, outcome: AppendOutcome): BatchAppendResp {
  const response = new streams.BatchAppendResp();
  response.setCorrelationId(uuidMessage(id));
  response.setStreamIdentifier(streamMessage(target.stream));
  if (outcome.kind === 'stored') return response.setSuccess(success(outcome));
  const [failure] = outcome.failures;
  if (failure === undefined) throw new Error('an append was refused for nothing');
  return response.setError(refusal(target, failure));
}

function success({
  position,
  revisions: [revision = -1n],
}: Extract<AppendOutcome, { kind: 'stored' }>): BatchAppendResp.Success {
  const message = new streams.BatchAppendResp.Success();
  if (revision < 0n) message.setNoStream(new empties.Empty());
  else message.setCurrentRevision(String(revision));
  if (position === null) return message.setNoPosition(new empties.Empty());
  return message.setPosition(withPosition(new shared.AllStreamPosition(), position));
}

function refusal(target: StreamAppend, failure: FailedCheck): Status {
  if (isOfDeleted(failure)) {
    const deleted = new shared.StreamDeleted();
    deleted.setStreamIdentifier(streamMessage(target.stream));
    const details = packedAny('event_store.client.StreamDeleted', deleted.serializeBinary());
    return errorStatus(code.Code.NOT_FOUND, 'StreamDeleted', details);
  }
  const message = new shared.WrongExpectedVersion();
  if (failure.actual < 0n) message.setCurrentNoStream(new empties.Empty());
  else message.setCurrentStreamRevision(String(failure.actual));
  if (target.expected === ANY) message.setExpectedAny(new empties.Empty());
  else if (target.expected === NO_STREAM) message.setExpectedNoStream(new empties.Empty());
  else message.setExpectedStreamPosition(String(target.expected));
  const details = packedAny('event_store.client.WrongExpectedVersion', message.serializeBinary());
  return errorStatus(code.Code.ALREADY_EXISTS, 'WrongExpectedVersion', details);
}
