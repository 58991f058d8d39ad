import { systemClock } from '#event-sourcing/clock';
import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

/** Writes log text without blocking. */
export interface LogSink {
  /** Calls `done` once with the part of the text that could not be written, or `''`. */
  write(text: string, done: (lost: string) => void): void;
  /** Waits until everything accepted is written, up to a time limit. */
  drained(withinMs: number): Promise<void>;
}

/** The maximum number of characters buffered for a slow reader. */
const WAITING_MAX = 1024 * 1024;
const DRAIN_POLL_MS = 10;

/** Returns a sink for standard error. Files and devices are written at once; for pipes and sockets, lines are buffered up to a limit. */
export const standardErrorSink = (): LogSink =>
  process.stderr instanceof Socket ? new StreamSink(process.stderr) : new FileSink(2);

/** A sink for a file, where each write succeeds or fails at once. */
export class FileSink implements LogSink {
  readonly #fd: number;
  /** Whether the last line is incomplete. */
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
      // The failure cannot be logged, only counted.
      if (written > 0) this.#isCut = bytes[written - 1] !== LINE_END;
      done(bytes.subarray(written).toString());
    }
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

const LINE_END = 0x0a;

/** A sink for a stream whose reader may be slow or gone. */
export class StreamSink implements LogSink {
  readonly #stream: Writable;

  constructor(stream: Writable) {
    this.#stream = stream;
    // Each write gets its own error. Without a listener, the first one would end the process.
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
