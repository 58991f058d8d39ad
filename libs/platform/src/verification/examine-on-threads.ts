import { availableParallelism } from 'node:os';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { EventStore, StoredEntry, StoredRow } from '#event-sourcing/event-store';
import { entryOf } from '#event-store/inspect-row';
import { examineEntry } from '#use-cases/log/examine-entry';
import type { ExaminedEntry } from '#use-cases/log/examine-entry';
import { unpackPage } from './examined-page.ts';
import type { ExaminedPage } from './examined-page.ts';

/** So many events are examined in less time than threads take to start. */
const EXAMINED_HERE = 5_000;
/** How many pages a thread has before it at a time: it never waits for the next, and no more of a log is in memory. */
const PAGES_AT_ONCE = 2;

/** How a log is shared out; the defaults are for a process that does nothing else. */
export interface Threads {
  /** How many: as many as there are processors. */
  readonly threads?: number;
  /** How many events are examined without threads. */
  readonly here?: number;
}

/** The entries of the whole store in their order, examined on all processors. */
export async function* examineOnThreads(
  store: Pick<EventStore, 'inspectRows'>,
  { threads = availableParallelism(), here = EXAMINED_HERE }: Threads = {},
): AsyncGenerator<readonly ExaminedEntry[]> {
  const pages = store.inspectRows();
  let events = 0;
  while (events < here) {
    const next = await pages.next();
    if (next.done === true) return;
    const page = next.value;
    yield page.map((row) => examineEntry(entryOf(row)));
    events += page.length;
  }
  const examiners = Array.from({ length: threads }, () => new Examiner());
  try {
    yield* inOrder(pages, examiners);
  } finally {
    await Promise.all(examiners.map((examiner) => examiner.end()));
  }
}

async function* inOrder(
  pages: AsyncIterable<readonly (StoredEntry | StoredRow)[]>,
  examiners: readonly Examiner[],
): AsyncGenerator<readonly ExaminedEntry[]> {
  const waiting: Promise<ExaminedPage>[] = [];
  const next = async (): Promise<ExaminedEntry[]> =>
    unpackPage(await (waiting.shift() as Promise<ExaminedPage>));
  let asked = 0;
  for await (const page of pages) {
    const examiner = examiners[asked % examiners.length] as Examiner;
    asked += 1;
    const examined = examiner.examine(page);
    // It is awaited when those before it were judged.
    examined.catch(() => undefined);
    waiting.push(examined);
    if (waiting.length >= PAGES_AT_ONCE * examiners.length) yield await next();
  }
  while (waiting.length > 0) yield await next();
}

/** A thread that examines pages, one after another. What ends it fails every page that it has not answered. */
class Examiner {
  readonly #worker: Worker;
  readonly #waiting: PromiseWithResolvers<ExaminedPage>[] = [];
  #failure: Error | null = null;

  constructor() {
    // The source runs as it is under Node 26; what was built has its extension.
    this.#worker = new Worker(new URL(`./examine-worker${extname(import.meta.url)}`, import.meta.url));
    this.#worker.on('message', (page: ExaminedPage) => this.#waiting.shift()?.resolve(page));
    this.#worker.on('error', (error: Error) => {
      this.#fail(new Error(`A thread that verifies has failed: ${error.message}`, { cause: error }));
    });
    this.#worker.on('exit', (code) => {
      this.#fail(new Error(`A thread that verifies has ended by itself (${code})`));
    });
  }

  examine(rows: readonly (StoredEntry | StoredRow)[]): Promise<ExaminedPage> {
    const answer = Promise.withResolvers<ExaminedPage>();
    if (this.#failure === null) {
      this.#waiting.push(answer);
      this.#worker.postMessage(rows);
    } else answer.reject(this.#failure);
    return answer.promise;
  }

  async end(): Promise<void> {
    await this.#worker.terminate();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}
