import { AsyncLocalStorage } from 'node:async_hooks';
import type { IncomingHttpHeaders } from 'node:http';
import {
  defaultTextMapGetter,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import type { Context, Span } from '@opentelemetry/api';
import { globalErrorHandler, W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import {
  detectResources,
  resourceAttributesEnvDetector,
  resourceFromAttributes,
  serviceNameEnvDetector,
} from '@opentelemetry/resources';
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from '@opentelemetry/sdk-trace';
import type { IdGenerator, Sampler } from '@opentelemetry/sdk-trace';
import { systemClock } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import type { ObservedAppend } from '#event-sourcing/store-observer';
import { CommandRefusedError } from '#lifecycle/refused';
import { provenNames } from '#use-cases/audit-trail/record-refusal';
import type { Attempt } from '#use-cases/audit-trail/record-refusal';
import { appendSpanId } from '../event-cause.ts';
import type { SamplerSettings, TraceSettings } from '../trace-settings.ts';
import type { ProjectedBatch, RequestAnswer, RequestTrace, Tracing } from '../tracing.ts';
import { reportTroubles } from './troubles.ts';

/** How long a stop waits for unsent spans. */
const FLUSH_MS_MAX = 2_000;
/** The maximum number of streams named in a span: a recommendation to all bodies of the country has one stream each. */
const STREAMS_MAX = 16;

/** Starts recording spans and sending them to a collector by OTLP. */
export function startOtlpTracing({ sampler }: TraceSettings, onError: (message: string) => void): Tracing {
  reportTroubles(onError);
  const ids = new SpanIds();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'docket' }).merge(
      detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] }),
    ),
    sampler: samplerFor(sampler),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
  });
  return new OtlpTracing(provider, ids, onError);
}

function samplerFor({ name, ratio }: SamplerSettings): Sampler {
  switch (name) {
    case 'always_on':
      return new AlwaysOnSampler();
    case 'always_off':
      return new AlwaysOffSampler();
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio);
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
  }
}

/** Generates random ids, except for spans whose id another process must be able to derive. */
class SpanIds implements IdGenerator {
  /** The id of the next span. Set it right before starting the span. */
  next: string | null = null;
  readonly #random = new RandomIdGenerator();

  generateTraceId(): string {
    return this.#random.generateTraceId();
  }

  generateSpanId(): string {
    const id = this.next ?? this.#random.generateSpanId();
    this.next = null;
    return id;
  }
}

class OtlpTracing implements Tracing {
  readonly #provider: TracerProvider;
  readonly #tracer: ReturnType<TracerProvider['getTracer']>;
  readonly #ids: SpanIds;
  readonly #onError: (message: string) => void;
  readonly #propagator = new W3CTraceContextPropagator();
  readonly #active = new AsyncLocalStorage<Context>();

  constructor(provider: TracerProvider, ids: SpanIds, onError: (message: string) => void) {
    this.#provider = provider;
    this.#tracer = provider.getTracer('docket');
    this.#ids = ids;
    this.#onError = onError;
  }

  request(method: string, headers: IncomingHttpHeaders): RequestTrace {
    const caller = this.#propagator.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const attributes = { 'http.request.method': method };
    const span = this.#tracer.startSpan(method, { kind: SpanKind.SERVER, attributes }, caller);
    const context = trace.setSpan(ROOT_CONTEXT, span);
    return {
      correlationId: recordedTrace(span),
      within: (work) => {
        this.#active.run(context, work);
      },
      end: (answer) => {
        endRequest(span, method, answer);
      },
    };
  }

