import { messageOf } from '#event-sourcing/errors';
import type { LogParts, StoredEntry } from '#event-sourcing/event-store';
import { Thread, threadModule } from '#threads/thread';
import type { FigureReader } from '#use-cases/log/event-figures';
import { UnpackedPage } from './examined-page.ts';
import type { Part } from './examined-page.ts';
import type { ExamineTasks } from './examine-worker.ts';

/** The number of pages queued per thread: enough that no thread waits, without more of the log in memory. */
const PAGES_AT_ONCE = 2;

/** The size of the heap's young generation. In a smaller one, live objects are copied again and again. */
const YOUNG_MB = 64;

/** Threads that examine a log. */
export class ExaminerTeam {
  readonly #examiners: readonly Examiner[];
  /** The threads that receive pages. */
  #taking: readonly Examiner[];

  /** @param opened the input with which each thread opens the log */
  constructor(threads: number, opened: LogParts['opened']) {
    this.#examiners = Array.from({ length: threads }, () => new Examiner(opened));
    this.#taking = this.#examiners;
  }

  /** Yields the examined parts in order; null for a part that a thread cannot read. */
  async *inOrder(parts: AsyncIterable<Part>): AsyncGenerator<readonly [Part, UnpackedPage | null]> {
    const waiting: Promise<readonly [Part, UnpackedPage | null]>[] = [];
    for await (const part of parts) {
      const answer = this.#leastBusy()
        .examine(part)
        .then((page) => [part, page] as const);
      // Awaited after the earlier pages were checked.
      answer.catch(() => undefined);
      waiting.push(answer);
      if (waiting.length >= PAGES_AT_ONCE * this.#taking.length) yield await next(waiting);
    }
    while (waiting.length > 0) yield await next(waiting);
  }

  /** Returns the faults outside the log's events; null if a thread cannot read the store. */
  async beside(): Promise<StoredEntry[] | null> {
    const [examiner, ...others] = this.#examiners as [Examiner, ...Examiner[]];
    // This is slow, so its thread receives no pages in the meantime.
    if (others.length > 0) this.#taking = others;
    try {
      return await examiner.request('beside', true);
    } finally {
      this.#taking = this.#examiners;
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#examiners.map((examiner) => examiner.end()));
  }

  #leastBusy(): Examiner {
    return this.#taking.reduce((least, each) => (each.pending < least.pending ? each : least));
  }
}

const next = <Answer>(waiting: Promise<Answer>[]): Promise<Answer> => waiting.shift() as Promise<Answer>;

/** A thread that examines parts on request. */
class Examiner extends Thread<ExamineTasks> {
  readonly #streams: string[] = [];
  readonly #reader: FigureReader = { streams: this.#streams };

  constructor(opened: LogParts['opened']) {
    super({
      module: threadModule('examine-worker', import.meta.url),
      data: opened,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      unavailable: (reason, options) => new Error(`A verification thread ${reason}`, options),
    });
  }

  /** Examines a part. Pages are unpacked in order, because each names only streams that earlier pages did not. */
  async examine(part: Part): Promise<UnpackedPage | null> {
    const packed = await this.request('examine', part).catch((error: unknown) => {
      throw this.lost ?? new Error(`A verification thread failed: ${messageOf(error)}`, { cause: error });
    });
    if (packed === null) return null;
    for (const streamId of packed.streams) this.#streams.push(streamId);
    return new UnpackedPage(packed, this.#reader);
  }
}
