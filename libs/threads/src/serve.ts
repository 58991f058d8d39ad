import { constants, getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { encodeError, Moved, Outbox } from './messages.ts';
import type { Ask, Tasks, Told } from './messages.ts';

/** The thread's side of a service. */
export interface Served<Of extends Tasks = Tasks> {
  readonly tasks: Of;
  /** Releases resources after all requests are answered. */
  readonly close?: () => unknown;
}

interface Opens {
  open(data: unknown, tell: (report: unknown) => void): Served | Promise<Served>;
}
export type TasksOf<Open extends Opens['open']> = Awaited<ReturnType<Open>>['tasks'];

/**
 * Serves requests of the `Thread` that started this thread.
 * @param open receives the thread's start data and a function for unrequested reports. If it throws, every request
 * fails with its error.
 * @param turn the thread's priority; normal if omitted.
 */
export async function serve(open: Opens['open'], turn?: Turn): Promise<void> {
  const port = parentPort;
  if (port === null) throw new Error('This module is the main module of a worker thread');
  if (turn !== undefined) stepBack(turn);
  const outbox = new Outbox<Told>((told, moved) => {
    port.postMessage(told, moved);
  });
  const underWay = new Set<Promise<void>>();
  try {
    const { tasks, close } = await open(workerData, (report) => {
      outbox.add({ report });
    });
    port.on('message', (asks: readonly (Ask | 'close')[]) => {
      for (const ask of asks) {
        if (ask === 'close') void end(close);
        else track(answer(tasks, ask, outbox));
      }
    });
    outbox.add('ready');
  } catch (error) {
    outbox.add({ unusable: encodeError(error) });
  }

  function track(work: Promise<void> | undefined): void {
    if (work === undefined) return;
    underWay.add(work);
    void work.then(() => underWay.delete(work));
  }

  async function end(close: Served['close']): Promise<void> {
    await Promise.all(underWay);
    await close?.();
    outbox.flush();
    port?.close();
  }
}

/** Answers synchronous tasks at once. */
function answer(tasks: Tasks, [id, name, input]: Ask, outbox: Outbox<Told>): Promise<void> | undefined {
  const failed = (error: unknown): void => {
    if (id !== null) outbox.add({ id, failed: encodeError(error) });
  };
  const given = (output: unknown): void => {
    if (id === null) return;
    if (output instanceof Moved) outbox.add({ id, output: output.output as unknown }, output.buffers);
    else outbox.add({ id, output });
  };
  try {
    const output = tasks[name]?.(input);
    if (output instanceof Promise) return output.then(given, failed);
    given(output);
  } catch (error) {
    failed(error);
  }
  return undefined;
}

/** On other systems the priority would apply to the whole process. */
const IS_A_THREADS = process.platform === 'linux';

/** A thread's priority: `behind` request handling and appends, for projections; `last`, for background reads. */
type Turn = 'behind' | 'last';

const { PRIORITY_BELOW_NORMAL, PRIORITY_LOW } = constants.priority;
const PRIORITIES: Readonly<Record<Turn, number>> = { behind: PRIORITY_BELOW_NORMAL, last: PRIORITY_LOW };

/** Lowers this thread's priority. If the process has a lower one already, the thread keeps that: raising it would be refused. */
function stepBack(turn: Turn): void {
  if (!IS_A_THREADS) return;
  try {
    if (getPriority() < PRIORITIES[turn]) setPriority(PRIORITIES[turn]);
  } catch {
    // If that is not permitted, the work is done with normal priority.
  }
}