  async decide<Result>(
    attempt: Pick<Attempt, 'command' | 'record'>,
    carryOut: () => Promise<Result>,
  ): Promise<Result> {
    const span = this.#tracer.startSpan('decide', {}, this.#context());
    const name = (refused: CommandRefusedError | null): void => {
      const { command, record } = provenNames(attempt, refused);
      setAttributes(span, { 'docket.command': command, 'docket.record': record && record.id });
    };
    return this.#under(span, async () => {
      try {
        const result = await carryOut();
        name(null);
        return result;
      } catch (error) {
        if (error instanceof CommandRefusedError) name(error);
        throw error;
      }
    });
  }

  async sweep<Result>(sweep: () => Promise<Result>): Promise<Result> {
    return this.#under(this.#tracer.startSpan('sweep', {}, ROOT_CONTEXT), sweep);
  }

  correlationId(): string | null {
    const span = trace.getSpan(this.#context());
    return span === undefined ? null : recordedTrace(span);
  }

  /** Creates the span after the append: only then is it known whether it is the one that the events' ids refer to. */
  appended(append: ObservedAppend): void {
    quietly(() => {
      this.#appended(append);
    });
  }

  #appended({ commit, outcome, seconds }: ObservedAppend): void {
    const context = this.#active.getStore();
    // The service's own work, such as counting refusals, belongs to no trace.
    if (context === undefined) return;
    const endTime = performance.timeOrigin + systemClock.elapsed();
    const streams = commit.appends.filter(({ events }) => events.length > 0);
    if (outcome === 'appended') this.#ids.next = appendSpanId(commit.command.id);
    const span = this.#tracer.startSpan(
      'append',
      {
        kind: SpanKind.PRODUCER,
        startTime: endTime - seconds * 1_000,
        attributes: {
          'docket.command': commit.command.name,
          'docket.streams': streams.slice(0, STREAMS_MAX).map(({ streamId }) => streamId),
          'docket.events': streams.reduce((sum, { events }) => sum + events.length, 0),
          'docket.outcome': outcome,
        },
      },
      context,
    );
    if (outcome === 'unavailable' || outcome === 'failed') span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(endTime);
  }

  projected(batch: ProjectedBatch): void {
    quietly(() => {
      this.#projected(batch);
    });
  }

  #projected({ projection, events, startedAt, milliseconds, failed, causes }: ProjectedBatch): void {
    for (const cause of causes) {
      const parent = { ...cause, traceFlags: TraceFlags.SAMPLED, isRemote: true };
      const span = this.#tracer.startSpan(
        'project',
        {
          kind: SpanKind.CONSUMER,
          startTime: startedAt,
          attributes: { 'docket.projection': projection, 'docket.batch.events': events },
        },
        trace.setSpanContext(ROOT_CONTEXT, parent),
      );
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end(startedAt + milliseconds);
    }
  }

  async close(): Promise<void> {
    const shutdown = this.#provider.shutdown().catch((error: unknown) => {
      this.#onError(`The last traces could not be sent: ${messageOf(error)}`);
    });
    await Promise.race([shutdown, systemClock.sleep(FLUSH_MS_MAX, { ref: false })]);
  }

  #context(): Context {
    return this.#active.getStore() ?? ROOT_CONTEXT;
  }

  async #under<Result>(span: Span, work: () => Promise<Result>): Promise<Result> {
    try {
      const result = await this.#active.run(trace.setSpan(ROOT_CONTEXT, span), work);
      span.setAttribute('docket.outcome', 'done');
      return result;
    } catch (error) {
      describeFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }
}

/** Runs an action without throwing. Tracing errors are reported separately and never reach the traced code. */
function quietly(record: () => void): void {
  try {
    record();
  } catch (error) {
    globalErrorHandler(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Returns the id of a span's trace; null if the trace is not recorded. */
function recordedTrace(span: Span): string | null {
  const { traceId, traceFlags } = span.spanContext();
  return (traceFlags & TraceFlags.SAMPLED) === 0 ? null : traceId;
}

function endRequest(span: Span, method: string, { route, status, complete }: RequestAnswer): void {
  if (route !== null) span.updateName(`${method} ${route}`);
  setAttributes(span, { 'http.route': route, 'http.response.status_code': status });
  // Clients that follow a feed end it by disconnecting.
  if (!complete) span.setAttribute('docket.outcome', 'left');
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

/**
 * Describes a failure in a span. A refusal is a response, not an error. Error messages may contain personal data, so they stay in the log.
 */
function describeFailure(span: Span, error: unknown): void {
  if (error instanceof CommandRefusedError) {
    span.setAttributes({ 'docket.outcome': 'refused', 'docket.refusal': error.code });
    return;
  }
  const { code } = error as { readonly code?: unknown };
  span.setAttributes({
    'docket.outcome': 'failed',
    'error.type': typeof code === 'string' ? code : error instanceof Error ? error.name : 'unknown',
  });
  span.setStatus({ code: SpanStatusCode.ERROR });
}

function setAttributes(span: Span, attributes: Readonly<Record<string, string | number | null>>): void {
  for (const [name, value] of Object.entries(attributes)) if (value !== null) span.setAttribute(name, value);
}
