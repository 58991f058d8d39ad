import { instant, systemClock } from '#event-sourcing/clock';
import type { DestinationStream } from 'pino';
import type { LogSink } from './log-sink.ts';

/** The number of buffered characters from which lines are written at once. Fewer wait for a flush. */
const BATCH_LENGTH = 4_096;

/**
 * The destination of log lines. Logging never blocks: lines that cannot be written are dropped, and their
 * number is logged before the next line.
 */
export class LogDestination implements DestinationStream {
  readonly #sink: LogSink;
  readonly #onDropped: (lines: number) => void;
  #waiting = '';
  /** The number of lines dropped since the last report. */
  #dropped = 0;

  constructor(sink: LogSink, onDropped: (lines: number) => void) {
    this.#sink = sink;
    this.#onDropped = onDropped;
  }

  /** Writes one line, including its line break. */
  write(line: string): void {
    this.#waiting += line;
    if (this.#waiting.length >= BATCH_LENGTH) this.flush();
  }

  /** Writes the buffered lines. */
  flush(): void {
    const unreported = this.#dropped;
    if (this.#waiting === '' && unreported === 0) return;
    const note = unreported === 0 ? '' : droppedLine(unreported);
    const text = note + this.#waiting;
    this.#waiting = '';
    this.#dropped = 0;
    this.#sink.write(text, (lost) => {
      const lines = lost.split('\n').length - 1;
      if (lines === 0) return;
      const isUntold = note !== '' && lost.length > text.length - note.length;
      const dropped = isUntold ? lines - 1 : lines;
      this.#dropped += isUntold ? unreported + dropped : dropped;
      if (dropped > 0) this.#onDropped(dropped);
    });
  }

  /** Writes the buffered lines and waits for a slow reader, up to a time limit. */
  async end(withinMs: number): Promise<void> {
    this.flush();
    await this.#sink.drained(withinMs);
  }
}

/** Returns a warning about dropped lines, in pino's format. */
const droppedLine = (dropped: number): string =>
  `${JSON.stringify({
    level: 40,
    time: instant(systemClock.now()),
    dropped,
    msg: 'Log lines were dropped because they could not be written',
  })}\n`;
