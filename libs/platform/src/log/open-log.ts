import pino from 'pino';
import type { Logger } from 'pino';
import { systemClock } from '#event-sourcing/clock';
import { LogDestination } from './log-destination.ts';
import { standardErrorSink } from './log-sink.ts';
import { RecentErrors } from './recent-errors.ts';

export interface Log {
  readonly logger: Logger;
  /** The errors logged most recently. */
  readonly errors: RecentErrors;
  /** Writes the buffered lines and closes the log, waiting only briefly for a reader. */
  end(): Promise<void>;
}

/** How long a line may be buffered, so that many are written at once. */
const FLUSH_MS = 1_000;
const END_MS_MAX = 1_000;
const ERROR = pino.levels.values['error'] ?? 50;

/** Opens the log of a process, as JSON on standard error. */
export function openLog(level: string, onDropped: (lines: number) => void = () => undefined): Log {
  const errors = new RecentErrors();
  const destination = new LogDestination(standardErrorSink(), onDropped);
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const logger = pino(
    {
      level,
      base: null,
      timestamp,
      hooks: {
        logMethod(args, method, severity) {
          if (severity >= ERROR) errors.note(args[0], this.bindings());
          method.apply(this, args);
        },
      },
    },
    destination,
  );
  const flushing = systemClock
    .every(() => {
      destination.flush();
    }, FLUSH_MS)
    .unref();
  return {
    logger,
    errors,
    async end() {
      flushing.close();
      await destination.end(END_MS_MAX);
    },
  };
}
