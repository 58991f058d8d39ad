import { setImmediate } from 'node:timers/promises';
import type { Sealer } from '#event-sourcing/sealer';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
import { GroupQueue } from '../group-queue.ts';
import { openWriter } from './database.ts';
import { LogWriter } from './log-writer.ts';
import type { WriteOutcome, WriteRequest } from './log-writer.ts';

export interface WriterOptions {
  readonly path: string;
  /** The URL of a module that exports `createSealer`. */
  readonly sealerModule: string;
}

/**
 * A transaction that extended the log: its number of events, and of callers (without those of events sealed elsewhere).
 */
export interface Grown {
  readonly commits: number;
  readonly events: number;
}

export type WriterTasks = TasksOf<typeof openTasks>;
export type WriterAnswer = Exclude<WriteOutcome, { failed: unknown }>;

/** The smallest group that is split: splitting a smaller one costs more than it saves. */
const GROUP_REQUESTS_MIN = 32;
const GROUP_REQUESTS_MAX = 128;

/** Reports the growth of the log by a transaction. */
function reportGrown(outcomes: readonly WriteOutcome[], grew: (grown: Grown) => void): void {
  const appended = outcomes.filter((outcome) => 'appended' in outcome);
  const events = appended.reduce((sum, each) => sum + each.appended.eventIds.length, 0);
  if (appended.length > 0 || outcomes.some((outcome) => 'appendedSealed' in outcome))
    grew({ commits: appended.length, events });
}

async function openTasks({ path, sealerModule }: WriterOptions, grew: (grown: Grown) => void) {
  const { createSealer } = (await import(sealerModule)) as { createSealer: () => Sealer };
  const writer = new LogWriter(openWriter(path), createSealer());
  const queue = new GroupQueue<WriteRequest, WriterAnswer>({
    // Writes half of the requests, so that the writer has work while the callers of the first half continue and send
    // again.
    sizeOf: (waiting) => Math.max(GROUP_REQUESTS_MIN, Math.min(Math.ceil(waiting / 2), GROUP_REQUESTS_MAX)),
    write(group) {
      const outcomes = writer.writeGroup(group);
      reportGrown(outcomes, grew);
      return outcomes;
    },
    // New requests can arrive, and results leave, in this turn.
    turn: setImmediate,
    settle: () => {
      writer.checkpoint();
    },
  });
  return {
    tasks: { write: (request: WriteRequest) => queue.add(request) },
    async close() {
      await queue.settled();
      writer.close();
    },
  };
}

await serve(openTasks);
