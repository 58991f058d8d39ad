import type { LoggerService } from '@nestjs/common';
import type { Logger } from 'pino';

/** Writes Nest's messages to the service's log. */
export class NestLog implements LoggerService {
  readonly #logger: Logger;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  // Nest logs every route and module at start; these lines are for debugging.
  log(message: unknown): void {
    this.#logger.debug(String(message));
  }

  warn(message: unknown): void {
    this.#logger.warn(String(message));
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.#logger.error({ rest }, String(message));
  }

  fatal(message: unknown): void {
    this.#logger.fatal(String(message));
  }
}
