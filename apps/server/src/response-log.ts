import { LogController } from 'fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Fastify's request logging is off: `observeRequests` writes one line per request.
 * A response that fails midway cannot carry a problem, so this class logs the failure.
 */
export class ResponseLog extends LogController {
  constructor() {
    super({ disableRequestLogging: true, requestIdLogLabel: 'correlationId' });
  }

  override streamError(
    error: Error,
    { routeOptions }: FastifyRequest,
    { log, raw: response }: FastifyReply,
  ): void {
    // The client has disconnected.
    if (response.destroyed) return;
    log.warn(
      { err: error, route: routeOptions.url },
      'A response was cut off: its source could not be read to the end',
    );
  }
}
