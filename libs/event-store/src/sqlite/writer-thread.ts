import type { Envelope } from '#event-sourcing/envelope';
import { ByTurns } from '#event-sourcing/by-turns';
import { StoreUnavailableError } from '#event-sourcing/errors';
import type { AppendedEvent, AppendResult, Commit } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { Thread, threadModule } from '#threads/thread';
import { parseEnvelope } from '../parse-envelope.ts';
import type { Erasure, WriteRequest } from './log-writer.ts';
import type { Grown, WriterAnswer, WriterOptions, WriterTasks } from './writer-worker.ts';

/** The most waiting requests. Others are refused at once, so that waits do not grow without limit. */
export const REQUESTS_WAITING_MAX = 10_000;

/** The caller's side of the writer thread. Results arrive in the order of the requests. */
export class WriterThread {
  readonly #thread: Thread<WriterTasks, Grown>;
  readonly #turns = new ByTurns();
  #waiting = 0;

  private constructor(thread: Thread<WriterTasks, Grown>) {
    this.#thread = thread;
  }

  /**
   * Starts the thread.
   * @throws StoreUnavailableError if it cannot open the file or load its sealer.
   */
  static async start(options: WriterOptions, onGrown: (grown: Grown) => void): Promise<WriterThread> {
    const thread = new Thread<WriterTasks, Grown>({
      module: threadModule('writer-worker', import.meta.url),
      data: options,
      unavailable: (reason, cause) =>
        new StoreUnavailableError(`the writer of the event store ${reason}`, cause),
      onReport: onGrown,
    });
    await thread.whenStarted();
    return new WriterThread(thread);
  }

  async append(commit: Commit): Promise<AppendResult> {
    const answer = await this.#request({ append: commit });
    if ('repeated' in answer) return { repeated: true, events: answer.repeated.map(parseEnvelope) };
    if (!('appended' in answer)) throw new Error('the writer returned no result of an append');
    return { repeated: false, events: appendedEvents(commit, answer.appended) };
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    await this.#request({ appendSealed: events });
  }

  async erase(erasure: Erasure): Promise<void> {
    await this.#request({ erase: erasure });
  }

  /** Waits for earlier requests, and then ends the thread. */
  close(): Promise<void> {
    return this.#thread.close();
  }

  async #request(request: WriteRequest): Promise<WriterAnswer> {
    if (this.#waiting >= REQUESTS_WAITING_MAX)
      throw new StoreUnavailableError(
        `the event store is busy: ${REQUESTS_WAITING_MAX} requests are waiting; try again later`,
      );
    this.#waiting += 1;
    try {
      return await this.#thread.request('write', request);
    } finally {
      // Callers of one transaction continue in batches, so that they do not block the event loop together.
      await new Promise<void>((resolve) => {
        this.#turns.admit(resolve);
      });
      this.#waiting -= 1;
    }
  }
}

function appendedEvents(
  { appends }: Commit,
  { position, recordedAt, eventIds }: { position: number; recordedAt: string; eventIds: string[] },
): AppendedEvent[] {
  const events: AppendedEvent[] = [];
  for (const { streamId, expectedVersion, events: drafts } of appends) {
    drafts.forEach(({ type }, index) => {
      const eventId: Envelope['eventId'] = eventIds[events.length] ?? '';
      const version = expectedVersion + index + 1;
      events.push({
        eventId,
        streamId,
        type,
        version,
        position: String(position + events.length),
        recordedAt,
      });
    });
  }
  return events;
}
