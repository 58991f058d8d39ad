import { messageOf } from '#event-sourcing/errors';
import type { LogParts, StoredEntry } from '#event-sourcing/event-store';
import { Thread, threadModule } from '#threads/thread';
import type { FigureReader } from '#use-cases/log/event-figures';
import { UnpackedPage } from './examined-page.ts';
import type { Part } from './examined-page.ts';
import type { ExamineTasks } from './examine-worker.ts';

/** How many pages a thread has before it at a time: it never waits for the next, and no more of a log is in memory. */
const PAGES_AT_ONCE = 2;

/** Room for what an event leaves behind: with less, those that are in work are moved about in memory again and again. */
const YOUNG_MB = 64;

/** Threads that examine a log. */
export class ExaminerTeam {
  readonly #examiners: readonly Examiner[];
  /** Those that pages are given to. */
  #taking: readonly Examiner[];

  /** @param opened how each thread opens the log. */
  constructor(threads: number, opened: LogParts['opened']) {
    this.#examiners = Array.from({ length: threads }, () => new Examiner(opened));
    this.#taking = this.#examiners;
  }

  /** The parts as they were examined, in the order in which they are asked for; null for one that a thread cannot read. */
  async *inOrder(parts: AsyncIterable<Part>): AsyncGenerator<readonly [Part, UnpackedPage | null]> {
    const waiting: Promise<readonly [Part, UnpackedPage | null]>[] = [];
    for await (const part of parts) {
      const answer = this.#leastBusy()
        .examine(part)
        .then((page) => [part, page] as const);
      // It is awaited when those before it were judged.
      answer.catch(() => undefined);
      waiting.push(answer);
      if (waiting.length >= PAGES_AT_ONCE * this.#taking.length) yield await next(waiting);
    }
    while (waiting.length > 0) yield await next(waiting);
  }

  /** What is wrong beside the log's events; null where a thread cannot read it. */
  async beside(): Promise<StoredEntry[] | null> {
    const [examiner, ...others] = this.#examiners as [Examiner, ...Examiner[]];
    // It takes long, and nothing is to wait for it meanwhile.
    if (others.length > 0) this.#taking = others;
    try {
      return await examiner.ask('beside', true);
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

/** A thread that examines what it is asked. */
class Examiner extends Thread<ExamineTasks> {
  readonly #streams: string[] = [];
  readonly #reader: FigureReader = { streams: this.#streams };

  constructor(opened: LogParts['opened']) {
    super({
      module: threadModule('examine-worker', import.meta.url),
      data: opened,
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
      unavailable: (reason, options) => new Error(`A thread that verifies ${reason}`, options),
    });
  }

  /** Pages are unpacked in the order in which they come, since each tells the streams that those before it have not. */
  async examine(part: Part): Promise<UnpackedPage | null> {
    const packed = await this.ask('examine', part).catch((error: unknown) => {
      throw (
        this.lost ?? new Error(`A thread that verifies has failed: ${messageOf(error)}`, { cause: error })
      );
    });
    if (packed === null) return null;
    for (const streamId of packed.streams) this.#streams.push(streamId);
    return new UnpackedPage(packed, this.#reader);
  }
}
