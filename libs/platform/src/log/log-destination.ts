import { instant, systemClock } from '#event-sourcing/clock';
import type { DestinationStream } from 'pino';
import type { LogSink } from './log-sink.ts';

/** Written at once when so much waits, in characters; less waits for who flushes now and then. */
const BATCH_LENGTH = 4_096;

/**
 * Where a log's lines go. Nobody ever waits for it: what cannot be written is dropped and counted, and the first line that can be
 * written again is preceded by one that says how many are missing.
 */
export class LogDestination implements DestinationStream {
  readonly #sink: LogSink;
  readonly #onDropped: (lines: number) => void;
  #waiting = '';
  /** Dropped since it was last told how many were. */
  #dropped = 0;

  constructor(sink: LogSink, onDropped: (lines: number) => void) {
    this.#sink = sink;
    this.#onDropped = onDropped;
  }

  /** Takes one line, its end included. */
  write(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length >= BATCH_LENGTH) this.flush();
  }

  /** Hands on what waits. */
  flush(): void {
    const untold = this.#dropped;
    if (this.#waiting === '' && untold === 0) return;
    const told = untold === 0 ? '' : toldLine(untold);
    const text = told + this.#waiting;
    this.#waiting = '';
    this.#dropped = 0;
    this.#sink.write(text, (lost) => {
      const lines = lost.split('\n').length - 1;
      if (lines === 0) return;
      const isUntold = told !== '' && lost.length > text.length - told.length;
      const dropped = isUntold ? lines - 1 : lines;
      this.#dropped += isUntold ? untold + dropped : dropped;
      if (dropped > 0) this.#onDropped(dropped);
    });
  }

  /** Hands on what waits, and gives a reader a moment to take it. */
  async end(withinMs: number): Promise<void> {
    this.flush();
    await this.#sink.drained(withinMs);
  }
}

/** As pino writes a warning. */
const toldLine = (dropped: number): string =>
  `${JSON.stringify({
    level: 40,
    time: instant(systemClock.now()),
    dropped,
    msg: 'Lines of this log were dropped, since it could not be written',
  })}\n`;
