import { describe, expect, it } from '@jest/globals';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from '#test/support/temporary-folder';
import { LogDestination } from './log-destination.ts';
import { FileSink, StreamSink } from './log-sink.ts';
import type { LogSink } from './log-sink.ts';

/** A sink with limited room for characters. */
class Room implements LogSink {
  text = '';
  room = Infinity;

  write(text: string, done: (lost: string) => void): void {
    const written = text.slice(0, this.room);
    this.room -= written.length;
    this.text += written;
    done(text.slice(written.length));
  }

  drained(): Promise<void> {
    return Promise.resolve();
  }
}

function destination(sink: LogSink) {
  const dropped: number[] = [];
  const log = new LogDestination(sink, (lines) => dropped.push(lines));
  return { log, total: () => dropped.reduce((sum, lines) => sum + lines, 0) };
}

const messages = (text: string): unknown[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { dropped?: number; msg: string })
    .map(({ dropped, msg }) => dropped ?? msg);

const line = (msg: string): string => `${JSON.stringify({ msg })}\n`;

describe('a log that cannot be written', () => {
  it('drops and counts lines, and says how many once it can be written again', () => {
    const sink = new Room();
    const { log, total } = destination(sink);
    log.write(line('a'));
    log.flush();
    sink.room = 0;
    for (const msg of ['b', 'c']) {
      log.write(line(msg));
      log.flush();
    }
    // There is nothing new to write, and the reader is still gone.
    log.flush();
    expect(total()).toBe(2);
    sink.room = Infinity;
    log.write(line('d'));
    log.flush();
    log.write(line('e'));
    log.flush();
    expect(messages(sink.text)).toEqual(['a', 2, 'd', 'e']);
    expect(total()).toBe(2);
  });

  it('reports lost lines also without further lines, and again when the report itself was cut off', () => {
    const sink = new Room();
    const { log, total } = destination(sink);
    sink.room = 0;
    log.write(line('a'));
    log.flush();
    sink.room = 10;
    log.write(line('b'));
    log.flush();
    sink.room = Infinity;
    log.flush();
    expect(messages(sink.text.slice(10))).toEqual([2]);
    expect(total()).toBe(2);
  });

  it('writes at once when much text is waiting', () => {
    const sink = new Room();
    const { log } = destination(sink);
    log.write(line('x'.repeat(5_000)));
    expect(messages(sink.text)).toHaveLength(1);
  });
});

describe('a full device', () => {
  it('accepts nothing; a file later continues on a new line', () => {
    const full = openSync('/dev/full', 'w');
    const { log, total } = destination(new FileSink(full));
    log.write(line('a'));
    log.flush();
    closeSync(full);
    expect(total()).toBe(1);

    const folder = temporaryFolder();
    const file = openSync(join(folder, 'log'), 'w');
    const written = destination(new FileSink(file));
    written.log.write(line('a'));
    written.log.flush();
    closeSync(file);
    expect(readFileSync(join(folder, 'log'), 'utf8')).toBe(line('a'));
    expect(written.total()).toBe(0);
  });
});

describe('a reader that does not read', () => {
  it('is dropped once a bounded text waits for it, and gets the number of lost lines', async () => {
    const read: (() => void)[] = [];
    let text = '';
    const stream = new Writable({
      decodeStrings: false,
      write(chunk: string, _, done) {
        read.push(() => {
          text += chunk;
          done();
        });
      },
    });
    const { log, total } = destination(new StreamSink(stream));
    const long = line('x'.repeat(100_000));
    for (let count = 0; count < 100; count++) log.write(long);
    expect(stream.writableLength).toBeLessThan(1_300_000);
    const lost = total();
    expect(lost).toBeGreaterThan(80);
    while (read.length > 0) {
      read.shift()?.();
      await sleep(0);
    }
    log.flush();
    read.shift()?.();
    expect(messages(text).at(-1)).toBe(lost);
    expect(messages(text)).toHaveLength(100 - lost + 1);
  });

  it('that is gone loses lines, but does not end the process', async () => {
    const stream = new Writable({
      write(_chunk, _encoding, done) {
        done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    const { log, total } = destination(new StreamSink(stream));
    for (const msg of ['a', 'b']) {
      log.write(line(msg));
      log.flush();
      await sleep(0);
    }
    await log.end(1_000);
    expect(total()).toBe(2);
  });
});
