import { constants, getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import elk from 'elkjs/lib/elk.bundled.js';
import type { ElkNode } from 'elkjs/lib/elk.bundled.js';

export interface LayoutRequest {
  readonly id: number;
  readonly graphs: readonly ElkNode[];
}

export type LayoutAnswer =
  | { readonly id: number; readonly graphs: readonly ElkNode[] }
  | { readonly id: number; readonly failed: string };

/** Where a priority is a thread's: drawing waits where requests are answered and events written. A lower one is kept, as a higher one would be refused. */
function stepBack(): void {
  const { PRIORITY_BELOW_NORMAL } = constants.priority;
  if (process.platform !== 'linux') return;
  try {
    if (getPriority() < PRIORITY_BELOW_NORMAL) setPriority(PRIORITY_BELOW_NORMAL);
  } catch {
    // It draws all the same.
  }
}
stepBack();

const port = parentPort;
if (port === null) throw new Error('This module is the main module of a worker thread');
const engine = new elk.default();

async function answerTo({ id, graphs }: LayoutRequest): Promise<LayoutAnswer> {
  try {
    const placed: ElkNode[] = [];
    for (const graph of graphs) placed.push(await engine.layout(graph));
    return { id, graphs: placed };
  } catch (error) {
    return { id, failed: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (request: LayoutRequest) => {
  void answerTo(request).then((answer) => {
    port.postMessage(answer);
  });
});
