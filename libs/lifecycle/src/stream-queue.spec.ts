import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QueueFullError, StreamQueue } from './stream-queue.ts';

/** A task that blocks until it is released, and logs its start and end. */
function blockedTask(name: string, log: string[]) {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const task = async (): Promise<string> => {
    log.push(`${name} begins`);
    await promise;
    log.push(`${name} ends`);
    return name;
  };
  return {
    task,
    letGo: () => {
      resolve(undefined);
    },
  };
}

describe('a stream queue', () => {
  test('runs the tasks of one stream one after another, in order', async () => {
    const queue = new StreamQueue();
    const log: string[] = [];
    const [a, b] = [blockedTask('a', log), blockedTask('b', log)];
    const results = [queue.run('s', a.task), queue.run('s', b.task)];
    b.letGo();
    await setImmediate();
    expect(log).toEqual(['a begins']);
    a.letGo();
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(log).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  });

  test('runs different streams side by side', async () => {
    const queue = new StreamQueue();
    const log: string[] = [];
    const [a, b] = [blockedTask('a', log), blockedTask('b', log)];
    const first = queue.run('s-1', a.task);
    const second = queue.run('s-2', b.task);
    b.letGo();
    expect(await second).toBe('b');
    expect(log).toEqual(['a begins', 'b begins', 'b ends']);
    a.letGo();
    await first;
  });

  test('continues after a task that failed, whose caller gets the error', async () => {
    const queue = new StreamQueue();
    const failing = queue.run('s', () => Promise.reject(new Error('refused')));
    const throwing = queue.run('s', () => {
      throw new Error('thrown at once');
    });
    const next = queue.run('s', () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('refused');
    await expect(throwing).rejects.toThrow('thrown at once');
    expect(await next).toBe('done');
  });

  test('refuses beyond its limit, for that stream alone, and accepts tasks again when one has ended', async () => {
    const queue = new StreamQueue(2);
    const log: string[] = [];
    const blocked = blockedTask('held', log);
    const running = [queue.run('s', blocked.task), queue.run('s', () => Promise.resolve('second'))];
    const refused = queue.run('s', () => Promise.resolve('third'));
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    await expect(refused).rejects.toMatchObject({
      code: 'too-busy',
      message: expect.stringContaining('2 commands are already waiting for s'),
    });
    expect(await queue.run('another', () => Promise.resolve('fine'))).toBe('fine');
    blocked.letGo();
    await Promise.all(running);
    expect(await queue.run('s', () => Promise.resolve('again'))).toBe('again');
  });

  test('runs a task from within a task of another stream', async () => {
    const queue = new StreamQueue();
    const nested = queue.run('s-1', () => queue.run('s-2', () => Promise.resolve('inner')));
    expect(await nested).toBe('inner');
  });

  test('keeps the order of each stream, for any arrivals and failures', async () => {
    const call = fc.record({
      stream: fc.constantFrom('a', 'b', 'c'),
      turns: fc.nat({ max: 3 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const queue = new StreamQueue();
        const running = new Set<string>();
        const begun: Record<string, number[]> = {};
        const results = calls.map(({ stream, turns, fails }, index) =>
          queue.run(stream, async () => {
            expect(running.has(stream)).toBe(false);
            running.add(stream);
            (begun[stream] ??= []).push(index);
            for (let turn = 0; turn < turns; turn++) await Promise.resolve();
            running.delete(stream);
            if (fails) throw new Error(String(index));
            return index;
          }),
        );
        const settled = await Promise.allSettled(results);
        expect(settled.map(({ status }) => status === 'rejected')).toEqual(calls.map(({ fails }) => fails));
        for (const indices of Object.values(begun))
          expect(indices).toEqual(indices.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });
});
