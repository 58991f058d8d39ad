import { StoreUnavailableError } from '#event-sourcing/errors';
import type { Answer, Past, PastTasks } from '#lives/past';
import { PastNotReadyError } from '#lives/past-not-ready';
import {
  currentPerson,
  QueryTooSlowError,
  READ_MS_MAX,
  ReadAbandonedError,
} from '#projections/limited-reads';
import { InvalidCursorError } from '#projections/list-cursor';
import { READ_LIMITS, ReadThreads } from '#projections/read-threads';
import { Thread, threadModule } from '#threads/thread';
import type { PastOptions } from './past-worker.ts';
import type { StoreAddress } from './stores.ts';

/** The number of questions that the thread has at once. It answers those about known lives while it reads others. */
const AT_ONCE = 4;

/** Answers questions about the past on a thread of its own, which is started for the first question. */
export class PastThread implements Past {
  readonly #threads: ReadThreads<Thread<PastTasks>>;

  constructor(store: StoreAddress, onReplaced: (message: string) => void) {
    const data: PastOptions = { store };
    const { startMs, closeMs } = READ_LIMITS;
    this.#threads = new ReadThreads({
      atOnce: AT_ONCE,
      closeMs,
      start: (onLost): Thread<PastTasks> =>
        new Thread({
          module: threadModule('past-worker', import.meta.url),
          data,
          startMs,
          unavailable: (reason, options) => new StoreUnavailableError(`it ${reason}`, options),
          closed: () => new ReadAbandonedError(),
          onLost,
        }),
      onReplaced: (_, { message }) => {
        onReplaced(`The thread that reads the past was replaced: ${message}`);
      },
    });
  }

  ask<Name extends keyof PastTasks>(name: Name, question: object): Promise<Answer<Name>> {
    const asked = { ...question, who: currentPerson() ?? null } as Parameters<PastTasks[Name]>[0];
    return this.#threads.queue.run(async () => {
      const thread = this.#threads.acquire();
      // Others use the thread too.
      this.#threads.release(thread);
      try {
        return (await thread.request(name, asked)) as Answer<Name>;
      } catch (error) {
        throw ofItsClass(error);
      }
    });
  }

  close(): Promise<void> {
    return this.#threads.close();
  }
}

/** Returns an error of the thread with its class, which callers check. */
function ofItsClass(error: unknown): unknown {
  const { code, percent, message } = error as { code?: unknown; percent?: unknown; message?: string };
  if (code === 'past-not-ready') return new PastNotReadyError(Number(percent), message);
  if (code === 'query-too-slow') return new QueryTooSlowError(READ_MS_MAX, { cause: error });
  return code === 'invalid-cursor' ? new InvalidCursorError() : error;
}
