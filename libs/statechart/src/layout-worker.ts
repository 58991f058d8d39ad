import elk from 'elkjs/lib/elk.bundled.js';
import type { ElkNode } from 'elkjs/lib/elk.bundled.js';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';

export type LayoutTasks = TasksOf<typeof openLayout>;

function openLayout() {
  const engine = new elk.default();
  return {
    tasks: {
      async layout(graphs: readonly ElkNode[]): Promise<readonly ElkNode[]> {
        const placed: ElkNode[] = [];
        for (const graph of graphs) placed.push(await engine.layout(graph));
        return placed;
      },
    },
  };
}

// A lower priority than that of requests and writes.
await serve(openLayout, 'behind');
