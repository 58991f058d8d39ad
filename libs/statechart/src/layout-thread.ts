import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ElkNode } from 'elkjs/lib/elk.bundled.js';
import type { LayoutAnswer, LayoutRequest } from './layout-worker.ts';

/** How long a layout may take; the largest of ours takes a tenth of it. */
const LAYOUT_MS_MAX = 10_000;
/** How long the thread is kept for a next chart: it holds some tens of megabytes. */
const IDLE_MS_MAX = 2_000;

/** Why there is no layout. */
export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

interface Waiting {
  readonly resolve: (graphs: readonly ElkNode[]) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that lays graphs out while anybody asks, and keeps no process from ending. */
class LayoutThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #asked = 0;
  #idle: NodeJS.Timeout | undefined;
  isUsable = true;

  constructor() {
    // The source runs as it is under Node 26; what was built has its extension.
    this.#worker = new Worker(new URL(`./layout-worker${extname(import.meta.url)}`, import.meta.url));
    this.#worker.unref();
    this.#worker.on('message', (answer: LayoutAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      if ('graphs' in answer) waiting?.resolve(answer.graphs);
      else waiting?.reject(new LayoutError(`The chart cannot be laid out: ${answer.failed}`));
    });
    this.#worker.on('error', (error: Error) => {
      this.#end(new LayoutError(`The chart cannot be laid out: ${error.message}`, { cause: error }));
    });
    this.#worker.on('exit', () => {
      this.#end(new LayoutError('The chart cannot be laid out: the thread has ended'));
    });
  }

  async layout(graphs: readonly ElkNode[]): Promise<readonly ElkNode[]> {
    const id = (this.#asked += 1);
    const { promise, resolve, reject } = Promise.withResolvers<readonly ElkNode[]>();
    clearTimeout(this.#idle);
    this.#waiting.set(id, { resolve, reject });
    const late = setTimeout(() => {
      this.#end(new LayoutError(`The chart cannot be laid out within ${LAYOUT_MS_MAX / 1_000} s`));
    }, LAYOUT_MS_MAX);
    this.#worker.ref();
    this.#worker.postMessage({ id, graphs } satisfies LayoutRequest);
    try {
      return await promise;
    } finally {
      clearTimeout(late);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest();
    }
  }

  #rest(): void {
    this.#worker.unref();
    this.#idle = setTimeout(() => {
      this.#end(new LayoutError('The thread has nothing to do'));
    }, IDLE_MS_MAX).unref();
  }

  #end(error: Error): void {
    this.isUsable = false;
    for (const { reject } of this.#waiting.values()) reject(error);
    void this.#worker.terminate();
  }
}

let thread: LayoutThread | undefined;

/** Graphs with a place for everything in them, laid out where that holds up nobody. */
export function laidOutGraphs(graphs: readonly ElkNode[]): Promise<readonly ElkNode[]> {
  if (thread?.isUsable !== true) thread = new LayoutThread();
  return thread.layout(graphs);
}
