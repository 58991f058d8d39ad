import { LogController } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** One line a request is our own; but who reads an answer that breaks off in the middle cannot be told why: the log is. */
export class AnswersLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true, requestIdLogLabel: 'correlationId' });
  }

  override streamError(
    error: Error,
    { routeOptions }: FastifyRequest,
    { log, raw: answer }: FastifyReply,
  ): void {
    // Whoever has gone needs no more.
    if (answer.destroyed) return;
    log.warn(
      { err: error, route: routeOptions.url },
      'An answer was cut off: what it is made of could not be read to its end',
    );
  }
}
