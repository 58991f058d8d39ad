import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Start, TriedTasks } from '#test/support/tried-thread';
import { Thread } from './thread.ts';
import type { ThreadOptions } from './thread.ts';

const MODULE = new URL('../../../test/support/tried-thread.ts', import.meta.url);

const started: Thread<TriedTasks, string>[] = [];
let reports: string[] = [];
let lost: string[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map((thread) => thread.end()));
  reports = [];
  lost = [];
});

function start(how: Start = 'at once', options: Partial<ThreadOptions<string>> = {}) {
  const thread = new Thread<TriedTasks, string>({
    module: MODULE,
    data: how,
    unavailable: (reason, cause) => new Error(`the thread ${reason}`, cause),
    onReport: (report) => reports.push(report),
    onLost: ({ message }) => lost.push(message),
    ...options,
  });
  started.push(thread);
  return thread;
}

const messages = async (requests: readonly Promise<unknown>[]): Promise<unknown[]> => {
  const settled = await Promise.allSettled(requests);
  return settled.map((each) => (each.status === 'rejected' ? (each.reason as Error).message : each.value));
};

describe('a thread with requests', () => {
  test('resolves each request, for any order of responses', async () => {
    const thread = start();
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.boolean(), fc.nat(20))), async (calls) => {
        const answers = await Promise.all(
          calls.map(([isSlow, n]) => (isSlow ? thread.request('after', n) : thread.request('double', n))),
        );
        expect(answers).toEqual(calls.map(([isSlow, n]) => (isSlow ? n : 2 * n)));
      }),
      { numRuns: 20 },
    );
    expect(thread.lost).toBeNull();
  });

  test('rejects with the error of a task, with its name, code and members, and continues', async () => {
    const thread = start();
    await expect(thread.request('fail', 'torn')).rejects.toMatchObject({
      name: 'StoreDamagedError',
      code: 'store-damaged',
      message: 'the event store is damaged at position 7, version 2 of s: torn',
      place: { position: '7', streamId: 's', version: 2 },
      stack: expect.stringContaining('tried-thread'),
    });
    expect(await thread.request('double', 2)).toBe(4);
  });

  test('transfers buffers, and reports progress before the result', async () => {
    const thread = start();
    expect(await thread.request('bytes', 3)).toEqual({ bytes: new Uint8Array([7, 7, 7]), isHere: true });
    thread.send('report', 'nobody waits');
    expect(await thread.request('report', 'a').then((answer) => [answer, ...reports])).toEqual([
      'A',
      'nobody waits',
      'a',
    ]);
  });
});

describe('a thread that is lost', () => {
  test.each<[string, (thread: Thread<TriedTasks, string>) => Promise<unknown>, string]>([
    ['ends', (thread) => thread.request('exit', 0), 'the thread has ended'],
    [
      'throws where no task does',
      (thread) => thread.request('crash', 'broken').then(() => thread.request('after', 60_000)),
      'the thread failed: broken',
    ],
    [
      'does not answer in time',
      (thread) => thread.request('spin', undefined, 50),
      'the thread has not answered within 0.05 s',
    ],
    [
      'does not answer in time, of which the caller says what it is',
      (thread) => thread.request('after', 60_000, 1, () => new Error('too slow')),
      'too slow',
    ],
    [
      'is ended',
      (thread) => Promise.all([thread.request('after', 60_000), thread.end(new Error('enough'))]),
      'enough',
    ],
  ])('as it %s answers all waiting and later callers with the reason', async (_, lose, reason) => {
    const thread = start();
    await thread.whenStarted();
    expect(await messages([thread.request('after', 60_000), lose(thread)])).toEqual([reason, reason]);
    expect(await messages([thread.request('double', 1), thread.whenStarted()])).toEqual([reason, reason]);
    thread.send('double', 1);
    await thread.exited;
    await thread.close();
    expect(lost).toEqual([reason]);
  });

  test('as it does not start reports that, with its error or after its time', async () => {
    const torn = { code: 'store-damaged', place: { position: '1' } };
    await expect(start('failing').request('double', 1)).rejects.toMatchObject(torn);
    const unusable = (error: Error) => new Error(`unusable: ${error.message}`);
    await expect(start('failing', { unusable }).whenStarted()).rejects.toThrow(/^unusable: .* torn$/);
    const missing = start('at once', { module: new URL('./nowhere.ts', import.meta.url) });
    await expect(missing.whenStarted()).rejects.toThrow(/^the thread does not start: Cannot find module/);
    const late = start('never', { startMs: 50 });
    const error = 'the thread has not started within 0.05 s';
    expect(await messages([late.request('double', 1), late.whenStarted()])).toEqual([error, error]);
  });
});

describe('a thread that is closed', () => {
  test('responds to pending requests first, and releases its resources', async () => {
    const thread = start();
    const requests = [thread.request('after', 20), thread.request('double', 1)];
    await thread.close();
    expect(await messages(requests)).toEqual([20, 2]);
    expect(reports).toEqual(['closed']);
    await expect(thread.request('double', 1)).rejects.toThrow('the thread has ended');
  });

  test('is not waited for longer than the timeout', async () => {
    const thread = start('at once', { closed: () => new Error('given up') });
    const request = thread.request('after', 60_000);
    const [settled] = await Promise.all([messages([request]), thread.close(50)]);
    expect(settled).toEqual(['given up']);
    await thread.exited;
  });

  test('keeps its process alive while it has requests or closes, and otherwise lets it end', async () => {
    const module = `import { Thread } from '#threads/thread';
      const start = () => new Thread({ module: new URL('${MODULE.href}'), data: 'at once', unavailable: (reason) => new Error(reason) });
      const [one, idle] = [start(), start()];
      console.log(await one.request('after', 100));
      await one.close();
      await idle.whenStarted();
      console.log('ends');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', module]);
    expect(stdout).toBe('100\nends\n');
  });
});
