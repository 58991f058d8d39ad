import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { Envelope } from '#event-sourcing/envelope';
import { messageOf, StoreUnavailableError } from '#event-sourcing/errors';
import type { AppendedEvent, AppendResult, Commit } from '#event-sourcing/event-store';
import type { SealedEnvelope } from '#event-sourcing/sealer';
import { parseEnvelope } from '../parse-envelope.ts';
import type { Erasure, WriteRequest } from './log-writer.ts';
import { decodeError } from './thread-errors.ts';
import type { WriterAnswer, WriterMessage, WriterOptions, WriterReply } from './writer-worker.ts';

/** How many requests may wait for the writer: beyond, callers are told at once instead of waiting ever longer. */
export const REQUESTS_WAITING_MAX = 10_000;

interface Waiting {
  readonly resolve: (answer: Exclude<WriterAnswer, { failed: unknown }>) => void;
  readonly reject: (error: Error) => void;
}

/** How many callers are answered in one turn of the event loop: what each goes on to do would keep all others waiting. */
const ANSWERED_A_TURN = 8;

/** Told of each transaction that made the log grow: what it wrote, for how many callers (events sealed elsewhere not counted). */
export type OnAppended = (commits: number, events: number) => void;

/** The calling side of the writer's thread. Answers come in the order of the requests. */
export class WriterThread {
  readonly #worker: Worker;
  readonly #onAppended: OnAppended;
  /** Answered up to `#answered`; cut off now and then, as shifting an array of thousands is slow. */
  #waiting: Waiting[] = [];
  #answered = 0;
  /** Come from the thread, and not given to their callers yet. */
  #answers: WriterAnswer[] = [];
  /** Asked in this turn of the microtasks, and not posted yet. */
  #outbox: WriteRequest[] = [];
  /** Why nothing is taken any more. */
  #ended: StoreUnavailableError | undefined;

  private constructor(worker: Worker, onAppended: OnAppended) {
    this.#worker = worker;
    this.#onAppended = onAppended;
    worker.on('message', (answers: readonly WriterAnswer[]) => {
      this.#take(answers);
    });
    worker.on('error', (error: Error) => {
      this.#end(`the writer of the event store failed: ${error.message}`, error);
    });
    worker.on('exit', () => {
      this.#end('the writer of the event store has ended');
    });
  }

  /** @throws StoreUnavailableError when the thread cannot open the file or load its sealer. */
  static async start(options: WriterOptions, onAppended: OnAppended): Promise<WriterThread> {
    // The source runs as it is under Node 26; what was built has its extension.
    const worker = new Worker(new URL(`./writer-worker${extname(import.meta.url)}`, import.meta.url), {
      workerData: options,
    });
    const reply = await firstReply(worker);
    if ('ready' in reply) return new WriterThread(worker, onAppended);
    await worker.terminate();
    throw 'unusable' in reply
      ? decodeError(reply.unusable)
      : new Error('the writer answered before it was asked');
  }

  /** How many requests have no answer yet. */
  get waitingCount(): number {
    return this.#waiting.length - this.#answered;
  }

  async append(commit: Commit): Promise<AppendResult> {
    const answer = await this.#ask({ append: commit });
    if ('repeated' in answer) return { repeated: true, events: answer.repeated.map(parseEnvelope) };
    if (!('appended' in answer)) throw new Error('the writer answered an append with something else');
    return { repeated: false, events: appendedEvents(commit, answer.appended) };
  }

  async appendSealed(events: readonly SealedEnvelope[]): Promise<void> {
    await this.#ask({ appendSealed: events });
  }

  async erase(erasure: Erasure): Promise<void> {
    await this.#ask({ erase: erasure });
  }

  /** Waits for what was asked before, then ends the thread. */
  async close(): Promise<void> {
    if (this.#ended !== undefined) return;
    const exit = once(this.#worker, 'exit');
    this.#post();
    this.#worker.postMessage('close' satisfies WriterMessage);
    await exit;
  }

  #ask(request: WriteRequest): Promise<Exclude<WriterAnswer, { failed: unknown }>> {
    return new Promise((resolve, reject) => {
      if (this.#ended !== undefined) throw this.#ended;
      if (this.waitingCount >= REQUESTS_WAITING_MAX) {
        throw new StoreUnavailableError(`${REQUESTS_WAITING_MAX} requests wait for the event store already`);
      }
      this.#waiting.push({ resolve, reject });
      // Those whom one answer has woken ask together: one message for all costs a fraction of one each.
      if (this.#outbox.push(request) === 1) {
        queueMicrotask(() => {
          this.#post();
        });
      }
    });
  }

  #post(): void {
    if (this.#outbox.length === 0) return;
    this.#worker.postMessage(this.#outbox satisfies WriterMessage);
    this.#outbox = [];
  }

  /** The answers of one message are those of one transaction. */
  #take(answers: readonly WriterAnswer[]): void {
    const appended = answers.filter((answer) => 'appended' in answer);
    const events = appended.reduce((sum, answer) => sum + answer.appended.eventIds.length, 0);
    const isIdle = this.#answers.length === 0;
    this.#answers.push(...answers);
    if (isIdle) this.#settleSoon();
    const grown = appended.length > 0 || answers.some((answer) => 'appendedSealed' in answer);
    if (grown) this.#onAppended(appended.length, events);
  }

  /** Answers those callers who have waited longest. */
  #settle(count: number): void {
    for (const answer of this.#answers.splice(0, count)) {
      const waiting = this.#waiting[this.#answered++];
      if ('failed' in answer) waiting?.reject(decodeError(answer.failed));
      else waiting?.resolve(answer);
    }
    if (this.#answered > REQUESTS_WAITING_MAX || this.#answered === this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#answered);
      this.#answered = 0;
    }
  }

  /** Once a turn, and after what was read in it: were some answered with the message, that turn would have twice as many. */
  #settleSoon(): void {
    setImmediate(() => {
      this.#settle(ANSWERED_A_TURN);
      if (this.#answers.length > 0) this.#settleSoon();
    });
  }

  #end(message: string, cause?: Error): void {
    // What was stored is told first.
    this.#settle(Infinity);
    this.#ended ??= new StoreUnavailableError(message, { cause });
    const ended = this.#ended;
    const waiting = this.#waiting.slice(this.#answered);
    this.#waiting = [];
    this.#answered = 0;
    for (const { reject } of waiting) reject(ended);
  }
}

async function firstReply(worker: Worker): Promise<WriterReply> {
  const exited = once(worker, 'exit').then(() => {
    throw new Error('its thread has ended');
  });
  try {
    const [reply] = (await Promise.race([once(worker, 'message'), exited])) as [WriterReply];
    return reply;
  } catch (error) {
    const reason = messageOf(error);
    throw new StoreUnavailableError(`the writer of the event store does not start: ${reason}`, {
      cause: error,
    });
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
