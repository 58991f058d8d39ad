import { setTimeout as sleep } from 'node:timers/promises';
import { StoreDamagedError } from '#event-sourcing/errors';
import { Moved } from '#threads/messages';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';

/** The manner in which the thread starts. */
export type Start = 'at once' | 'never' | 'failing';
export type TriedTasks = TasksOf<typeof open>;

async function open(start: Start, log: (report: string) => void) {
  if (start === 'never') await sleep(60_000);
  if (start === 'failing')
    throw new StoreDamagedError({ position: '1', streamId: null, version: null }, 'torn');
  return {
    tasks: {
      double: (number: number): number => 2 * number,
      async after(ms: number): Promise<number> {
        await sleep(ms);
        return ms;
      },
      fail(reason: string): never {
        throw new StoreDamagedError({ position: '7', streamId: 's', version: 2 }, reason);
      },
      bytes(length: number): Moved<{ readonly bytes: Uint8Array; readonly isHere: boolean }> {
        const bytes = new Uint8Array(length).fill(7);
        return new Moved({ bytes, isHere: true }, [bytes.buffer]);
      },
      report(text: string): string {
        log(text);
        return text.toUpperCase();
      },
      exit(code: number): void {
        process.exit(code);
      },
      crash(reason: string): void {
        queueMicrotask(() => {
          throw new Error(reason);
        });
      },
      spin(): void {
        for (;;);
      },
    },
    close: () => {
      log('closed');
    },
  };
}

await serve(open);
