import type { ElkNode } from 'elkjs/lib/elk.bundled.js';
import { systemClock } from '#event-sourcing/clock';
import type { Timer } from '#event-sourcing/clock';
import { messageOf } from '#event-sourcing/errors';
import { Thread, threadModule } from '#threads/thread';
import type { LayoutTasks } from './layout-worker.ts';

/** The timeout of a layout. The largest chart needs a tenth of it. */
const LAYOUT_MS_MAX = 10_000;
/** How long the thread is kept for the next chart, because it uses tens of megabytes. */
const IDLE_MS_MAX = 2_000;

export class LayoutError extends Error {
  override readonly name = 'LayoutError';
}

let thread: Thread<LayoutTasks> | null = null;
let idle: Timer | undefined;

/** Lays graphs out on a thread, so that other work is not blocked. */
export async function layOutGraphs(graphs: readonly ElkNode[]): Promise<readonly ElkNode[]> {
  idle?.close();
  const used = (thread ??= startThread());
  try {
    return await used.request('layout', graphs, LAYOUT_MS_MAX);
  } catch (error) {
    throw new LayoutError(`The chart cannot be laid out: ${messageOf(error)}`, { cause: error });
  } finally {
    if (used.pending === 0) idle = systemClock.after(() => void used.end(), IDLE_MS_MAX).unref();
  }
}

function startThread(): Thread<LayoutTasks> {
  const started = new Thread<LayoutTasks>({
    module: threadModule('layout-worker', import.meta.url),
    unavailable: (reason, options) => new Error(`its thread ${reason}`, options),
    onLost: () => {
      if (thread === started) thread = null;
    },
  });
  return started;
}
