import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError, Moved, Outbox } from './messages.ts';
import type { TaskRequest, Tasks, ThreadMessage } from './messages.ts';

/** The thread's side of a service. */
interface Served<Of extends Tasks = Tasks> {
  readonly tasks: Of;
  /** Releases resources after all requests are answered. */
  readonly close?: () => unknown;
}

interface Opens {
  open(data: unknown, sendReport: (report: unknown) => void): Served | Promise<Served>;
}
export type TasksOf<Open extends Opens['open']> = Awaited<ReturnType<Open>>['tasks'];

/**
 * Serves requests of the `Thread` that started this thread.
 * @param open receives the thread's start data and a function for unrequested reports. If it throws, every request fails with its error.
 * @param priority the thread's priority. By default, normal.
 */
export async function serve(open: Opens['open'], priority?: ThreadPriority): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('This module is the main module of a worker thread');
  if (priority !== undefined) lowerPriority(priority);
  const outbox = new Outbox<ThreadMessage>((messages, moved) => {
    port.postMessage(messages, moved);
  });
  const running = new Set<Promise<void>>();
  try {
    const { tasks, close } = await open(workerData, (report) => {
      outbox.add({ report });
    });
    port.on('message', (requests: readonly (TaskRequest | 'close')[]) => {
      for (const request of requests) {
        if (request === 'close') void end(close);
        else track(answer(tasks, request, outbox));
      }
    });
    outbox.add('ready');
  } catch (error) {
    outbox.add({ unusable: encodeError(error) });
  }

  function track(work: Promise<void> | undefined): void {
    if (work === undefined) return;
    running.add(work);
    void work.then(() => running.delete(work));
  }

  async function end(close: Served['close']): Promise<void> {
    await Promise.all(running);
    await close?.();
    outbox.flush();
    port?.close();
  }
}

/** Responds to a request: to a synchronous task at once. */
function answer(
  tasks: Tasks,
  [id, name, input]: TaskRequest,
  outbox: Outbox<ThreadMessage>,
): Promise<void> | undefined {
  const failed = (error: unknown): void => {
    if (id !== null) outbox.add({ id, failed: encodeError(error) });
  };
  const succeeded = (output: unknown): void => {
    if (id === null) return;
    if (output instanceof Moved) outbox.add({ id, output: output.output as unknown }, output.buffers);
    else outbox.add({ id, output });
  };
  try {
    const output = tasks[name]?.(input);
    if (output instanceof Promise) return output.then(succeeded, failed);
    succeeded(output);
  } catch (error) {
    failed(error);
  }
  return undefined;
}

/** Whether a thread has its own priority. On other systems, setting it would change the whole process's. */
const IS_A_THREADS = process.platform === 'linux';

/** A thread's priority: `behind` request handling and appends, for projections; `last`, for background reads. */
type ThreadPriority = 'behind' | 'last';

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
const PRIORITIES: Readonly<Record<ThreadPriority, number>> = {
  behind: PRIORITY_BELOW_NORMAL,
  last: PRIORITY_LOW,
};

/** Lowers this thread's priority. If the process already has a lower priority, the thread keeps it, because raising it would be refused. */
function lowerPriority(turn: ThreadPriority): void {
  if (!IS_A_THREADS) return;
  try {
    if (getPriority() < PRIORITIES[turn]) setPriority(PRIORITIES[turn]);
  } catch {
    // If that is not permitted, the thread works with normal priority.
  }
}
