import pino from 'pino';
import type { Logger } from 'pino';
import { systemClock } from '#event-sourcing/clock';
import { LogDestination } from './log-destination.ts';
import { standardErrorSink } from './log-sink.ts';

export interface Log {
  readonly logger: Logger;
  /** Writes the buffered lines and closes the log, waiting only briefly for a reader. */
  end(): Promise<void>;
}

/** How long a line may be buffered, so that many are written at once. */
const FLUSH_MS = 1_000;
const END_MS_MAX = 1_000;

/** Opens the log of a process, as JSON on standard error. */
export function openLog(level: string, onDropped: (lines: number) => void = () => undefined): Log {
  const destination = new LogDestination(standardErrorSink(), onDropped);
  const { isoTime: timestamp } = pino.stdTimeFunctions;
  const logger = pino({ level, base: null, timestamp }, destination);
  const flushing = systemClock
    .every(() => {
      destination.flush();
    }, FLUSH_MS)
    .unref();
  return {
    logger,
    async end() {
      flushing.close();
      await destination.end(END_MS_MAX);
    },
  };
}
