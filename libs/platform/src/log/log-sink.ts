import { systemClock } from '#event-sourcing/clock';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** What takes a log's text, and never makes anybody wait. */
export interface LogSink {
  /** Says once what of the text could not be written; nothing (`''`) where all of it was. */
  write(text: string, done: (lost: string) => void): void;
  /** Waits until what was taken is written, at most so long. */
  drained(withinMs: number): Promise<void>;
}

/** How much may wait for a reader, in characters. */
const WAITING_MAX = 1024 * 1024;
const DRAIN_POLL_MS = 10;

/** Standard error: a file or a device is written at once, and for a pipe or a socket lines wait in memory up to a bound. */
export const standardErrorSink = (): LogSink =>
  process.stderr instanceof Socket ? new StreamSink(process.stderr) : new FileSink(2);

/** A file, which takes what it is given or fails. */
export class FileSink implements LogSink {
  readonly #fd: number;
  /** Whether a line was begun and not ended. */
  #isCut = false;

  constructor(fd: number) {
    this.#fd = fd;
  }

  write(text: string, done: (lost: string) => void): void {
    const bytes = Buffer.from(this.#isCut ? `\n${text}` : text);
    let written = 0;
    try {
      while (written < bytes.length) written += writeSync(this.#fd, bytes, written);
      this.#isCut = false;
      done('');
    } catch {
      // Nowhere is left to say so but in the count.
      if (written > 0) this.#isCut = bytes[written - 1] !== LINE_END;
      done(bytes.subarray(written).toString());
    }
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

const LINE_END = 0x0a;

/** A stream whose reader may be slow, or gone. */
export class StreamSink implements LogSink {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Each write is told of its own failure; without a listener the first would end the process.
    stream.on('error', () => undefined);
  }

  write(text: string, done: (lost: string) => void): void {
    if (this.#stream.destroyed || this.#stream.writableLength > WAITING_MAX) {
      done(text);
      return;
    }
    this.#stream.write(text, (error) => {
      done(error ? text : '');
    });
  }

  async drained(withinMs: number): Promise<void> {
    const until = systemClock.elapsed() + withinMs;
    while (this.#stream.writableLength > 0 && !this.#stream.destroyed && systemClock.elapsed() < until) {
      await systemClock.sleep(DRAIN_POLL_MS);
    }
  }
}
