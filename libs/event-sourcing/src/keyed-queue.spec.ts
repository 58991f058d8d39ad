import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { QueueFullError, KeyedQueue } from './keyed-queue.ts';

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

describe('a queue by keys', () => {
  test('runs different keys side by side', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [a, b] = [blockedTask('a', log), blockedTask('b', log)];
    const first = queue.run(['s-1'], a.task);
    const second = queue.run(['s-2'], b.task);
    b.letGo();
    expect(await second).toBe('b');
    expect(log).toEqual(['a begins', 'b begins', 'b ends']);
    a.letGo();
    await first;
  });

  test('continues after a task that failed, whose caller gets the error', async () => {
    const queue = new KeyedQueue();
    const failing = queue.run(['s'], () => Promise.reject(new Error('refused')));
    const throwing = queue.run(['s'], () => {
      throw new Error('thrown at once');
    });
    const next = queue.run(['s'], () => Promise.resolve('done'));
    await expect(failing).rejects.toThrow('refused');
    await expect(throwing).rejects.toThrow('thrown at once');
    expect(await next).toBe('done');
  });

  test('refuses beyond its limit, for that key alone, and accepts tasks again when one has ended', async () => {
    const queue = new KeyedQueue(2);
    const log: string[] = [];
    const blocked = blockedTask('held', log);
    const running = [queue.run(['s'], blocked.task), queue.run(['s'], () => Promise.resolve('second'))];
    const refused = queue.run(['s'], () => Promise.resolve('third'));
    await expect(refused).rejects.toBeInstanceOf(QueueFullError);
    await expect(refused).rejects.toMatchObject({
      code: 'too-busy',
      message: expect.stringContaining('2 commands are already waiting for s'),
    });
    expect(await queue.run(['another'], () => Promise.resolve('fine'))).toBe('fine');
    blocked.letGo();
    await Promise.all(running);
    expect(await queue.run(['s'], () => Promise.resolve('again'))).toBe('again');
  });

  test('runs a task with several keys after the earlier ones of each', async () => {
    const queue = new KeyedQueue();
    const log: string[] = [];
    const [a, b, both] = [blockedTask('a', log), blockedTask('b', log), blockedTask('both', log)];
    const results = [
      queue.run(['s-1'], a.task),
      queue.run(['s-2'], b.task),
      queue.run(['s-1', 's-2'], both.task),
    ];
    b.letGo();
    both.letGo();
    await results[1];
    expect(log).not.toContain('both begins');
    a.letGo();
    await Promise.all(results);
    expect(log.slice(-3)).toEqual(['a ends', 'both begins', 'both ends']);
  });

  test('runs a task from within a task of another key', async () => {
    const queue = new KeyedQueue();
    const nested = queue.run(['s-1'], () => queue.run(['s-2'], () => Promise.resolve('inner')));
    expect(await nested).toBe('inner');
  });

  test('keeps the order of each key, for any arrivals and failures', async () => {
    const call = fc.record({
      stream: fc.constantFrom('a', 'b', 'c'),
      turns: fc.nat({ max: 3 }),
      fails: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(call, { maxLength: 30 }), async (calls) => {
        const queue = new KeyedQueue();
        const running = new Set<string>();
        const begun: Record<string, number[]> = {};
        const results = calls.map(({ stream, turns, fails }, index) =>
          queue.run([stream], async () => {
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
