import type { FastifyInstance } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { RequestTrace, Tracing } from '#platform/tracing/tracing';
import { isOpen } from './api/authentication.ts';

/** The traces of requests, but for those of open routes: probes and scrapes would outnumber all others. */
export class RequestTraces {
  readonly #tracing: Tracing;
  readonly #traces = new WeakMap<IncomingMessage, RequestTrace>();

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  /** Begins a request's trace, or goes on with its caller's; gives the id under which it is recorded, if it is. */
  begin(request: IncomingMessage): string | null {
    const { method = '', url = '', headers } = request;
    if (isOpen(url)) return null;
    const trace = this.#tracing.request(method, headers);
    this.#traces.set(request, trace);
    return trace.correlationId;
  }

  /** Ends each trace when its answer has gone, or its caller. To be called before other hooks are added. */
  endAfterAnswers(fastify: FastifyInstance): void {
    fastify.addHook('onRequest', (request, { raw: answer }, done) => {
      const trace = this.#traces.get(request.raw);
      if (trace !== undefined) {
        answer.once('close', () => {
          const route = request.routeOptions.url ?? null;
          trace.end({ route, status: answer.statusCode, complete: answer.writableFinished });
        });
      }
      done();
    });
  }

  /** Has what the hooks and handlers behind this one begin belong to the request's trace: reading a body forgets whose it is. */
  carryOn(fastify: FastifyInstance): void {
    fastify.addHook('preHandler', (request, _reply, done) => {
      const trace = this.#traces.get(request.raw);
      if (trace === undefined) done();
      else trace.within(done);
    });
  }
}
