import { setImmediate } from 'node:timers/promises';
import type { Sealer } from '#event-sourcing/sealer';
import { serve } from '#threads/serve';
import type { TasksOf } from '#threads/serve';
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

interface Waiting {
  readonly request: WriteRequest;
  readonly resolve: (answer: WriterAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** Writes waiting requests in groups. */
class GroupWriter {
  readonly #writer: LogWriter;
  readonly #grew: (grown: Grown) => void;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;

  constructor(writer: LogWriter, grew: (grown: Grown) => void) {
    this.#writer = writer;
    this.#grew = grew;
  }

  write(request: WriteRequest): Promise<WriterAnswer> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#writing ??= this.#writeAll();
    });
  }

  async close(): Promise<void> {
    await this.#writing;
    this.#writer.close();
  }

  async #writeAll(): Promise<void> {
    // New requests can arrive, and results leave, in this turn.
    await setImmediate();
    while (this.#waiting.length > 0) {
      this.#writeGroup();
      await setImmediate();
      this.#writer.checkpoint();
    }
    this.#writing = null;
  }

  #writeGroup(): void {
    // Writes half of the requests, so that the writer has work while the callers of the first half continue and send
    // again.
    const half = Math.min(Math.ceil(this.#waiting.length / 2), GROUP_REQUESTS_MAX);
    const group = this.#waiting.slice(0, Math.max(GROUP_REQUESTS_MIN, half));
    const outcomes = this.#writer.writeGroup(group.map(({ request }) => request));
    this.#waiting = this.#waiting.slice(outcomes.length);
    this.#reportGrown(outcomes);
    for (const [index, outcome] of outcomes.entries()) {
      if ('failed' in outcome) group[index]?.reject(outcome.failed);
      else group[index]?.resolve(outcome);
    }
  }

  #reportGrown(outcomes: readonly WriteOutcome[]): void {
    const appended = outcomes.filter((outcome) => 'appended' in outcome);
    const events = appended.reduce((sum, each) => sum + each.appended.eventIds.length, 0);
    if (appended.length > 0 || outcomes.some((outcome) => 'appendedSealed' in outcome))
      this.#grew({ commits: appended.length, events });
  }
}

async function openTasks({ path, sealerModule }: WriterOptions, grew: (grown: Grown) => void) {
  const { createSealer } = (await import(sealerModule)) as { createSealer: () => Sealer };
  const writer = new GroupWriter(new LogWriter(openWriter(path), createSealer()), grew);
  return {
    tasks: { write: (request: WriteRequest) => writer.write(request) },
    close: () => writer.close(),
  };
}

await serve(openTasks);
