import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { RequestTrace, Tracing } from '#platform/tracing/tracing';
import { isOpen } from './api/authentication.ts';

/** The traces of requests, without health probes and scrapes, which would outnumber all others. */
export class RequestTraces {
  readonly #tracing: Tracing;
  readonly #traces = new WeakMap<IncomingMessage, RequestTrace>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Starts a request's trace or continues its caller's; returns the trace id if the trace is recorded. */
  begin(request: IncomingMessage): string | null {
    const { method = '', url = '', headers } = request;
    if (isOpen(url)) return null;
    const trace = this.#tracing.request(method, headers);
    this.#traces.set(request, trace);
    return trace.correlationId;
  }

  /**
   * Ends each trace when its response has been sent or its client disconnects. Must be called before other
   * hooks are added.
   */
  endAfterResponses(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, { raw: response }, done) => {
      const trace = this.#traces.get(request.raw);
      if (trace !== undefined) {
        response.once('close', () => {
          const route = request.routeOptions.url ?? null;
          trace.end({ route, status: response.statusCode, complete: response.writableFinished });
        });
      }
      done();
    });
  }

  /** Runs the later hooks and handlers in the request's trace: parsing the body loses the async context. */
  propagate(fastify: FastifyInstance): void {
    fastify.addHook('preHandler', (request, _reply, done) => {
      const trace = this.#traces.get(request.raw);
      if (trace === undefined) done();
      else trace.within(done);
    });
  }
}
